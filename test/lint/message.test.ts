import { describe, expect, test } from 'vitest';
import { cef } from '../../src/lint/cef/cef.ts';
import { languages } from '../../src/lint/index.ts';
import { json } from '../../src/lint/json/json.ts';
import { lintMessage } from '../../src/lint/message.ts';
import { rfc5424 } from '../../src/lint/syslog/rfc5424.ts';
import { printable } from '../../src/lint/text.ts';
import { eachRule } from '../support/lint-rules.ts';

describe('JSON', () => {
  eachRule(json, [
    ['is JSON', '{"a":1,}', '{"a":1}', { message: /is no JSON: .*position 7/ }],
    ['nothing behind it', '{"a":1}{"a":2}', '{"a":[1,{"a":2}]}', { message: /is no JSON/ }],
    [
      'members once',
      '{"a":{"b":1,"c":[{"d":1,"d":2}]}}',
      '{"a":{"b":1,"c":[{"d":1},{"d":2}]}}',
      { at: 'a.c.0.d', message: /twice/ },
    ],
    ['members once, escaped', String.raw`{"a":1,"\u0061":2}`, '{"a":1,"A":2}', { at: 'a', message: /twice/ }],
    [
      'whole characters',
      String.raw`{"a":["x","\ud800"]}`,
      String.raw`{"a":["x","\ud83d\ude00"]}`,
      { at: 'a.1', message: /surrogate/ },
    ],
    ['one line', '{"a":1,\n"b":2}', '{"a":1, "b":2}', { at: 'offset 7', message: /on one line/ }],
    [
      'no line separators',
      '{"a":"x\u2028y"}',
      String.raw`{"a":"x\u2028y"}`,
      { level: 'warning', at: 'offset 7', message: /write \\u2028/ },
    ],
    ['no byte order mark', '\ufeff{"a":1}', '{"a":1}', { message: /byte order mark/ }],
    ['an object', '[1]', '{"a":[1]}', { level: 'warning', message: /array/ }],
  ]);

  test('depth does not matter', () => {
    expect(json.lint(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toEqual([]);
    expect(json.lint('['.repeat(100_000))).toHaveLength(1);
  });
});

describe('layers', () => {
  const good = '<134>1 - h defender-siem - alert - CEF:0|V|P|1|id|Name|5|act=x';

  test('a header and what it carries are both read', () => {
    expect(lintMessage(Buffer.from(good))).toEqual({ languages: ['rfc5424', 'cef'], findings: [] });
    const { languages: names, findings } = lintMessage(
      Buffer.from(good.replace('1 -', '1 now').replace('|5|', '|11|')),
    );
    expect(names).toEqual(['rfc5424', 'cef']);
    expect(findings.map(({ language, at }) => [language, at])).toEqual([
      ['rfc5424', 'TIMESTAMP'],
      ['cef', 'Severity'],
    ]);
  });

  test.each([
    ['Nov  3 08:26:10 h app: LEEF:1.0|V|P|1|id|cat=x', ['rfc3164', 'leef']],
    ['<134>1 - h a - - - {"a":1}', ['rfc5424', 'json']],
    ['<134>1 - h a - - - hello', ['rfc5424']],
    ['<134>hello', ['rfc3164']],
    ['{"a":1}', ['json']],
    ['hello', []],
  ])('%s is read as %j', (text, names) => expect(lintMessage(Buffer.from(text)).languages).toEqual(names));

  test.each([
    ['cef', good, []],
    ['cef', 'CEF:0|V|P|1|id|Name|5|', []],
    ['cef', 'LEEF:1.0|V|P|1|id|', [/instead of CEF:0/]],
    ['cef', '<134>1 - h a - - - hello', [/is no cef, and carries none/]],
    ['rfc5424', good, []],
    ['rfc5424', '<134>Nov  3 08:26:10 h app: CEF:0|V|P|1|id|Name|5|', [/is no rfc5424/]],
  ])('as %s: %s', (name, text, found) => {
    const as = languages.find((language) => language.name === name);
    const { findings } = lintMessage(Buffer.from(text), { as });
    expect(findings.map(({ message }) => message)).toEqual(
      found.map((pattern) => expect.stringMatching(pattern)),
    );
  });

  test('bytes count before characters do', () => {
    const bytes = Buffer.from(good.replace('act=x', 'act=é'));
    expect(lintMessage(bytes, { maxBytes: bytes.length })).toMatchObject({ findings: [] });
    const short = lintMessage(bytes, { maxBytes: bytes.length - 1 });
    expect(short.findings).toMatchObject([
      { level: 'warning', message: expect.stringContaining(`${bytes.length} bytes`) },
    ]);
    const latin = Buffer.from(good.replace('act=x', 'act=é'), 'latin1');
    expect(lintMessage(latin).findings).toMatchObject([{ level: 'error', rule: 'RFC 3629' }]);
  });

  test('whatever is found, few tell of it', () => {
    const record = `CEF:0|V|P|1|id|Name|5|${'a= '.repeat(1000)}`;
    expect(lintMessage(Buffer.from(record)).findings).toHaveLength(50);
  });
});

test('languages of documents stand before plain JSON, which comes last', () => {
  expect(languages.at(-1)).toBe(json);
  expect(languages).toEqual(expect.arrayContaining([cef, rfc5424]));
  expect(new Set(languages.map(({ name }) => name)).size).toBe(languages.length);
});

test('what is shown moves no cursor and turns no text round', () => {
  expect(printable('a\u001b[2J\r\nb\u202ec\u0085\u2028é😀')).toBe(
    String.raw`a\x1b[2J\x0d\x0ab\u202ec\x85\u2028é😀`,
  );
});
