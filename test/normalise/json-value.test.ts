import { describe, expect, test } from 'vitest';
import { flagOf, objectsOf, textOf, textsOf, timeOf } from '../../src/normalise/json-value.ts';
import { parseExactly } from '../../src/normalise/parse-record.ts';

test.each([
  ['text', 'text'],
  [' kept as sent ', ' kept as sent '],
  ['', undefined],
  [' \t\n', undefined],
  [0, '0'],
  [1.5, '1.5'],
  [null, undefined],
  [undefined, undefined],
  [true, undefined],
  [{}, undefined],
  [['a'], undefined],
])('the text of %j is %j', (value, text) => {
  expect(textOf(value)).toBe(text);
});

test.each([
  ['2021-01-26T20:33:57.7220239Z'],
  ['2019-12-08T06:33:39Z'],
  ['2016-09-12T00:00:00.000'],
  ['2024-01-01T00:00:00+01:00'],
  ['2025-04-11 21:07:42.726000000'],
  ['2018-08-01Z'],
])('the time %s is kept as sent', (time) => {
  expect(timeOf(time)).toBe(time);
});

test.each([
  ['0001-01-01T00:00:00'],
  ['0001-01-01T00:00:00Z'],
  [''],
  ['soon'],
  ['2021-13-01T00:00:00Z'],
  ['2021-01-01T25:00:00Z'],
  [1700000000],
  [null],
])('%j is no time', (value) => {
  expect(timeOf(value)).toBeUndefined();
});

test.each([
  [
    ['a', 'b', 'a', null, '', 3],
    ['a', 'b', '3'],
  ],
  ['192.168.1.7, 10.1.14.1;;::1 ', ['192.168.1.7', '10.1.14.1', '::1']],
  ['', []],
  [null, []],
  [{ a: 1 }, []],
])('the texts of %j', (value, texts) => {
  expect(textsOf(value)).toEqual(texts);
});

test.each([
  [true, true],
  ['True', true],
  [1, true],
  [false, false],
  ['FALSE', false],
  ['', undefined],
  [null, undefined],
  ['maybe', undefined],
])('the flag of %j is %s', (value, flag) => {
  expect(flagOf(value)).toBe(flag);
});

test('the objects of a list leave out what is none', () => {
  expect(objectsOf([{ a: 1 }, null, [], 'x', 2])).toEqual([{ a: 1 }]);
  expect(objectsOf({ a: 1 })).toEqual([]);
});

describe('parseExactly', () => {
  test.each([
    ['{"n":9007199254740991}', 9007199254740991],
    ['{"n":9007199254740993}', '9007199254740993'],
    ['{"n": -18446744073709551615}', '-18446744073709551615'],
    ['{"n":1e999}', '1e999'],
    ['{"n":0.5}', 0.5],
    ['{"n":"9007199254740993"}', '9007199254740993'],
  ])('%s keeps its digits', (json, value) => {
    expect(parseExactly(json).n).toBe(value);
  });

  test('large numbers are found in lists and behind white space', () => {
    expect(parseExactly('{"a":[1,\n 9007199254740993 ],"b":true,"c":null,"d":1.25}')).toEqual({
      a: [1, '9007199254740993'],
      b: true,
      c: null,
      d: 1.25,
    });
  });
});
