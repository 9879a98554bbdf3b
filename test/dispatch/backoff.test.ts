import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/dispatch/backoff.ts';

const retry = { initialMs: 1000, maxMs: 60_000 };

test.each([
  ['the first wait is within the initial span', 1, 0.999, undefined, 999],
  ['each failure doubles the span', 4, 0.5, undefined, 4000],
  ['the span ends at the longest wait', 30, 0.5, undefined, 30_000],
  ['so many failures that a double overflows change nothing', 1e6, 0.5, undefined, 30_000],
  ['a random number of 0 means now', 5, 0, undefined, 0],
  ['Retry-After is the least', 1, 0, 7000, 7000],
  ['a part of a tenth comes on top of Retry-After', 1, 0.5, 7000, 7350],
  ['a longer wait of our own stands', 4, 0.999, 7000, 7992],
  ['Retry-After may pass the longest wait', 1, 0.5, 600_000, 605_000],
  ['Retry-After counts for an hour at most', 1, 0.5, 1e12, 3_605_000],
  ['a Retry-After that is no number is none', 1, 0.5, Number.NaN, 500],
])('%s', (_rule, failures, random, retryAfter, wait) => {
  expect(backoffMs(failures, retry, random, retryAfter)).toBe(wait);
});

test('a wait is finite, within the span, and no shorter than asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: 3_600_000 }),
      (failures, random, retryAfter) => {
        const wait = backoffMs(failures, retry, random, retryAfter);
        expect(wait).toBeGreaterThanOrEqual(retryAfter);
        expect(wait).toBeLessThanOrEqual(Math.max(retry.maxMs, Math.ceil(retryAfter * 1.1)));
      },
    ),
  );
});
