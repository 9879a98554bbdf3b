import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { readRecords } from '../../src/normalise/read-records.ts';
import { trickyObject } from '../support/tricky-json.ts';

/** What `run` throws, as a ConnectorError. */
function errorOf(run: () => unknown): ConnectorError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readRecords', () => {
  const one = '{"id":"1","t":"a\\nb"}';
  const two = '{"id":"2"}';
  const pretty = JSON.stringify({ id: '3', list: [{ value: [1] }] }, undefined, 2);

  test.each([
    ['an empty file', '', []],
    [
      'NDJSON',
      `${one}\n${two}\n`,
      [
        [one, 1],
        [two, 2],
      ],
    ],
    [
      'NDJSON with a byte order mark, CRLF and empty lines',
      `\ufeff${one}\r\n\r\n ${two}`,
      [
        [one, 1],
        [two, 3],
      ],
    ],
    [
      'one answer to a line',
      `{"value":[${one},${two}]}\n[${two}]\n`,
      [
        [one, 1],
        [two, 1],
        [two, 2],
      ],
    ],
    [
      'a list on one line',
      `[${one}, ${two}]`,
      [
        [one, 1],
        [two, 1],
      ],
    ],
    [
      'a list over several lines',
      `[\n  ${one},\n\n  ${two}\n]\n`,
      [
        [one, 2],
        [two, 4],
      ],
    ],
    [
      'a saved answer over several lines',
      `{\r\n "@odata.context": "c",\r\n "value": [\r\n${two}]\r\n}`,
      [[two, 4]],
    ],
    ['a single object over several lines', `\n\n${pretty}\n`, [[pretty, 3]]],
    [
      'several objects over several lines',
      `${pretty}\n${pretty}\n`,
      [
        [pretty, 1],
        [pretty, 11],
      ],
    ],
    ['an empty answer', '{"value":[]}', []],
    [
      'answers of advanced hunting',
      `{"Stats":{},"Schema":[],"Results":[${one}]}\n{"schema": [], "results": [${two}, ${one}]}\n`,
      [
        [one, 1],
        [two, 2],
        [one, 2],
      ],
    ],
    [
      'messages of an event hub',
      `{"records":[${one}, ${two}]}\n`,
      [
        [one, 1],
        [two, 1],
      ],
    ],
    [
      'a record that has such lists among others as one record',
      '{"id":"1","records":[1]}\n{"results":[2]}\n',
      [
        ['{"id":"1","records":[1]}', 1],
        ['{"results":[2]}', 2],
      ],
    ],
  ])('reads %s', (_name, text, records) => {
    expect([...readRecords(text)]).toEqual(records.map(([json, line]) => ({ json, line })));
  });

  test('reads what JSON.stringify writes, in any layout', () => {
    fc.assert(
      fc.property(
        fc.array(trickyObject, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 1, 2),
        (objects, indent) => {
          const expected = objects.map((element) => JSON.stringify(element));
          const compact = (text: string) =>
            Array.from(readRecords(text), ({ json }) => JSON.stringify(JSON.parse(json)));
          expect(compact(JSON.stringify({ a: 1, value: objects }, undefined, indent))).toEqual(expected);
          expect(compact(JSON.stringify(objects, undefined, indent))).toEqual(expected);
        },
      ),
    );
  });

  test('in NDJSON the good lines come first, then the error names the bad ones', () => {
    const seen: string[] = [];
    const error = errorOf(() => {
      for (const { json } of readRecords(`${one}\n{"a":\n${two}\n7\n{}x\n`)) seen.push(json);
    });
    expect(seen).toEqual([one, two]);
    expect(error.code).toBe('ARGUMENTS_INVALID');
    expect(error.message).toMatch(/^lines 2, 4, 5: no valid JSON/);
  });

  test('a file of many bad lines has the first ten named', () => {
    const error = errorOf(() => [...readRecords(`${one}\n${'{\n'.repeat(20)}`)]);
    expect(error.message).toMatch(/^lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …:/);
  });

  test.each([
    ['HTML', '<html>\n</html>', /^line 1: unexpected "<"/],
    [
      'a list that is cut off',
      '[\n{"a":1},\n{"b"',
      /^line 3: it ends before it is complete, .* begins on line 1/,
    ],
    ['a record that is damaged', '[\n{"a":1},\n{"b":}\n]', /^line 3: a record is damaged/],
    ['a list without a comma', '[\n{}\n{}\n]', /^line 3: unexpected "{"/],
  ])('names the line of %s', (_name, text, message) => {
    const error = errorOf(() => [...readRecords(text)]);
    expect(error.code).toBe('ARGUMENTS_INVALID');
    expect(error.message).toMatch(message);
  });
});
