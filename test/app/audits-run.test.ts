import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { instantOf } from '../../src/fields/instant.ts';
import { parts } from '../../src/parts.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { graphSource, testFolder, writeConfig } from '../support/connector-config.ts';
import { FastClock } from '../support/fast-clock.ts';

test('a running connector audits its sources by itself, and what live reading has skipped is delivered', async () => {
  const folder = testFolder();
  const startMs = Math.floor(Date.now() / 1000) * 1000;
  const clock = new FastClock(900, startMs, () => 0.5, 5);
  const simulator = await startSimulator({
    seed: 5,
    ratePerMinute: 0,
    historyAlerts: 40,
    historySpanMs: 6 * 3_600_000,
    visibilityLagMs: 0,
    clock,
  });
  onTestFinished(() => simulator.close());
  const path = writeConfig(folder, simulator, {
    sources: [{ ...graphSource, overlap: '15m' }],
    sinks: [{ name: 'file', type: 'file', path: './alerts.json', format: 'json' }],
    rest: { audit: { every: '6h' }, shutdown: { grace: '1s' } },
  });
  const store = openSqliteStore(join(folder, 'state.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  // As a defect would have it: the source counts as read up to now, and nothing of the last day was.
  await store.accept({
    source: 'alerts',
    records: [],
    updates: 'all',
    watermark: instantOf(startMs - 1000),
    counters: { 'known-from/alerts': startMs - 86_400_000 },
    nowMs: startMs,
  });

  const options = { store, telemetry: new Telemetry(), clock, log: silentLog };
  const app = await createApp(loadConfig(path, parts, {}), options);
  onTestFinished(() => app[Symbol.asyncDispose]());
  const stop = new AbortController();
  const running = app.run(stop.signal);
  await vi.waitFor(async () => expect(await store.audits('alerts')).not.toEqual([]), { timeout: 30_000 });
  stop.abort();
  await running;
  const [audit] = await store.audits('alerts');
  expect(audit?.healed).toBeGreaterThan(20);
  expect(audit?.expected).toBe((audit?.accepted ?? 0) + (audit?.healed ?? 0));
});
