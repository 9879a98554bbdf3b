import { expect, test } from 'vitest';
import type { ApiRequest } from '../../src/simulator/exchange.ts';
import { ODataError } from '../../src/simulator/odata-tokens.ts';
import { queryWith, refuseUnencoded, wholeNumber } from '../../src/simulator/paging.ts';

const asked = (rawQuery: string): ApiRequest => ({
  method: 'GET',
  origin: 'https://127.0.0.1',
  path: '/',
  rawQuery,
  query: new URLSearchParams(rawQuery),
  headers: {},
  body: '',
  now: 0,
  clock: 0,
  twist: undefined,
  requestId: '',
});

test.each(["$filter=severity+eq+'High'", '$filter=a eq 1', '$filter=%27"'])('%s is not encoded', (query) => {
  expect(() => refuseUnencoded(asked(query))).toThrow(ODataError);
});

test.each(['$filter=severity+eq+%27High%27', '$filter=a%20eq%201', ''])('%s is encoded', (query) => {
  expect(() => refuseUnencoded(asked(query))).not.toThrow();
});

test('a next link carries the query, one pair other, and encodes quotes', () => {
  const query = new URLSearchParams("$filter=severity eq 'high'&$skip=5");
  expect(queryWith(query, { $skip: '10' })).toBe('$filter=severity%20eq%20%27high%27&$skip=10');
});

test.each(['-1', '1.5', 'x', ''])('%j is no whole number', (text) => {
  expect(() => wholeNumber(new URLSearchParams({ $top: text }), '$top')).toThrow(ODataError);
});
