import { describe, expect, test } from 'vitest';
import { broken, good, problemsOf } from './good-config.ts';

test('the configuration that the tables break has no problem', () => {
  expect(problemsOf(good)).toEqual([]);
});

describe('what is wrong with the file as a whole', () => {
  test.each([
    [
      'an unknown key at the top',
      'admin:\n',
      'adimn:\n',
      'adimn: unknown key: did you mean `admin`? (line 32)',
    ],
    [
      'an empty list of sinks',
      good.slice(good.indexOf('sinks:'), good.indexOf('admin:')),
      'sinks: []\n',
      'sinks: must have an entry (line 20)',
    ],
    [
      'no source at all',
      good.slice(good.indexOf('sources:'), good.indexOf('sinks:')),
      '',
      expect.stringMatching(/^sources: is missing \(line 1\)$/),
    ],
    [
      'a repeated key',
      '    port: 6514',
      '    port: 6514\n    host: other.test',
      'sinks[0].host: stands here a second time (line 25)',
    ],
    ['a repeated section', 'admin:', 'sinks: []\nadmin:', 'sinks: stands here a second time (line 32)'],
    [
      'an indentation by tab',
      '    host: siem.test',
      '\thost: siem.test',
      expect.stringMatching(/^\(file\): is indented with a tab: YAML takes spaces only \(line 23\)$/),
    ],
    [
      'a quote without its end',
      'listen: 127.0.0.1:9464',
      'listen: "127.0.0.1:9464',
      expect.stringMatching(/^\(file\): lacks a closing quote.* \(line 3[34]\)$/),
    ],
    [
      'a list without its end',
      'to: [near, far]',
      'to: [near, far',
      expect.stringMatching(/^\(file\): .* \(line 3[12]\)$/),
    ],
    [
      'a line that is no key',
      '    port: 6514',
      '    port 6514',
      expect.stringMatching(/^\(file\): .* \(line 2[345]\)$/),
    ],
  ])('%s', (_name, from, to, problem) => {
    expect(problemsOf(broken(from, to))[0]).toEqual(problem);
  });

  test.each([
    ['an empty file', '', '(file): is empty: give it tenants, sources and sinks (line 1)'],
    ['comments alone', '# nothing yet\n', '(file): is empty: give it tenants, sources and sinks (line 1)'],
    ['a list for the whole', '- a\n- b\n', '(file): must be a group of keys, not a list (line 1)'],
    [
      'two documents',
      `${good}---\n${good}`,
      '(file): begins a second document: a configuration is one (line 34)',
    ],
  ])('%s', (_name, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('aliases of aliases do not fill the memory', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `  a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`,
    );
    expect(problemsOf(`bomb:\n  a0: &a0 x\n${levels.join('\n')}\n`)).toEqual([
      '(file): uses too many YAML aliases, or one within its own anchor (line 1)',
    ]);
  });

  test('an alias within its own anchor has no end', () => {
    expect(problemsOf('store: &all { path: *all }\n')).toEqual([
      '(file): uses too many YAML aliases, or one within its own anchor (line 1)',
    ]);
  });

  test.each([
    ['in a group', '    auth: { clientSecret: ${env:SECRET}, clientId: abc }'],
    ['first in a list', '    to: [${file:names}, far]'],
    ['last in a list', '    to: [near, ${env:SINK:-far}]'],
  ])('a reference without quotes %s is one problem, which says so', (_name, line) => {
    expect(problemsOf(`extra:\n${line}\n${good}`)).toEqual([
      '(file): has a reference within { } or [ ] that is not in quotes: write "${env:NAME}" or "${file:PATH}" (line 2)',
    ]);
  });
});
