import { expect, test } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { createOverlap } from '../../src/sources/overlap.ts';
import type { Lateness } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function setUp(bounds = { minMs: 15 * minuteMs, maxMs: 2 * hourMs }) {
  const clock = new FakeClock();
  const logged: string[] = [];
  const kept: Lateness[] = [];
  const options = {
    source: 'alerts',
    bounds,
    store: {
      progress: async () => ({ sources: [{ source: 'alerts', lateness: kept.at(-1) }] }),
      recordLateness: async (_source: string, lateness: Lateness) => void kept.push(lateness),
    },
    clock,
    log: { ...silentLog, info: (_fields: object, message: string) => void logged.push(message) },
  };
  return { clock, kept, logged, open: () => createOverlap(options) };
}

test('stays at its lower bound while nothing is late', async () => {
  const { kept, open } = setUp();
  const overlap = open();
  overlap.onTime(5000);
  await overlap.keep();
  expect(overlap.currentMs()).toBe(15 * minuteMs);
  expect(kept).toMatchObject([{ overlapMs: 15 * minuteMs, p999Ms: 0 }]);
});

test('grows at once with room above the latest, and never beyond its upper bound', () => {
  const { logged, open } = setUp();
  const overlap = open();
  overlap.late(14 * minuteMs);
  expect(overlap.currentMs()).toBeGreaterThanOrEqual(21 * minuteMs);
  expect(overlap.currentMs()).toBeLessThan(24 * minuteMs);
  overlap.late(5 * hourMs);
  expect(overlap.currentMs()).toBe(2 * hourMs);
  expect(logged).toEqual(Array(2).fill(expect.stringContaining('overlap grows')));
});

test('climbs to what it could not see at first: half as far again each time', () => {
  const { open } = setUp();
  const overlap = open();
  const latenessMs = 80 * minuteMs;
  let steps = 0;
  for (; overlap.currentMs() < latenessMs; steps++) overlap.late(Math.min(latenessMs, overlap.currentMs()));
  expect(steps).toBeLessThan(6);
});

test('grows as far as a record may have been late that only an audit found, and counts what is proved', async () => {
  const { kept, open } = setUp();
  const overlap = open();
  overlap.missed(16 * minuteMs, 5 * hourMs);
  await overlap.keep();
  expect(overlap.currentMs()).toBe(2 * hourMs);
  expect(kept[0]?.p999Ms).toBeGreaterThanOrEqual(16 * minuteMs);
  expect(kept[0]?.p999Ms).toBeLessThan(18 * minuteMs);
});

test('shrinks slowly, long after the last late record', async () => {
  const { clock, open } = setUp();
  const overlap = open();
  overlap.late(2 * hourMs);
  let hours = 0;
  let steepest = 0;
  for (; overlap.currentMs() > 15 * minuteMs; hours++) {
    const before = overlap.currentMs();
    clock.advance(hourMs);
    await overlap.keep();
    steepest = Math.max(steepest, 1 - overlap.currentMs() / before);
  }
  expect(hours / 24).toBeGreaterThan(7);
  expect(hours / 24).toBeLessThan(14);
  expect(steepest).toBeLessThan(0.03);
});

test('outlives the process, within the bounds that hold now', async () => {
  const first = setUp();
  const overlap = first.open();
  overlap.late(hourMs);
  await overlap.keep();
  const again = first.open();
  await again.restore();
  expect(again.currentMs()).toBe(overlap.currentMs());
  again.late(1);
  expect(again.currentMs()).toBe(overlap.currentMs());

  const narrower = setUp({ minMs: minuteMs, maxMs: 30 * minuteMs });
  narrower.kept.push(...first.kept);
  const bounded = narrower.open();
  await bounded.restore();
  expect(bounded.currentMs()).toBe(30 * minuteMs);
});

test('a fixed overlap stays, and what is measured is kept all the same', async () => {
  const { kept, logged, open } = setUp({ minMs: 15 * minuteMs, maxMs: 15 * minuteMs });
  const overlap = open();
  overlap.late(hourMs);
  await overlap.keep();
  expect(overlap.currentMs()).toBe(15 * minuteMs);
  expect(kept[0]?.p999Ms).toBeGreaterThanOrEqual(hourMs);
  expect(logged).toEqual([]);
});

test('a run in which nothing happened writes nothing', async () => {
  const { clock, kept, open } = setUp();
  const overlap = open();
  for (let run = 0; run < 100; run++) {
    await overlap.keep();
    clock.advance(30_000);
  }
  expect(kept).toHaveLength(1);
});
