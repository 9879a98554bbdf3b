import { expect, test } from 'vitest';
import { addMs, type Instant, instantOf, parseInstant } from '../../src/fields/instant.ts';
import { performBackfill } from '../../src/jobs/backfill.ts';
import { type BackfillSpec, backfillCursor, readJob, readText } from '../../src/jobs/spec.ts';
import { createSpanReader } from '../../src/sources/span-reader.ts';
import type { StoredJob } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { ModelApi } from '../support/model-api.ts';

const never = new AbortController().signal;
const start = parseInstant('2026-11-03T02:00:00Z') as Instant;
const end = parseInstant('2026-11-03T08:00:00Z') as Instant;

/** A backfill of six hours with an alert each four minutes. */
function setUp(api = new ModelApi(20)) {
  for (let i = 0; i < 90; i++) api.add(addMs(start, i * 240_000 + 1234));
  const store = new MemoryStore();
  const clock = new FakeClock();
  const spec: BackfillSpec = { version: 1, source: 'alerts', asked: '', from: start, to: end };
  let stored: StoredJob = {
    id: 1,
    kind: 'backfill',
    spec: JSON.stringify(spec),
    cursor: undefined,
    done: 0,
    createdAtMs: 0,
    endedAtMs: undefined,
    error: undefined,
  };
  const perform = (signal = never) => {
    const job = readJob(stored);
    if (job?.kind !== 'backfill') throw new Error('no backfill');
    return performBackfill(
      job,
      {
        store: {
          async advanceJob(_id, progress) {
            stored = { ...stored, ...progress };
          },
        },
        openReader: (onAccepted) =>
          createSpanReader({
            source: 'alerts',
            api,
            store,
            updates: 'all',
            onAccepted,
            wanted: () => true,
            room: async () => {},
            clock,
          }),
      },
      signal,
    );
  };
  return {
    api,
    store,
    perform,
    cursor: () => readText(backfillCursor, stored.cursor),
    done: () => stored.done,
  };
}

test('reads its span behind all live reads, and leaves the watermark where it is', async () => {
  const { api, store, perform, cursor, done } = setUp();
  await perform();
  expect(store.accepted).toHaveLength(90);
  expect(cursor()).toEqual({ version: 1, upTo: end, read: 90, accepted: 90, repeated: 0, gaps: 0 });
  expect(done()).toBe(90);
  expect(new Set(api.requests.map(({ priority }) => priority))).toEqual(new Set(['backlog']));
  expect(await store.watermark()).toBeUndefined();
});

test('goes on where it was when it was ended in the middle, and drops what is known', async () => {
  const { api, store, perform, cursor } = setUp();
  const stop = new AbortController();
  let reads = 0;
  api.beforeRead = () => {
    if (++reads === 4) throw stop.signal.reason ?? new Error('the process ended');
  };
  await expect(perform(stop.signal)).rejects.toThrow('the process ended');
  const upTo = cursor()?.upTo ?? end;
  expect(upTo > start && upTo < end).toBe(true);
  api.beforeRead = () => {};
  const before = api.requests.length;
  await perform();
  expect(api.requests.slice(before).every(({ window }) => window.from >= upTo)).toBe(true);
  expect(store.accepted).toHaveLength(90);
  expect(cursor()).toMatchObject({ upTo: end, accepted: 90 });
});

test('of what live reading has accepted accepts nothing again', async () => {
  const { store, perform, cursor } = setUp();
  await perform();
  const again = setUp();
  Object.assign(again.store, { accept: store.accept.bind(store) });
  await again.perform();
  expect(again.cursor()).toMatchObject({ read: 90, accepted: 0, repeated: 90 });
  expect(cursor()).toMatchObject({ accepted: 90 });
});

test('stays before an answer in part, and before what the API cannot show yet', async () => {
  const partial = setUp();
  const read = partial.api.read.bind(partial.api);
  partial.api.read = async (request) => ({
    ...(await read(request)),
    partial: partial.api.requests.length === 3,
  });
  await expect(partial.perform()).rejects.toThrow('answered in part');
  const upTo = partial.cursor()?.upTo ?? end;
  expect(upTo < end).toBe(true);
  await partial.perform();
  expect(partial.cursor()?.upTo).toBe(end);

  const early = setUp();
  const readEarly = early.api.read.bind(early.api);
  const asOf = instantOf(Date.parse('2026-11-03T05:00:00Z'));
  early.api.read = async (request) => ({ ...(await readEarly(request)), asOf });
  await expect(early.perform()).rejects.toThrow('has not got to');
  expect(early.cursor()?.upTo).toBe(asOf);
});
