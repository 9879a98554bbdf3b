import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { splitResponse } from '../../src/normalise/split-response.ts';
import { splitText } from '../support/text-splitter.ts';
import { trickyObject, trickyText } from '../support/tricky-json.ts';

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

/** All that an answer splits into. What comes parsed is held against its text. */
function split(answer: string | Uint8Array) {
  const records: string[] = [];
  const walk = splitResponse(typeof answer === 'string' ? Buffer.from(answer) : answer);
  for (;;) {
    const { done, value } = walk.next();
    if (done) {
      expect(value.count).toBe(records.length);
      return { records, nextLink: value.nextLink };
    }
    if (value.parsed !== undefined) expect(value.parsed).toEqual(JSON.parse(value.json));
    records.push(value.json);
  }
}

/** The same, undefined where it is refused. */
function splitIfAny(answer: string | Uint8Array) {
  try {
    return split(answer);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'API_FAILED') return undefined;
    throw error;
  }
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

const whiteSpace = fc.array(fc.constantFrom('', ' ', '\n', '\r\n', '\t  '), { minLength: 1, maxLength: 5 });

/** Hands the elements out in turn, for ever. */
function inTurn<Element>(elements: readonly Element[], otherwise: Element): () => Element {
  let next = 0;
  return () => elements[next++ % elements.length] ?? otherwise;
}

describe('splitResponse', () => {
  test('reads an OData answer: records verbatim, link decoded', () => {
    const text = String.raw`{"@odata.context":"https://x/$metadata#a","value":[ {"b": 1.0,"a":"\u0041"} ,{"id":"2"}],"@odata.nextLink":"https:\/\/x/alerts?$skiptoken=a\u0026b"}`;
    expect(split(text)).toEqual({
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
    expect(split(text)).toEqual({ records, nextLink: undefined });
  });

  test('gives exactly the text of each element, whatever is in it and around it', () => {
    const page = fc.record({
      objects: fc.array(trickyObject, { maxLength: 4 }),
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
        expect(split(space() + text + space())).toEqual({
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
    const error = errorOf(() => split(text));
    expect(error.code).toBe('API_FAILED');
    expect(error.message).toMatch(message);
  });

  test('every beginning of an answer is refused, for it has been cut off', () => {
    const text = '{"a":[1,"\\"",null],"value":[{"b":{"c":["}"]}},{}],"@odata.nextLink":"l"}';
    for (let length = 0; length < text.length; length++) {
      expect(errorOf(() => split(text.slice(0, length))).code).toBe('API_FAILED');
    }
  });

  test('an error shows the first 60 characters, with secrets masked', () => {
    const error = errorOf(() =>
      split(`{"access_token":"eyJ0eXAiOiJKV1QiLCJub25jZSI6IkFRQUJBQUFBQUFE","x":1}`),
    );
    expect(error.message).toContain('"{\\"access_token\\":\\"…"');
    expect(error.message).not.toContain('eyJ0');
    const long = errorOf(() => split(`<${'h'.repeat(59)}TAIL`));
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
          split(any);
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectorError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('gives what the walk over every character gives, whatever stands in the answer', () => {
    const token = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        '"',
        '\\',
        ',',
        ':',
        ' ',
        '\n',
        '1',
        '-',
        '1e+',
        'tru',
        'null',
        'é',
        '😀',
        '\ufffd',
      ],
      ...[
        '{"id":',
        '},{"id":',
        '{"id":1}',
        ',{"id":2}',
        '},\n {"id":',
        '"value"',
        '"value":[',
        '"@odata.nextLink":"l"',
      ],
    );
    const begin = fc.constantFrom(
      '',
      '[',
      '{"value":[',
      '[{"id":1},{"id":2},',
      '\ufeff{"a":1,"value": [{"id":',
    );
    const text = fc.tuple(begin, fc.array(token, { maxLength: 30 }), fc.constantFrom('', ']', ']}', '}]}'));
    fc.assert(
      fc.property(text, ([first, parts, last]) => {
        const answer = first + parts.join('') + last;
        expect(splitIfAny(answer)).toEqual(splitText(answer));
      }),
      { numRuns: 3000 },
    );
  });

  test('finds records by the edges between them, however alike their contents look', () => {
    const edges = fc.constantFrom('},{', '},\n{', '},\r\n  {\n  ');
    const look = fc.constantFrom('},{"id":', '{"id":"', '}]}', '\\', '"', 'é', '😀', '\u2028');
    const texts = fc.array(fc.array(look, { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const nested = fc.constantFrom<unknown>(undefined, 1, [{ id: 1 }, { id: 2 }], { id: { id: 3 } });
    const others = fc.array(
      fc.constantFrom('', '{}', '{"x":1}', '7', 'null', '[{"id":1},{"id":2}]', '"},{\\"id\\":"'),
    );
    fc.assert(
      fc.property(edges, texts, nested, others, (edge, all, inner, strangers) => {
        const records = all.map((parts, index) => JSON.stringify({ id: index, text: parts.join(''), inner }));
        const inside = records.map((record) => record.slice(1, -1)).join(edge);
        const list = [`{${inside}}`, ...strangers.filter((text) => text !== ''), ...records].join(',');
        const answer = `{"value":[${list}],"@odata.nextLink":"n"}`;
        expect(split(answer)).toEqual(splitText(answer));
      }),
      { numRuns: 500 },
    );
  });

  test('parses nearly all records of an answer on the way, and reads no string of one twice as wide for another', () => {
    const records = Array.from({ length: 100 }, (_, id) => ({ id, title: id === 50 ? '😀' : 'a' }));
    for (const indent of [0, 2]) {
      const found = [...splitResponse(Buffer.from(JSON.stringify({ value: records }, undefined, indent)))];
      expect(found.map(({ json }) => JSON.parse(json))).toEqual(records);
      // The first tells how the edge between two looks, and none follows the last.
      expect(found.filter(({ parsed }) => parsed === undefined)).toHaveLength(2);
    }
  });

  test('takes bytes that are no UTF-8 for U+FFFD', () => {
    const damage = fc
      .uint8Array({ max: 0xff, maxLength: 6 })
      .map((bytes) => bytes.map((byte) => byte | 0x80));
    const page = fc.array(fc.tuple(damage, trickyText), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(page, (parts) => {
        const records = parts.map(([bytes, text]) =>
          Buffer.concat([
            Buffer.from('{"id":"'),
            bytes,
            Buffer.from(`","text":${JSON.stringify(text)},"more":"`),
            bytes,
            Buffer.from('"},'),
          ]),
        );
        const answer = Buffer.concat([Buffer.from('\ufeff['), ...records, Buffer.from('{}]')]);
        expect(splitIfAny(answer)).toEqual(splitText(new TextDecoder().decode(answer)));
      }),
    );
  });

  test('brings what stands before the place where an answer is broken', () => {
    const walk = splitResponse(Buffer.from('{"value":[{"a":1},{"a":2},{"a":3'));
    expect([walk.next().value, walk.next().value]).toMatchObject([{ json: '{"a":1}' }, { json: '{"a":2}' }]);
    expect(errorOf(() => walk.next()).code).toBe('API_FAILED');
  });

  test('gives the records of both where two lists are named `value`', () => {
    expect(split('{"value":[{}],"value":[{"a":1}]}').records).toEqual(['{}', '{"a":1}']);
  });

  test('reads an answer in one go that is full of places which look like the edge between two records', () => {
    const lure = '},{"id":"'.repeat(20_000);
    const answer = Buffer.from(
      JSON.stringify([{ id: '1' }, ...Array.from({ length: 20 }, () => ({ id: { id: lure } }))]),
    );
    const words = Buffer.from(
      JSON.stringify(
        Array.from({ length: 20 }, () => ({ id: [{ id: 1 }, ...Array(5_000).fill({ id: 2 })] })),
      ),
    );
    expect(split(answer).records).toHaveLength(21);
    expect(split(words).records).toHaveLength(20);
  });
});
