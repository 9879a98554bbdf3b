import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatenessHistogram } from '../../src/sources/lateness.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

test('nothing late is a percentile of 0', () => {
  const histogram = new LatenessHistogram(0);
  expect(histogram.p999Ms(0)).toBe(0);
  histogram.add(0, 0, 5000);
  expect(histogram.p999Ms(0)).toBe(0);
});

test('with few records the latest stands for the percentile', () => {
  const histogram = new LatenessHistogram(0);
  histogram.add(0, 0, 900);
  histogram.add(20 * 60_000, 0);
  expect(histogram.p999Ms(0)).toBeGreaterThanOrEqual(20 * 60_000);
});

test('with many, one in a thousand may be later', () => {
  const histogram = new LatenessHistogram(0);
  histogram.add(0, 0, 9_980);
  histogram.add(60_000, 0, 11);
  histogram.add(hourMs, 0, 9);
  const p999 = histogram.p999Ms(0);
  expect(p999).toBeGreaterThanOrEqual(60_000);
  expect(p999).toBeLessThan(66_000);
});

test('property: it is never below the true percentile, and at most a tenth and a second above', () => {
  const lateness = fc.array(fc.nat({ max: 7 * dayMs }), { minLength: 1, maxLength: 3000 });
  fc.assert(
    fc.property(lateness, (values) => {
      const histogram = new LatenessHistogram(0);
      for (const value of values) histogram.add(value, 0);
      const sorted = values.toSorted((a, b) => a - b);
      const rank = values.length < 1000 ? values.length : Math.ceil(values.length * 0.999 - 1e-9);
      const truth = sorted[rank - 1] ?? 0;
      const p999 = histogram.p999Ms(0);
      expect(p999).toBeGreaterThanOrEqual(Math.floor(truth));
      expect(p999).toBeLessThanOrEqual(truth * 1.1 + 1000);
    }),
    { numRuns: 30 },
  );
});

describe('the past', () => {
  test('fades: a single late record is forgotten after eight days', () => {
    const histogram = new LatenessHistogram(0);
    histogram.add(hourMs, 0);
    let goneAfterDays = 0;
    for (let ms = 0; histogram.p999Ms(ms) > 0; ms += hourMs) goneAfterDays = ms / dayMs;
    expect(goneAfterDays).toBeGreaterThan(7);
    expect(goneAfterDays).toBeLessThan(9);
  });

  test('does not fade when the clock goes back, and by a day at most when it jumps', () => {
    const histogram = new LatenessHistogram(dayMs);
    histogram.add(hourMs, dayMs);
    expect(histogram.p999Ms(0)).toBeGreaterThan(0);
    expect(histogram.p999Ms(1000 * dayMs)).toBeGreaterThan(0);
  });
});

test('it outlives the process as a text that stays small', () => {
  const histogram = new LatenessHistogram(0);
  for (let i = 0; i < 100_000; i++) histogram.add(1.0002 ** i, i * 100);
  const text = histogram.toText();
  expect(text.length).toBeLessThan(8000);
  const again = LatenessHistogram.ofText(text, 10_000_000);
  expect(again.p999Ms(10_000_000)).toBe(histogram.p999Ms(10_000_000));
});

test.each(['', 'null', '{"version":2}', '{"version":1,"atMs":0,"weights":[[-1,2]]}', '[['])(
  'a text that is none, %j, begins anew',
  (text) => expect(LatenessHistogram.ofText(text, 0).p999Ms(0)).toBe(0),
);
