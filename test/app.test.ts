import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config/load.ts';
import { parts } from '../src/parts.ts';
import { type Clock, systemClock } from '../src/runtime/clock.ts';
import { silentLog } from '../src/runtime/log.ts';
import { Telemetry } from '../src/runtime/telemetry.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { stillSimulator, testFolder, writeConfig } from './support/connector-config.ts';
import { recordOf } from './support/model-api.ts';
import { SyslogReceiver } from './support/syslog-receiver.ts';

/** An app that reads a simulator of 60 alerts into a sink on this port. */
async function anApp(port: number, change: (store: Store) => Partial<Store>, clock: Clock = systemClock) {
  const folder = testFolder();
  const sink = { name: 'siem', type: 'syslog', host: '127.0.0.1', port, transport: 'tcp' };
  const rest = { shutdown: { grace: '50ms' } };
  const path = writeConfig(folder, await stillSimulator(), { sinks: [sink], rest });
  const sqlite = openSqliteStore(join(folder, 'state.db'));
  onTestFinished(() => sqlite[Symbol.asyncDispose]());
  const store = { ...sqlite, ...change(sqlite) };
  const options = { store, telemetry: new Telemetry(), clock, log: silentLog };
  const app = await createApp(loadConfig(path, parts, {}), options);
  onTestFinished(() => app[Symbol.asyncDispose]());
  return { app, store };
}

async function closedPort(): Promise<number> {
  await using receiver = await SyslogReceiver.listen();
  return receiver.port;
}

test('a signal to stop that came before the run began ends it too, though the sink is down', async () => {
  const { app, store } = await anApp(await closedPort(), () => ({}));
  const record = recordOf({ id: 'a', created: 0, updated: '2026-11-03T08:00:00.0000000Z' as never });
  await store.accept({ source: 'alerts', records: [record], updates: 'all', nowMs: Date.now() });
  await app.run(AbortSignal.abort());
  expect(await store.offset('siem')).toBe(0);
});

test('what does not end holds up no stop, and hides no bug', async () => {
  const pruning = { prune: () => new Promise<number>(() => {}) };
  const { app } = await anApp(await closedPort(), () => pruning);
  await app.run(AbortSignal.abort());
  const failing = { ...pruning, readJournal: () => Promise.reject(new Error('constraint failed')) };
  const other = await anApp(await closedPort(), () => failing);
  await expect(other.app.run(new AbortController().signal)).rejects.toThrow('constraint failed');
});

test('a bug in one part ends all the others, and is thrown', async () => {
  const stops: (AbortSignal | undefined)[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep(ms, signal) {
      stops.push(signal);
      return systemClock.sleep(ms, signal);
    },
  };
  const failing = { readJournal: () => Promise.reject(new Error('constraint failed')) };
  const { app } = await anApp(await closedPort(), () => failing, clock);
  await expect(app.run(new AbortController().signal)).rejects.toThrow('constraint failed');
  expect(stops.length).toBeGreaterThan(0);
  expect(stops.every((signal) => signal?.aborted)).toBe(true);
});

test('one round delivers while it collects: a full store waits for that to make room', async () => {
  await using receiver = await SyslogReceiver.listen();
  const delivered = Promise.withResolvers<void>();
  const { app } = await anApp(receiver.port, (store) => ({
    async acknowledge(...facts) {
      await store.acknowledge(...facts);
      delivered.resolve();
    },
    async recordRun(...facts) {
      await delivered.promise;
      await store.recordRun(...facts);
    },
  }));
  const result = await app.once(new AbortController().signal);
  expect(result).toEqual({ failure: undefined, drained: true });
  expect((await receiver.received(60)).length).toBe(60);
});
