import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addMs, type Instant, instantOf } from '../../src/fields/instant.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createCollector } from '../../src/sources/collector.ts';
import { createOverlap } from '../../src/sources/overlap.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { ModelApi } from '../support/model-api.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const overlapMs = 15 * minuteMs;
const signal = new AbortController().signal;

function setUp(pageSize: number, farForMs = Number.POSITIVE_INFINITY) {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const api = new ModelApi(pageSize);
  const open = () => {
    const overlap = createOverlap({
      source: 'alerts',
      bounds: { minMs: overlapMs, maxMs: overlapMs },
      store: { progress: async () => ({ sources: [] }), recordLateness: async () => {} },
      clock,
      log: silentLog,
    });
    const collector = createCollector({
      source: 'alerts',
      api,
      store,
      sinceMs: overlapMs,
      overlap,
      settleMs: 0,
      farForMs: () => farForMs,
      updates: 'all',
      rememberMs: 0,
      onAccepted: () => {},
      wanted: () => true,
      room: async () => {},
      clock,
    });
    return { collector, overlap };
  };
  let opened = open();
  return {
    clock,
    store,
    api,
    ago: (ms: number) => instantOf(clock.now() - ms),
    nearMs: () => opened.overlap.nearMs(),
    restart: () => {
      opened = open();
    },
    /** Runs, and returns how far back it asked, ms, and how many calls that took. */
    async run() {
      api.requests.length = 0;
      await opened.collector.collect(signal);
      const from = api.requests.map(({ window }) => window.from).toSorted()[0] ?? instantOf(clock.now());
      return { reachMs: clock.now() - Date.parse(from), calls: api.requests.length };
    },
  };
}

/** A source that shows an alert every second, and has been read up to now. */
async function busy(farForMs?: number) {
  const setup = setUp(30, farForMs);
  for (let i = 1; i <= 900; i++) setup.api.add(setup.ago(i * secondMs));
  await setup.run();
  const pass = async (ms: number) => {
    for (let i = 0; i < ms / secondMs; i++) {
      setup.clock.advance(secondMs);
      setup.api.add(setup.ago(500));
    }
    return setup.run();
  };
  return { ...setup, pass };
}

describe('what lies in the overlap', () => {
  test('is read again at each run where it is little', async () => {
    const setup = setUp(100);
    for (let i = 1; i <= 10; i++) setup.api.add(setup.ago(i * minuteMs));
    await setup.run();
    for (let i = 0; i < 5; i++) {
      setup.clock.advance(2 * secondMs);
      expect(await setup.run()).toEqual({ reachMs: overlapMs + 2 * secondMs, calls: 1 });
    }
  });

  test('is read with what is new where it comes in the same answer, every fifth of it', async () => {
    const setup = setUp(100);
    for (let i = 1; i <= 30; i++) setup.api.add(setup.ago(i * 20 * secondMs));
    await setup.run();
    const far: boolean[] = [];
    for (let i = 0; i < 12; i++) {
      setup.clock.advance(minuteMs);
      const { reachMs, calls } = await setup.run();
      expect(calls).toBe(1);
      far.push(reachMs > overlapMs);
    }
    expect(far).toEqual(Array.from({ length: 4 }, () => [false, false, true]).flat());
  });

  test('is left to every fifth of it where it is much, but for the near part', async () => {
    const { pass } = await busy();
    for (let i = 0; i < 5; i++) {
      const { reachMs, calls } = await pass(30 * secondMs);
      expect(reachMs).toBe(45 * secondMs);
      expect(calls).toBeLessThanOrEqual(4);
    }
    const { reachMs, calls } = await pass(30 * secondMs);
    expect(reachMs).toBe(overlapMs + 3 * minuteMs);
    expect(calls).toBeGreaterThan(900 / 30);
  });

  test('is read piece by piece, so that no run takes long', async () => {
    const { pass } = await busy(0);
    await pass(3 * minuteMs);
    for (let i = 0; i < 5; i++) expect((await pass(2 * secondMs)).calls).toBeLessThanOrEqual(4);
  });
});

describe('a record that is late', () => {
  test('within the near part is met by the next run', async () => {
    const { api, store, ago, pass } = await busy();
    await pass(30 * secondMs);
    api.add(ago(14 * secondMs));
    await pass(2 * secondMs);
    expect(store.accepted.filter((state) => state.startsWith('a930'))).toHaveLength(1);
  });

  test('behind it is met within a fifth of the overlap, and counted by how late it was', async () => {
    const { api, store, ago, pass, nearMs } = await busy();
    await pass(30 * secondMs);
    api.add(ago(14 * minuteMs));
    await pass(2 * minuteMs);
    expect(store.accepted).toHaveLength(1050);
    await pass(30 * secondMs);
    expect(store.accepted).toHaveLength(1081);
    // One of a thousand is no reason to read more at each run.
    expect(nearMs()).toBe(15 * secondMs);
  });

  test('makes the near part wider where there are many', async () => {
    const { api, ago, pass, nearMs } = await busy();
    for (let i = 0; i < 20; i++) api.add(ago(40 * secondMs));
    await pass(3 * minuteMs);
    expect(nearMs()).toBeGreaterThanOrEqual(minuteMs);
    expect(nearMs()).toBeLessThan(5 * minuteMs);
  });
});

test('property: what shows itself within the overlap is met, whatever the process does meanwhile', async () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 500, max: 100_000 }),
    late: fc.array(fc.nat({ max: overlapMs }), { maxLength: 6 }),
    restart: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(0, Number.POSITIVE_INFINITY),
      fc.array(step, { maxLength: 25 }),
      async (pageSize, farForMs, steps) => {
        const { clock, api, store, ago, run, restart } = setUp(pageSize, farForMs);
        await run();
        const promised: string[] = [];
        for (const { waitMs, late, restart: again } of steps) {
          clock.advance(waitMs);
          const watermark = (await store.watermark()) as Instant;
          for (const ms of late) {
            const updated = ago(ms);
            if (updated >= addMs(watermark, -overlapMs)) promised.push(`a${api.alerts.length} ${updated}`);
            api.add(updated);
          }
          if (again) restart();
          await run();
        }
        for (let i = 0; i < 40; i++) {
          clock.advance(15 * secondMs);
          await run();
        }
        expect(promised.filter((state) => !store.accepted.includes(state))).toEqual([]);
        expect(new Set(store.accepted).size).toBe(store.accepted.length);
      },
    ),
    { numRuns: 30 },
  );
});
