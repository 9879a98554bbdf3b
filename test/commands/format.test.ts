import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { recordOf } from '../../src/normalise/index.ts';
import { type Fixture, fixtures } from '../normalise/fixtures.ts';
import { parseCef } from '../support/cef-parser.ts';
import { testFolder } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';
import { parseLeef } from '../support/leef-parser.ts';

const root = fileURLToPath(new URL('../fixtures/', import.meta.url));
const files = [...new Set(fixtures.map(({ name }) => name.slice(0, name.lastIndexOf(':'))))];
const folders = [...new Set(files.map((file) => file.slice(0, file.indexOf('/'))))];

function identityOf({ kind, json }: Pick<Fixture, 'kind' | 'json'>): string {
  const { id, version } = recordOf(kind, json);
  return `${id} ${version}`;
}

/** Reads a formatted line with a strict reader; what identifies the record in it. */
function read(format: string, line: string, { kind }: Fixture): string {
  if (format === 'json') return identityOf({ kind, json: line });
  // Several detections, or rows, share the id of their alert; beside it they carry their own.
  const hasOwn = kind === 'detection' || kind === 'hunting-event';
  if (format === 'leef') {
    const { attributes } = parseLeef(line);
    const own = hasOwn ? attributes.get('providerAlertId') : undefined;
    return `${own ?? attributes.get('alertId')} ${attributes.get('version')}`;
  }
  const { extension } = parseCef(line);
  const alertId = extension.get('MSDefenderAlertId') ?? extension.get('externalId');
  const own = hasOwn ? extension.get('MSDefenderProviderAlertId') : undefined;
  return `${own ?? alertId} ${extension.get('MSDefenderVersion')}`;
}

function linesOf(output: string): string[] {
  expect(output.endsWith('\n')).toBe(true);
  return output.slice(0, -1).split('\n');
}

describe.each(['cef', 'leef', 'json'])('format --as %s', (format) => {
  test('prints every record of every file, a line each, in order', async () => {
    const { code, stdout, stderr } = await runInProcess([
      'format',
      '--as',
      format,
      ...files.map((file) => join(root, file)),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.length).toBe(fixtures.length);
    for (const [at, fixture] of fixtures.entries()) {
      const line = lines[at] ?? '';
      expect(read(format, line, fixture), fixture.name).toBe(identityOf(fixture));
      if (format === 'json') expect(line).toBe(fixture.json);
    }
  });

  test.each(folders)('prints the same of standard input: %s', async (folder) => {
    const names = files.filter((file) => file.startsWith(folder)).map((file) => join(root, file));
    const input = names.map((name) => readFileSync(name, 'utf8')).join('');
    const [byFile, byInput] = await Promise.all([
      runInProcess(['format', '--as', format, ...names]),
      runInProcess(['format', '--as', format], { readInput: async () => input }),
    ]);
    expect(byInput).toEqual({ code: 0, stdout: byFile.stdout, stderr: '' });
  });

  test('reads a saved answer of the API and a JSON array', async () => {
    const chosen = fixtures.filter(({ kind }) => kind === 'graph-alert').slice(0, 3);
    const values = chosen.map(({ json }) => JSON.parse(json) as unknown);
    const answer = { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata', value: values };
    const folder = testFolder();
    const paths = { answer: join(folder, 'answer.json'), array: join(folder, 'array.json') };
    writeFileSync(paths.answer, JSON.stringify(answer, null, 2));
    writeFileSync(paths.array, JSON.stringify(values));
    const [fromAnswer, fromArray, asInput] = await Promise.all([
      runInProcess(['format', '--as', format, paths.answer]),
      runInProcess(['format', '--as', format, paths.array]),
      runInProcess(['format', '--as', format], { readInput: async () => JSON.stringify(answer, null, 2) }),
    ]);
    for (const { code, stdout, stderr } of [fromAnswer, fromArray, asInput]) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const read0 = linesOf(stdout).map((line, at) => read(format, line, chosen[at] as Fixture));
      expect(read0).toEqual(chosen.map(identityOf));
    }
  });
});

test('a bad line is named, the good ones are printed, and the exit code is 2', async () => {
  const [first, second] = fixtures.filter(({ kind }) => kind === 'alert');
  const path = join(testFolder(), 'records.ndjson');
  writeFileSync(path, `${first?.json}\n{"id": "cut\n{"nothing": "known"}\n${second?.json}\n`);
  const { code, stdout, stderr } = await runInProcess(['format', '--as', 'json', path]);
  expect(code).toBe(2);
  expect(linesOf(stdout)).toEqual([first?.json, second?.json]);
  expect(stderr).toMatch(new RegExp(`^${path}: line 2: no valid JSON`, 'm'));
  expect(stderr).toMatch(new RegExp(`^${path}, line 3: is no record of Defender`, 'm'));
});

test.each([
  ['an unknown format', ['--as', 'ceff'], "did you mean 'cef'?"],
  ['a file that is not there', ['--as', 'cef', '/no/such/file'], 'cannot read /no/such/file'],
  ['an unknown option', ['--format', 'cef'], '--format'],
])('%s ends in exit code 2 and says so', async (_name, args, words) => {
  const { code, stdout, stderr } = await runInProcess(['format', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(words);
});
