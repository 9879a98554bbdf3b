import { expect, test } from 'vitest';
import { createRoom, type Room } from '../../src/app/room.ts';
import { ConnectorError } from '../../src/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { AcceptRequest, Store } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const full = new ConnectorError('STORE_UNUSABLE', 'store state.db: the disk is full');
const request: AcceptRequest = { source: 'alerts', records: [], updates: 'all', nowMs: 0 };

interface Setting {
  /** Answers of `bytes`, the last of them for good. */
  readonly sizes?: number[];
  /** What the next calls of `accept` throw. */
  readonly refusals?: Error[];
}

function roomOver({ sizes = [50], refusals = [] }: Setting) {
  const clock = new FakeClock();
  const pruned: (readonly [beforeMs: number, expiredMs: number | undefined])[] = [];
  const logged: string[] = [];
  const spots: string[] = [];
  const store = {
    bytes: async () => (sizes.length > 1 ? (sizes.shift() ?? 0) : (sizes[0] ?? 0)),
    prune: async (beforeMs: number, expiredMs?: number) => pruned.push([beforeMs, expiredMs]),
    accept: async () => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return { accepted: 1, repeated: 0 };
    },
    recordRun: async () => {
      throw full;
    },
  } as unknown as Store;
  const tell = (_: unknown, message: string) => void logged.push(message);
  const room: Room = createRoom({
    store,
    maxBytes: 100,
    retentionMs: 1000,
    trustedTime: async () => 500_000,
    clock,
    log: { ...silentLog, error: tell, info: tell },
    blindSpots: {
      open: (spot, _subject, message) =>
        void (spots.at(-1)?.startsWith('open') || spots.push(`open ${spot}: ${message}`)),
      close: (spot) => void (spots.at(-1)?.startsWith('open') && spots.push(`close ${spot}`)),
    },
  });
  return { room, clock, pruned, logged, spots, pass: () => room.gate(new AbortController().signal) };
}

test('opens at once while the store has room, and looks at its size every ten seconds', async () => {
  const { pass, clock, pruned, spots } = roomOver({});
  await pass();
  expect(clock.sleeps).toEqual([]);
  expect(pruned).toEqual([]);
  expect(spots).toEqual([]);
});

test('makes room first by what is delivered and only kept for replay; dead letters keep their time', async () => {
  const { pass, clock, pruned } = roomOver({ sizes: [120, 80] });
  await pass();
  expect(pruned).toEqual([[Number.MAX_SAFE_INTEGER, 499_000]]);
  expect(clock.sleeps).toEqual([]);
});

test('holds collection while the store is full, says so once, and goes on by itself', async () => {
  const { pass, clock, logged, spots } = roomOver({ sizes: [120, 120, 120, 120, 65] });
  await pass();
  expect(clock.sleeps).toHaveLength(2);
  expect(logged).toEqual([expect.stringContaining('pauses'), expect.stringContaining('goes on')]);
  expect(spots).toEqual([
    expect.stringMatching(/^open journal-near-bound: .*nothing is collected/),
    'close journal-near-bound',
  ]);
});

test('reports a journal near its bound from 80 % until it is below 70 %', async () => {
  const { room, spots } = roomOver({ sizes: [79, 80, 71, 79, 69] });
  for (let look = 0; look < 5; look++) await room.look();
  expect(spots).toEqual([expect.stringContaining('80 % of store.maxBytes'), 'close journal-near-bound']);
});

test('lets go when the program stops', async () => {
  const { room } = roomOver({ sizes: [120] });
  await expect(room.gate(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});

test('a write that the disk refuses waits, and makes room meanwhile, the oldest of what is delivered first', async () => {
  const { room, clock, logged, spots, pruned } = roomOver({
    refusals: Array.from({ length: 10 }, () => full),
  });
  expect(await room.store.accept(request)).toEqual({ accepted: 1, repeated: 0 });
  expect(clock.sleeps).toHaveLength(10);
  expect(logged).toEqual([
    expect.stringContaining('collection pauses until the store can be written'),
    expect.stringContaining('collection goes on'),
  ]);
  expect(spots).toEqual([expect.stringContaining('the disk is full'), 'close journal-near-bound']);
  expect(pruned.map(([beforeMs]) => beforeMs)).toEqual([
    ...[500, 250, 125, 62.5, 31.25, 15.625, 7.8125, 3.90625].map((keptMs) => 500_000 - keptMs),
    Number.MAX_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER,
  ]);
  expect(pruned.every(([, expiredMs]) => expiredMs === 499_000)).toBe(true);
});

test('a write that waits ends with the program, and the result of a run is not worth waiting for', async () => {
  const { room } = roomOver({ refusals: [full] });
  await room.watch(AbortSignal.abort());
  await expect(room.store.accept(request)).rejects.toBe(full);
  await room.store.recordRun('alerts', 0, undefined);
});

test('damage does not pass: it is thrown at once, and ends whoever watches', async () => {
  const damaged = new ConnectorError('STORE_DAMAGED', 'store state.db is damaged');
  const { room, clock } = roomOver({ refusals: [damaged] });
  const watching = room.watch(new AbortController().signal);
  await expect(room.store.accept(request)).rejects.toBe(damaged);
  await expect(watching).rejects.toBe(damaged);
  expect(clock.sleeps).toEqual([]);
});

test('while a write waits for the disk, nobody begins to read', async () => {
  const { room, clock } = roomOver({ refusals: [full, full] });
  const order: string[] = [];
  const writing = room.store.accept(request).then(() => order.push('written'));
  await new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => resolve(undefined))));
  const ready = room.ready(new AbortController().signal).then(() => order.push('ready'));
  await Promise.all([writing, ready]);
  expect(order).toEqual(['written', 'ready']);
  expect(clock.sleeps.length).toBeGreaterThan(2);
});
