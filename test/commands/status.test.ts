import { join } from 'node:path';
import { expect, test } from 'vitest';
import { instantOf } from '../../src/fields/instant.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';

test('status tells how late records come, what the last audit found, and what is set aside', async () => {
  const folder = testFolder();
  const config = writeConfig(folder, await stillSimulator(), {
    sinks: [{ name: 'siem', type: 'file', path: './alerts.json', format: 'json' }],
  });
  const nowMs = Date.now();
  const span = { from: instantOf(nowMs - 7_200_000), to: instantOf(nowMs - 3_600_000) };
  const store = openSqliteStore(join(folder, 'state.db'));
  await store.accept({ source: 'alerts', records: [], updates: 'all', watermark: instantOf(nowMs), nowMs });
  await store.recordLateness('alerts', { histogram: '', p999Ms: 600_000, overlapMs: 1_200_000 });
  await store.recordAudit('alerts', { ...span, expected: 12, accepted: 9, healed: 2, atMs: nowMs });
  await store.recordGap('alerts', { ...span, reason: '500' }, nowMs);
  await store[Symbol.asyncDispose]();

  const text = await runInProcess(['status', '--config', config]);
  expect(text.code).toBe(1);
  expect(text.stdout).toContain('overlap 20m (99.9 % late by 10m or less)');
  expect(text.stdout).toContain(
    'expected 12, accepted 9, healed 2, gaps 1\n    problem: a span could not be read',
  );
  expect(text.stdout).toContain(`it is ${span.from} to ${span.to}, tried once: 500`);
  expect(text.stdout).toMatch(/^store: ok, 1 MiB of \d+ MiB\nsources\n {2}alerts: NOT OK, graph-alerts/);
  expect(text.stdout).toMatch(/\nnot healthy: source alerts\n$/);
  expect(text.stdout).toContain('found 1 records missing');

  const json = await runInProcess(['status', '--config', config, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    healthy: false,
    sources: [
      {
        overlapMs: 1_200_000,
        lateMs: 600_000,
        gaps: 1,
        audit: { ...span, expected: 12, accepted: 9, healed: 2 },
      },
    ],
  });
});
