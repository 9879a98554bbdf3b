import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { queueJob } from '../../src/store/queue-job.ts';
import { openSqliteReader, openSqliteStore } from '../../src/store/sqlite.ts';
import { page, record, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

let place: ReturnType<typeof storePlace>;
beforeEach(() => {
  place = storePlace();
});
afterEach(() => place[Symbol.dispose]());

test('a job is queued beside the process that has the store, which finds it and keeps its lock', async () => {
  await using store = openSqliteStore(place.path);
  const first = queueJob(place.path, 'replay', '{"sink":"one"}', startMs);
  await store.accept(page([record('a')]));
  const second = queueJob(place.path, 'backfill', '{}', startMs + 1);
  expect((await store.jobs()).map(({ id, kind }) => [id, kind])).toEqual([
    [second, 'backfill'],
    [first, 'replay'],
  ]);
  await store.advanceJob(first, { cursor: '7', done: 7 });
  await using reader = openSqliteReader(place.path);
  expect((await reader.jobs()).at(-1)).toMatchObject({
    id: first,
    cursor: '7',
    done: 7,
    endedAtMs: undefined,
  });
  expect(() => openSqliteStore(place.path)).toThrow(/is using it/);
});

test('a queued job holds rows back from the moment it is queued', async () => {
  await using store = openSqliteStore(place.path);
  await store.registerSinks(['one'], startMs);
  for (const id of ['a', 'b']) await store.accept(page([record(id)]));
  await store.acknowledge('one', 2, []);
  queueJob(place.path, 'replay', '', startMs, { keepFrom: 2 });
  expect(await store.prune(startMs + 1)).toBe(1);
});

test('queueing makes no store, and leaves one of another release as it is', async () => {
  expect(() => queueJob(place.path, 'replay', '', startMs)).toThrow(/there is none yet/);
  expect(readdirSync(dirname(place.path))).toEqual([]);
  writeFileSync(place.path, '');
  expect(() => queueJob(place.path, 'replay', '', startMs)).toThrow(/earlier release/);
  await openSqliteStore(place.path)[Symbol.asyncDispose]();
  const db = new DatabaseSync(place.path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(() => queueJob(place.path, 'replay', '', startMs)).toThrow(/later release/);
  expect(existsSync(`${place.path}-reserve`)).toBe(false);
});
