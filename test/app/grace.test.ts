import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endsBefore, graceShares } from '../../src/app/grace.ts';

test('every share of a grace ends before the next, and the last before the grace', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 86_400_000 }), (graceMs) => {
      const { deliveredMs, overMs, closedMs, endMs, hurried } = graceShares(graceMs);
      const ends = [0, deliveredMs, overMs, closedMs, endMs, graceMs];
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      expect(new Set(ends).size).toBe(ends.length);
      expect(hurried.closedMs).toBeLessThan(hurried.endMs);
    }),
  );
});

test('most of a grace is for delivering, and what a loaded machine needs to end is kept', () => {
  expect(graceShares(10_000)).toMatchObject({ deliveredMs: 6000, overMs: 8000, closedMs: 8500, endMs: 9000 });
  expect(graceShares(1000)).toMatchObject({ deliveredMs: 375, overMs: 500, closedMs: 625, endMs: 750 });
});

test('a grace too short to end in leaves half a second all the same', () => {
  expect(graceShares(0)).toMatchObject({ deliveredMs: 0, overMs: 0, endMs: 500 });
});

test('work is waited for until the signal, and its failure is passed on', async () => {
  const over = new AbortController();
  const never = new Promise<void>(() => {});
  const waiting = endsBefore(over.signal, never);
  over.abort();
  expect(await waiting).toBe(false);
  expect(await endsBefore(over.signal, never)).toBe(false);
  const { signal } = new AbortController();
  expect(await endsBefore(signal, Promise.resolve())).toBe(true);
  await expect(endsBefore(signal, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
