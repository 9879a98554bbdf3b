import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { readRecords, splitResponse } from '../../src/normalise/split-response.ts';

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

/** JSON text of a value, with white space put between its tokens. */
function spaced(value: unknown, space: () => string): string {
  const inside = (open: string, parts: readonly string[], close: string) =>
    open + space() + parts.join(`${space()},${space()}`) + space() + close;
  if (Array.isArray(value))
    return inside(
      '[',
      value.map((element) => spaced(element, space)),
      ']',
    );
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}${space()}:${space()}${spaced(member, space)}`,
  );
  return inside('{', members, '}');
}

/** Any JSON object, its strings rich in what could fool a splitter. */
const trickyText = fc
  .array(
    fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '\n', '\u2028', '€', '😀', 'value', '\ud800'),
  )
  .map((parts) => parts.join(''));
const { object } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    trickyText,
    fc.constantFrom<unknown[]>(null, true, false, 0, -1.5e-7, 1e21),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(trickyText, tie('value'), { maxKeys: 3 }),
}));
const whiteSpace = fc.array(fc.constantFrom('', ' ', '\n', '\r\n', '\t  '), { minLength: 1, maxLength: 5 });

/** Hands the elements out in turn, for ever. */
function inTurn<Element>(elements: readonly Element[], otherwise: Element): () => Element {
  let next = 0;
  return () => elements[next++ % elements.length] ?? otherwise;
}

describe('splitResponse', () => {
  test('reads an OData answer: records verbatim, link decoded', () => {
    const text = String.raw`{"@odata.context":"https://x/$metadata#a","value":[ {"b": 1.0,"a":"\u0041"} ,{"id":"2"}],"@odata.nextLink":"https:\/\/x/alerts?$skiptoken=a\u0026b"}`;
    expect(splitResponse(text)).toEqual({
      records: [String.raw`{"b": 1.0,"a":"\u0041"}`, '{"id":"2"}'],
      nextLink: 'https://x/alerts?$skiptoken=a&b',
    });
  });

  test.each([
    ['a bare list', '[{"AlertId":"1"},{"AlertId":"2"}]', ['{"AlertId":"1"}', '{"AlertId":"2"}']],
    ['an empty list', ' [ ] ', []],
    ['an empty value', '{"value":[]}', []],
    ['members in another order', '{"@odata.nextLink":null,"value":[{}],"@odata.count":1}', ['{}']],
    ['a byte order mark', '\ufeff{"value":[{}]}\r\n', ['{}']],
    ['a `value` within a record', '{"value":[{"value":[1,{"value":[]}]}]}', ['{"value":[1,{"value":[]}]}']],
    ['a `value` within another member', '{"x":{"value":[1]},"value":[{}]}', ['{}']],
    ['an escaped name', '{"\\u0076alue":[{}]}', ['{}']],
    [
      'strings that end in backslashes',
      '[{"a":"\\\\"},{"b":"\\\\\\""}]',
      ['{"a":"\\\\"}', '{"b":"\\\\\\""}'],
    ],
  ])('takes %s', (_name, text, records) => {
    expect(splitResponse(text)).toEqual({ records, nextLink: undefined });
  });

  test('gives exactly the text of each element, whatever is in it and around it', () => {
    const page = fc.record({
      objects: fc.array(object, { maxLength: 4 }),
      spaces: whiteSpace,
      link: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      wrapped: fc.boolean(),
      valueLast: fc.boolean(),
    });
    fc.assert(
      fc.property(page, ({ objects, spaces, link, wrapped, valueLast }) => {
        const space = inTurn(spaces, '');
        const records = objects.map((element) => spaced(element, space));
        const list = `[${space()}${records.join(`${space()},${space()}`)}${space()}]`;
        const members = [
          `"@odata.context"${space()}:"c"`,
          ...(link === undefined ? [] : [`"@odata.nextLink":${space()}${JSON.stringify(link)}`]),
        ];
        const value = `"value"${space()}:${space()}${list}`;
        const all = valueLast ? [...members, value] : [value, ...members];
        const text = wrapped ? `{${space()}${all.join(`${space()},`)}${space()}}` : list;
        expect(splitResponse(space() + text + space())).toEqual({
          records,
          nextLink: wrapped ? link : undefined,
        });
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['an empty answer', '', /it is empty/],
    ['white space alone', ' \r\n', /it is empty/],
    ['HTML', '<!DOCTYPE html><html>', /offset 0 of 21: unexpected "<"/],
    ['plain text', 'upstream connect error', /offset 0 of 22: unexpected "u"/],
    ['a bare number', '7', /offset 0 of 1: unexpected "7"/],
    ['an answer cut off in a record', '{"value":[{"a":1', /offset 16 of 16: it ends before it is complete/],
    ['an answer cut off in a text', '{"value":[{"a":"x', /it ends before it is complete/],
    ['an answer cut off after a record', '[{"a":1},', /it ends before it is complete/],
    ['an answer cut off in a name', '{"val', /it ends before it is complete/],
    ['a missing comma', '[{} {}]', /offset 4 of 7: unexpected "{"/],
    ['a comma too many', '[{},]', /offset 4 of 5: unexpected "]"/],
    ['more after the end', '[{}]{', /offset 4 of 5: unexpected "{"/],
    ['a name without quotes', '{value:[]}', /offset 1 of 10: unexpected "v"/],
    ['a bad escape in a name', String.raw`{"\q":1}`, /an escape that JSON does not know/],
    ['an object without records', '{"error":{"code":"x"}}', /no list of records/],
    ['a `value` that is no list', '{"value":{}}', /no list of records/],
  ])('refuses %s', (_name, text, message) => {
    const error = errorOf(() => splitResponse(text));
    expect(error.code).toBe('API_FAILED');
    expect(error.message).toMatch(message);
  });

  test('every beginning of an answer is refused, for it has been cut off', () => {
    const text = '{"a":[1,"\\"",null],"value":[{"b":{"c":["}"]}},{}],"@odata.nextLink":"l"}';
    for (let length = 0; length < text.length; length++) {
      expect(errorOf(() => splitResponse(text.slice(0, length))).code).toBe('API_FAILED');
    }
  });

  test('an error shows the first 60 characters, with secrets masked', () => {
    const error = errorOf(() =>
      splitResponse(`{"access_token":"eyJ0eXAiOiJKV1QiLCJub25jZSI6IkFRQUJBQUFBQUFE","x":1}`),
    );
    expect(error.message).toContain('"{\\"access_token\\":\\"…"');
    expect(error.message).not.toContain('eyJ0');
    const long = errorOf(() => splitResponse(`<${'h'.repeat(59)}TAIL`));
    expect(long.message).toContain(`"<${'h'.repeat(59)}"`);
    expect(long.message).not.toContain('TAIL');
  });

  test('never hangs or throws anything but a ConnectorError', () => {
    const text = fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', ' ', '1', 'null', '"value"'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (any) => {
        try {
          splitResponse(any);
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectorError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

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
        fc.array(object, { minLength: 1, maxLength: 4 }),
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
