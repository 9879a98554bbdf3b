import { expect, test } from 'vitest';
import { readCsv } from '../../src/config/csv.ts';

const fields = (text: string) => readCsv(text).rows.map((row) => row.fields);

test.each<[string, string, readonly (readonly string[])[]]>([
  [
    'commas',
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'semicolons, where the first line has no comma',
    'a;b\n1,5;2',
    [
      ['a', 'b'],
      ['1,5', '2'],
    ],
  ],
  [
    'CR LF, and a byte order mark',
    '\uFEFFa,b\r\n1,2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'quotes around a comma, and within them two for one',
    'a,b\n"x, y","say ""hi"""',
    [
      ['a', 'b'],
      ['x, y', 'say "hi"'],
    ],
  ],
  [
    'fields that are empty, and space around them',
    'a,b,c\n 1 ,, "2" ',
    [
      ['a', 'b', 'c'],
      ['1', '', '2'],
    ],
  ],
  ['lines without text', '\na\n\n,\n1\n', [['a'], ['1']]],
  ['nothing', '', []],
])('%s', (_rule, text, rows) => expect(fields(text)).toEqual(rows));

test('each row knows its line, also behind a field of several lines', () => {
  const rows = readCsv('a,b\n"1\n2",x\n\n3,y').rows;
  expect(rows.map(({ line }) => line)).toEqual([1, 2, 5]);
});

test('a quote that is never closed is told with its line', () => {
  expect(readCsv('a\n1\n"2\n3').unclosedAt).toBe(3);
  expect(readCsv('a\n"1"').unclosedAt).toBeUndefined();
});
