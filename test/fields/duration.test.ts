import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duration, durationText, parseDuration } from '../../src/fields/duration.ts';

describe('a duration', () => {
  test.each([
    ['200ms', 200],
    ['30s', 30_000],
    ['5m', 300_000],
    ['6h', 21_600_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['0.5ms', 1],
    ['0s', 0],
    [' 5 m ', 300_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    '',
    '5',
    's',
    '5 minutes',
    '-5s',
    '+5s',
    '5S',
    '1e3s',
    '5m30s',
    '.5s',
    '5.s',
    'Infinitys',
    '٥s',
  ])('%j is none', (text) => expect(parseDuration(text)).toBeUndefined());

  test('of every unit and number is that many units', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...Object.entries(units)), (count, [unit, ms]) => {
        expect(parseDuration(`${count}${unit}`)).toBe(count * ms);
      }),
    );
  });

  test('in the configuration is milliseconds, and a wrong one says what would be right', () => {
    expect(duration.parse('5m')).toBe(300_000);
    expect(duration.safeParse('soon').error?.issues[0]?.message).toBe(
      "'soon' is not a duration: write a number and ms, s, m, h or d, such as 30s",
    );
  });
});

describe('the text of a duration', () => {
  test.each([
    [-5000, '0s'],
    [0, '0s'],
    [44_600, '45s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [7_199_000, '120m'],
    [7_200_000, '2h'],
    [172_800_000, '2d'],
  ])('%i ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
});
