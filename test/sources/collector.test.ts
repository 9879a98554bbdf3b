import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addMs, type Instant, instantOf, parseInstant } from '../../src/fields/instant.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type CollectorOptions, createCollector } from '../../src/sources/collector.ts';
import { createOverlap } from '../../src/sources/overlap.ts';
import type { WindowedApi } from '../../src/sources/source.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { ModelApi, recordOf } from '../support/model-api.ts';

function setUp(api: WindowedApi, options: Partial<CollectorOptions> = {}) {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const overlap = createOverlap({
    source: 'alerts',
    bounds: { minMs: 900_000, maxMs: 7_200_000 },
    store: { progress: async () => ({ sources: [] }), recordLateness: async () => {} },
    clock,
    log: silentLog,
  });
  const collector = createCollector({
    source: 'alerts',
    api,
    store,
    sinceMs: 24 * 3_600_000,
    overlap,
    settleMs: 5000,
    updates: 'all',
    rememberMs: 0,
    onAccepted: () => {},
    wanted: () => true,
    room: async () => {},
    clock,
    ...options,
  });
  return { clock, store, overlap, collect: () => collector.collect(new AbortController().signal) };
}

const ago = (clock: FakeClock, ms: number) => instantOf(clock.now() - ms);
const states = (api: ModelApi) => api.alerts.map(({ id, updated }) => `${id} ${updated}`);

describe('a first run', () => {
  test('reads the whole span of `since`, each record once, and moves the watermark to its end', async () => {
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api);
    for (let i = 0; i < 500; i++) api.add(ago(clock, 60_000 + i * 150_000));
    expect(await collect()).toMatchObject({ accepted: 500 });
    expect(store.accepted.toSorted()).toEqual(states(api).toSorted());
    expect(await store.watermark()).toBe(ago(clock, 5000));
  });

  test('marks all but the window that reaches the present as backlog', async () => {
    const api = new ModelApi(10);
    const { collect } = setUp(api);
    await collect();
    expect(api.requests.slice(0, -1).every(({ priority }) => priority === 'backlog')).toBe(true);
    expect(api.requests.at(-1)?.priority).toBe('live');
  });
});

describe('the next run', () => {
  test('reads the overlap again, and accepts what arrived late in it', async () => {
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api);
    api.add(ago(clock, 60_000));
    await collect();
    clock.advance(30_000);
    api.add(ago(clock, 890_000));
    expect(await collect()).toMatchObject({ accepted: 1, repeated: 1 });
    expect(store.accepted).toHaveLength(2);
  });

  test('leaves alone what is younger than `settle`', async () => {
    const api = new ModelApi(10);
    const { clock, collect } = setUp(api);
    api.add(ago(clock, 4000));
    expect(await collect()).toMatchObject({ accepted: 0 });
    clock.advance(5000);
    expect(await collect()).toMatchObject({ accepted: 1 });
  });

  test('does not move the watermark back when the clock does', async () => {
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api);
    await collect();
    const before = await store.watermark();
    clock.advance(-600_000);
    await collect();
    expect(await store.watermark()).toBe(before);
  });

  test('reads the failed window again, and repeats nothing that was accepted of it', async () => {
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api, { sinceMs: 3_000_000 });
    for (let i = 0; i < 25; i++) api.add(ago(clock, 100_000 + i));
    let reads = 0;
    api.beforeRead = () => {
      if (++reads === 3) throw new Error('connection reset');
    };
    await expect(collect()).rejects.toThrow('connection reset');
    expect(await store.watermark()).toBeUndefined();
    await collect();
    expect(store.accepted.toSorted()).toEqual(states(api).toSorted());
  });
});

describe('the first run', () => {
  test('begins where it was to begin, however long it fails', async () => {
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api, { sinceMs: 60_000 });
    api.beforeRead = () => {
      throw new Error('connection refused');
    };
    await expect(collect()).rejects.toThrow('refused');
    clock.advance(3 * 86_400_000);
    api.beforeRead = () => {};
    api.add(ago(clock, 2 * 86_400_000));
    await collect();
    expect(store.accepted).toEqual(states(api));
  });

  test('begins by the clock of the API, where this one is far behind', async () => {
    const behindMs = 365 * 86_400_000;
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api);
    const real = () => instantOf(clock.now() + behindMs);
    const read = api.read.bind(api);
    api.read = async (request) => ({ ...(await read(request)), asOf: real() });
    api.add(addMs(real(), -30 * 86_400_000));
    api.add(addMs(real(), -3_600_000));
    await collect();
    expect(store.accepted).toEqual(states(api).slice(1));
  });

  test.each([0, 1000, 5000])(
    'with a `since` of %i ms, not above `settle`, sets a watermark',
    async (sinceMs) => {
      const api = new ModelApi(10);
      const { clock, store, collect } = setUp(api, { sinceMs });
      await collect();
      expect(await store.watermark()).toBe(ago(clock, 5000));
      clock.advance(30_000);
      api.add(ago(clock, 10_000));
      expect(await collect()).toMatchObject({ accepted: 1 });
    },
  );
});

describe('what arrives late', () => {
  const minuteMs = 60_000;

  test('makes the overlap grow at once, by how far it lay behind the watermark', async () => {
    const api = new ModelApi(10);
    const { clock, overlap, collect } = setUp(api);
    await collect();
    clock.advance(30_000);
    api.add(ago(clock, 14 * minuteMs));
    await collect();
    expect(overlap.currentMs()).toBeGreaterThan(20 * minuteMs);
    expect(overlap.currentMs()).toBeLessThan(24 * minuteMs);
    clock.advance(30_000);
    api.add(ago(clock, 19 * minuteMs));
    expect(await collect()).toMatchObject({ accepted: 1 });
  });

  test('is not the history of the first run, nor what a catch-up finds, nor what waited for the poll', async () => {
    const api = new ModelApi(10);
    const { clock, overlap, collect } = setUp(api);
    for (let i = 1; i < 300; i++) api.add(ago(clock, i * 4 * minuteMs));
    await collect();
    clock.advance(5 * 60 * minuteMs);
    for (let i = 1; i < 70; i++) api.add(ago(clock, i * 4 * minuteMs));
    await collect();
    expect(overlap.currentMs()).toBe(15 * minuteMs);
  });

  test('is not what was there before the first run, which the overlap never reaches', async () => {
    const api = new ModelApi(10);
    const { clock, store, overlap, collect } = setUp(api, { sinceMs: minuteMs });
    for (let i = 1; i < 10; i++) api.add(ago(clock, minuteMs + i * 60_000));
    await collect();
    clock.advance(30_000);
    await collect();
    expect(store.accepted).toEqual([]);
    expect(overlap.currentMs()).toBe(15 * minuteMs);
  });

  test('is known by its key for as long as the overlap can grow', async () => {
    const api = new ModelApi(10);
    const { clock, overlap, store, collect } = setUp(api);
    for (let i = 0; i < 200; i++) api.add(ago(clock, i * minuteMs));
    await collect();
    for (let i = 0; i < 20; i++) {
      clock.advance(5 * minuteMs);
      await collect();
    }
    overlap.late(7_200_000);
    expect(await collect()).toMatchObject({ accepted: 0 });
    expect(store.accepted).toHaveLength(200);
  });
});

test('while this clock is ahead of the API, the watermark follows the clock of the API', async () => {
  const aheadMs = 86_400_000;
  const api = new ModelApi(10);
  const { clock, store, collect } = setUp(api);
  const real = () => instantOf(clock.now() - aheadMs);
  const read = api.read.bind(api);
  api.read = async (request) => ({ ...(await read(request)), asOf: real() });
  for (let run = 0; run < 5; run++) {
    api.add(real());
    await collect();
    expect(await store.watermark()).toBe(instantOf(clock.now() - aheadMs - 5000));
    clock.advance(1_800_000);
  }
  await collect();
  expect(store.accepted.toSorted()).toEqual(states(api).toSorted());
});

test('a window that failed is smaller in the next run', async () => {
  const api = new ModelApi(10);
  const { collect } = setUp(api);
  const spans: number[] = [];
  api.beforeRead = () => {
    const { from, to } = api.requests.at(-1)?.window ?? { from: '', to: '' };
    const spanMs = Date.parse(to) - Date.parse(from);
    // The first run of all asks for the API's time before.
    if (spanMs === 1000) return;
    spans.push(spanMs);
    throw new Error('the next link has expired');
  };
  for (let run = 0; run < 3; run++) await expect(collect()).rejects.toThrow('expired');
  expect(spans).toEqual([3_600_000, 900_000, 225_000]);
});

describe('records that share one update time', () => {
  test.each(['links', 'cuts'] as const)('are all read when they outnumber a page (%s)', async (style) => {
    const api = new ModelApi(10, style);
    const { clock, store, collect } = setUp(api);
    const tie = ago(clock, 7_200_000);
    for (let i = 0; i < 95; i++) api.add(tie);
    await collect();
    expect(store.accepted.toSorted()).toEqual(states(api).toSorted());
  });

  test('are all read when they stand on the edge of a window', async () => {
    const api = new ModelApi(10);
    const { clock, store, collect } = setUp(api);
    const edge = ago(clock, 5000);
    for (let i = 0; i < 3; i++) api.add(edge);
    await collect();
    clock.advance(1000);
    await collect();
    expect(store.accepted).toHaveLength(3);
  });
});

test('while answers come in part, all that is there is collected, and the watermark waits before the gap', async () => {
  const api = new ModelApi(2);
  const { clock, store, collect } = setUp(api);
  for (let i = 0; i < 40; i++) api.add(ago(clock, 60_000 + i * 1_800_000));
  await collect();
  const before = await store.watermark();
  const read = api.read.bind(api);
  api.read = async (request) => ({ ...(await read(request)), partial: true });
  for (let hour = 0; hour < 5; hour++) {
    clock.advance(3_600_000);
    for (let i = 0; i < 7; i++) api.add(ago(clock, 60_000 + i));
    await expect(collect()).rejects.toThrow('in part');
    expect(store.accepted.toSorted()).toEqual(states(api).toSorted());
  }
  expect(await store.watermark()).toBe(before);
  api.read = read;
  expect(await collect()).toMatchObject({ accepted: 0 });
  expect(await store.watermark()).toBe(ago(clock, 5000));
});

test('an answer in part keeps what came and closes no window', async () => {
  const { store, collect } = setUp({
    pageSize: 10,
    read: async () => ({
      records: [recordOf({ id: 'a', created: 0, updated: parseInstant('2026-11-03T07:00:00Z') as Instant })],
      next: undefined,
      cut: false,
      partial: true,
    }),
  });
  await expect(collect()).rejects.toThrow('in part');
  expect(store.accepted).toHaveLength(1);
  expect(await store.watermark()).toBeUndefined();
});

test('a next link that leads to itself is an error, not a loop', async () => {
  const page = { records: [], next: 'skip=1', cut: false, partial: false };
  const { collect } = setUp({ pageSize: 10, read: async () => page });
  await expect(collect()).rejects.toThrow('same next link');
});

test('with `updates: new` only the first state of an alert is accepted, however late the next', async () => {
  const api = new ModelApi(10);
  const { clock, store, collect } = setUp(api, { updates: 'new' });
  api.add(ago(clock, 60_000));
  await collect();
  for (let day = 0; day < 60; day++) {
    clock.advance(86_400_000);
    await collect();
  }
  api.update(0, ago(clock, 60_000));
  expect(await collect()).toMatchObject({ accepted: 0, repeated: 1 });
  expect(store.accepted).toHaveLength(1);
});

test('property: while the list changes between any two pages, no last state is lost and none is repeated', async () => {
  const change = fc.record({
    at: fc.nat({ max: 40 }),
    what: fc.constantFrom('update', 'late', 'tie' as const),
    index: fc.nat({ max: 200 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom('links', 'cuts' as const),
      fc.array(fc.nat({ max: 40 }), { maxLength: 60 }),
      fc.array(change, { maxLength: 25 }),
      async (pageSize, style, ages, changes) => {
        const api = new ModelApi(pageSize, style);
        const { clock, store, collect } = setUp(api, { sinceMs: 4_000_000, rememberMs: 1_000_000 });
        for (const age of ages) api.add(ago(clock, 60_000 + age * 20_000));
        let reads = 0;
        api.beforeRead = () => {
          for (const { what, index } of changes.filter(({ at }) => at === reads)) {
            if (what === 'late') api.add(ago(clock, 10_000 + index * 1000));
            else if (what === 'tie') api.add(ago(clock, 60_000 + (index % 40) * 20_000));
            else api.update(index, instantOf(clock.now()));
          }
          reads++;
        };
        for (let run = 0; run < 4; run++) {
          await collect().catch((error: Error) => expect(error.message).toContain('keep changing'));
          clock.advance(60_000);
        }
        api.beforeRead = () => {};
        // By then the far part of the overlap is read again.
        clock.advance(900_000 / 5);
        await collect();
        const accepted = new Set(store.accepted);
        expect(accepted.size).toBe(store.accepted.length);
        expect(states(api).filter((state) => !accepted.has(state))).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
