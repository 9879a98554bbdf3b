import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { sourceOf, sourcetypes } from '../../../connectors/splunk/event.ts';
import { splunkSc4s } from '../../../connectors/splunk/profile.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parts } from '../../../src/parts.ts';
import type { RecordKind } from '../../../src/record.ts';
import { testFolder } from '../../support/connector-config.ts';
import { commandLines, commandProblem, deadLinks } from '../../support/readme.ts';
import { addOnTexts, packedAddOn } from '../../support/splunk/add-on.ts';
import { readConf } from '../../support/splunk/conf-file.ts';
import { worldOf } from '../../support/splunk/lint/search-rules.ts';
import { problemsOfSearch } from '../../support/splunk/spl.ts';

const folder = new URL('../../../connectors/splunk/', import.meta.url);
const page = new URL('README.md', folder);
const text = readFileSync(page, 'utf8');
const env = { DEFENDER_CLIENT_SECRET: 'secret', SPLUNK_HEC_TOKEN: 'token' };

/** The texts of the fenced blocks in this language, without their indentation. */
function blocksOf(language: string): readonly string[] {
  const blocks = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'));
  return [...blocks].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

function loaded(yaml: string) {
  const file = join(testFolder(), 'defender-siem.yaml');
  writeFileSync(file, yaml);
  return loadConfig(file, parts, env).sinks[0];
}

test('what the page points to is there, and its command lines are understood', async () => {
  expect(deadLinks(page)).toEqual([]);
  const lines = commandLines(text);
  expect(lines).toContain('check --live --send-test');
  expect((await Promise.all(lines.map(commandProblem))).filter((problem) => problem !== undefined)).toEqual(
    [],
  );
});

test('the saved searches name command lines that are understood', async () => {
  const lines = commandLines(addOnTexts.get('default/savedsearches.conf') ?? '');
  expect(lines.length).toBeGreaterThan(2);
  expect((await Promise.all(lines.map(commandProblem))).filter((problem) => problem !== undefined)).toEqual(
    [],
  );
});

test('the packer is where the page calls it', () => {
  expect(text).toContain('node connectors/splunk/pack.ts');
  expect(text).toContain('/dist/connectors/splunk/pack.js');
  expect(existsSync(fileURLToPath(new URL('pack.ts', folder)))).toBe(true);
});

test('the examples load, and the page shows their sinks', () => {
  const [hec, syslog] = ['example.yaml', 'example-sc4s.yaml'].map((file) =>
    readFileSync(new URL(file, folder), 'utf8'),
  );
  const [hecBlock, syslogBlock] = blocksOf('yaml');
  expect(loaded(hec ?? '')).toMatchObject({ type: 'splunk-hec' });
  const options = Object.fromEntries(splunkSc4s.settings.map(({ key, value }) => [key, value]));
  const { format, facility: _facility, ...rest } = options;
  expect(loaded(syslog ?? '')).toMatchObject({ type: 'syslog', format, options: rest });
  const token = '${file:/run/secrets/splunk-hec}';
  expect(parse(hecBlock ?? '').sinks).toEqual([{ ...parse(hec ?? '').sinks[0], token }]);
  expect(parse(syslogBlock ?? '').sinks).toEqual(parse(syslog ?? '').sinks);
});

test('the searches name fields that the add-on makes, and macros that it has', () => {
  const searches = blocksOf('spl');
  expect(searches).toHaveLength(4);
  const world = worldOf(packedAddOn());
  expect(searches.flatMap((search) => problemsOfSearch(search.trim(), world))).toEqual([]);
});

test('the page lists the source types and sources that the sink writes', () => {
  const rows = [...text.matchAll(/^\| [^|]+ \| `([\w:-]+)` \| `(defender-siem:[\w-]+)` \|/gm)];
  const kinds = Object.keys(sourcetypes) as RecordKind[];
  expect(new Map(rows.map(([, sourcetype, source]) => [source, sourcetype]))).toEqual(
    new Map(kinds.map((kind) => [sourceOf(kind), sourcetypes[kind]])),
  );
});

test('the page lists the saved searches, the macros and the tags of the add-on', () => {
  const names = (file: string) =>
    readConf(addOnTexts.get(`default/${file}.conf`) ?? '').stanzas.map(({ name }) => name);
  const searches = names('savedsearches');
  expect([...text.matchAll(/^ *\| (Defender SIEM - [^|]+?) \|/gm)].map(([, name]) => name)).toEqual(searches);
  const macros = [...text.matchAll(/macro `(\w+)`/g)].map(([, name]) => name);
  expect(macros.filter((name) => !names('macros').includes(name ?? ''))).toEqual([]);
  const tags = readConf(addOnTexts.get('default/tags.conf') ?? '').stanzas.map(({ settings }) => [
    ...settings.keys(),
  ]);
  const told = [...text.matchAll(/^\| [^|]+ \| [^|]+ \| ((?:`[a-z]+`(?:, )?)+) \|$/gm)].map(([, list = '']) =>
    list.replaceAll('`', '').split(', '),
  );
  expect(told).toEqual(tags);
});

test('every file of the folder that users take is named on the page', () => {
  const taken = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.endsWith('.ts') && name !== 'README.md')
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  expect(taken.filter((name) => !text.includes(`(${name}`))).toEqual([]);
});
