import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { fillProfiles } from '../../src/config/profiles.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { parts } from '../../src/parts.ts';
import { testFolder } from '../support/connector-config.ts';
import { plainCsv } from '../support/csv.ts';
import { sinkConfig } from '../support/sink-config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['qradar', 'arcsight', 'relays'] as const;
const documentOf = (folder: string) => readFileSync(join(root, 'connectors', folder, 'README.md'), 'utf8');

/** The texts of the fenced blocks in this language. */
function blocksOf(markdown: string, language: string): readonly string[] {
  const blocks = markdown.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'));
  return [...blocks].map(([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

test.each(folders)('the example of %s loads, with all that its profile sets', (folder) => {
  const text = readFileSync(join(root, 'connectors', folder, 'example.yaml'), 'utf8');
  const path = join(testFolder(), 'defender-siem.yaml');
  writeFileSync(path, text);
  const [sink] = loadConfig(path, parts, { DEFENDER_CLIENT_SECRET: 'secret' }).sinks;
  const named = parse(text).sinks[0].profile;
  const profile = parts.profiles.find(({ name }) => name === named);
  expect(profile?.sinkType).toBe('syslog');
  for (const { key, value } of profile?.settings ?? []) {
    const [outer = '', inner] = key.split('.');
    if (outer === 'format') expect(sink?.format).toBe(value);
    else if (inner === undefined && outer !== 'facility') expect(sink?.options[outer], key).toBe(value);
    else if (outer === sink?.format) expect(sink?.formatOptions).toMatchObject({ [inner ?? '']: value });
  }
});

test.each(folders)('every sink that the README of %s shows is one that loads', (folder) => {
  const place = testFolder();
  for (const file of ['ca.pem', 'defender-siem.pem', 'defender-siem.key'])
    writeFileSync(join(place, file), 'a file\n');
  const shown = blocksOf(documentOf(folder), 'yaml').flatMap((block) => parse(block).sinks ?? []);
  expect(shown.length).toBeGreaterThan(0);
  for (const sink of shown) {
    const tls = { ...sink.tls, ca: './ca.pem' };
    expect(sinkConfig(place, { ...sink, tls }).type).toBe('syslog');
  }
});

test('the keys that the README of the relays adds for a SIEM make a sink, with or without the profile', () => {
  const rows = [
    ...documentOf('relays').matchAll(/^ *\| (?:ArcSight|QRadar|any reader of JSON) \| (.+) \|$/gm),
  ];
  expect(rows).toHaveLength(3);
  for (const [, cell = ''] of rows) {
    const added = parse(`{ ${[...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key).join(', ')} }`);
    const sink = { name: 'relay', type: 'syslog', profile: 'rsyslog', host: 'relay.example', ...added };
    expect(sinkConfig(testFolder(), sink).options.framing).toBe('octet-counting');
    expect(fillProfiles({ sinks: [sink] }, parts)).toMatchObject({ sinks: [added] });
  }
});

test.each(folders)('every file and page that the README of %s points to is there', (folder) => {
  const links = [...documentOf(folder).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) expect(existsSync(join(root, 'connectors', folder, path)), path).toBe(true);
});

test.each(folders)('the commands in the README of %s are there, with these options', (folder) => {
  const commands = [
    ...documentOf(folder).matchAll(/defender-siem (check|run|status|replay)((?: --[a-z-]+)*)/g),
  ];
  expect(commands.map(([, name]) => name)).toEqual(expect.arrayContaining(['check', 'run']));
  for (const [, name = '', options = ''] of commands) {
    const source = readFileSync(join(root, `src/commands/${name}.ts`), 'utf8');
    for (const [, option = ''] of options.matchAll(/--([a-z-]+)/g))
      expect(source).toMatch(new RegExp(`'?${option}'?: \\{`));
  }
});

test('the loader of QRadar is called as its README says', () => {
  const [, options = ''] = /node (?:\S+)\/load\.js ((?:--[a-z-]+ \S+ ?)+)/.exec(documentOf('qradar')) ?? [];
  const source = readFileSync(join(root, 'connectors/qradar/load.ts'), 'utf8');
  const named = [...options.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option);
  expect(named).toEqual(['console', 'token-file']);
  for (const option of [...named, 'folder'])
    expect(source).toMatch(new RegExp(`'?${option}'?: \\{ type: 'string'`));
});

test('what the README of QRadar says the loader makes is what the files hold', () => {
  const [, qids, mappings, properties] =
    /made (\d+) QIDs, (\d+) event mappings, (\d+) properties/.exec(documentOf('qradar')) ?? [];
  const read = (name: string) => plainCsv(readFileSync(join(root, 'connectors/qradar', name), 'utf8'));
  const rows = read('event-mappings.csv');
  expect(Number(mappings)).toBe(rows.length);
  expect(Number(qids)).toBe(new Set(rows.map(({ qid_name }) => qid_name)).size);
  expect(Number(properties)).toBe(read('custom-properties.csv').length);
});

test('searches and rules in the README of QRadar name properties and events that there are', () => {
  const markdown = documentOf('qradar');
  const folder = join(root, 'connectors/qradar');
  const properties = plainCsv(readFileSync(join(folder, 'custom-properties.csv'), 'utf8'));
  const names = new Set(properties.map(({ property }) => property));
  const named = [...markdown.matchAll(/["`](Defender (?!CredentialAccess)[A-Z][\w ]+)["`]/g)].map(
    ([, name]) => name,
  );
  expect(named.length).toBeGreaterThan(8);
  for (const name of named) expect(names, name).toContain(name);
  const events = new Set(
    plainCsv(readFileSync(join(folder, 'event-mappings.csv'), 'utf8')).map(({ qid_name }) => qid_name),
  );
  for (const [, name = ''] of markdown.matchAll(
    /((?:Microsoft Defender|defender-siem): [A-Za-z ]+(?: \(\w+\))?)[`']/g,
  ))
    expect(
      [...events].some((event) => event?.startsWith(name.trim())),
      name,
    ).toBe(true);
  const keys = new Set(leef.fields.map(({ name }) => name));
  for (const [, key = ''] of markdown.matchAll(/\| `(\w+)`(?:, `\w+`)* \| the extension/g))
    expect(keys).toContain(key);
});
