import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs, parseInstant } from '../../src/fields/instant.ts';
import { fineInstant, sqlInstant, trimmed } from '../../src/simulator/times.ts';

test.each([
  ['2026-11-02T12:00:00.0000000Z', '2026-11-02T12:00:00Z'],
  ['2026-11-02T12:00:20.2000000Z', '2026-11-02T12:00:20.2Z'],
  ['2026-11-02T12:00:59.4233333Z', '2026-11-02T12:00:59.4233333Z'],
])('%s is written %s', (text, written) => {
  const instant = parseInstant(text);
  expect(instant === undefined ? undefined : trimmed(instant)).toBe(written);
});

describe('an update time', () => {
  test.each([
    [0, '0000000'],
    [3, '0000000'],
    [4, '0033333'],
    [7, '0066667'],
    [10, '0100000'],
    [999, '9966667'],
  ])('of %d ms is .%s', (ms, fraction) => {
    expect(sqlInstant(Date.parse('2026-11-02T12:00:00Z') + ms).slice(20, 27)).toBe(fraction);
  });

  test('is at most 1/300 s before, and never after', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(ms - epochMs(sqlInstant(ms))).toBeGreaterThanOrEqual(0);
        expect(ms - epochMs(sqlInstant(ms))).toBeLessThanOrEqual(4);
      }),
    );
  });
});

test('a creation time has 100 ns', () => {
  expect(fineInstant(Date.parse('2026-11-02T12:00:00.123Z'), 45)).toBe('2026-11-02T12:00:00.1230045Z');
});
