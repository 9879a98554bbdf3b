import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kindWords } from '../../../connectors/elastic/data-stream.ts';
import { integrationDatasets } from '../../../connectors/elastic/integration.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parts } from '../../../src/parts.ts';
import { installSteps } from '../../support/elastic-content.ts';
import { commandLines, commandProblem, deadLinks } from '../../support/readme.ts';

const folder = new URL('../../../connectors/elastic/', import.meta.url);
const page = new URL('README.md', folder);
const readme = readFileSync(page, 'utf8');
const script = readFileSync(new URL('install.sh', folder), 'utf8');
const assets = readdirSync(new URL('assets', folder));

test.each([
  ['example.yaml', [['elastic', 'ecs']]],
  [
    'example-integrations.yaml',
    [
      ['integrations', 'json'],
      ['elastic', 'ecs'],
    ],
  ],
])('%s loads', (file, sinks) => {
  const secrets = { DEFENDER_CLIENT_SECRET: 'secret', ELASTIC_API_KEY: 'key' };
  const config = loadConfig(fileURLToPath(new URL(file, folder)), parts, secrets);
  expect(config.sinks.map(({ name, format }) => [name, format])).toEqual(sinks);
});

test('every command line of the page is understood', async () => {
  const lines = commandLines(readme);
  expect(lines.length).toBeGreaterThan(4);
  const problems = await Promise.all(lines.map(commandProblem));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

test('every link of the page leads somewhere', () => {
  expect(deadLinks(page)).toEqual([]);
});

test('every file of the content is told of, and put by install.sh', () => {
  for (const file of assets) {
    expect(readme).toContain(`(assets/${file})`);
    expect(script).toContain(file);
  }
  const named = [...script.matchAll(/[\w-]+\.(?:json|ndjson)/g)].map(([file]) => file);
  expect(named.filter((file) => !assets.includes(file))).toEqual([]);
});

test('what install.sh puts, uninstall takes out again, the other way round', () => {
  const put = [...installSteps('install'), ...installSteps('ilm')].map(({ path }) => path);
  const deleted = installSteps('uninstall').map(({ path }) => path);
  expect(new Set(deleted)).toEqual(new Set(put));
  const positions = ['_index_template', '_component_template', '_ingest', '_ilm'].map((kind) =>
    deleted.findIndex((path) => path.startsWith(kind)),
  );
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
});

test('the page shows what install.sh puts, word for word', () => {
  const shown = [...readme.matchAll(/^ *PUT (\S+)$/gm)].map(([, path]) => path);
  expect(shown).toEqual(installSteps('install').map(({ path }) => path));
});

test('every word of install.sh that the page names is one, and every data stream', () => {
  for (const [, word = ''] of readme.matchAll(/\.\/install\.sh ([a-z-]+)/g))
    expect(script).toContain(`\n${word})\n`);
  for (const dataset of integrationDatasets) expect(readme).toContain(`\`logs-${dataset}-default\``);
  for (const word of kindWords)
    expect(readme).toMatch(new RegExp(`microsoft_defender\\.${word}\`|\`\\.${word}\``));
});
