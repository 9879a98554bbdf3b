import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/config/suggest.ts';

describe('the distance of two words', () => {
  test.each([
    ['overlap', 'overlap', 0],
    ['overlpa', 'overlap', 1],
    ['ovrlap', 'overlap', 1],
    ['overrlap', 'overlap', 1],
    ['oberlap', 'overlap', 1],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%s to %s is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });

  test('is the same in both directions, and 0 only for the same word', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  test('is at least the difference of the lengths, and at most the longer length', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('the nearest known word', () => {
  const known = ['clientId', 'clientSecret', 'certificate', 'tls'];
  test.each([
    ['clientid', 'clientId'],
    ['client-secret', 'clientSecret'],
    ['cerificate', 'certificate'],
    ['tsl', 'tls'],
    ['password', undefined],
    ['x', undefined],
  ])('%s: %s', (word, expected) => expect(nearest(word, known)).toBe(expected));
});
