import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { loadConfig, loadNamedConfig } from '../../src/config/load.ts';
import { type Catalogue, partsNamedIn } from '../../src/config/named-parts.ts';
import { ConfigProblems } from '../../src/config/problems.ts';
import { parts } from '../../src/parts.ts';
import type { Listed } from '../../src/runtime/listed.ts';
import { folderWith } from './config-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const env = {
  DEFENDER_CLIENT_SECRET: 'hush',
  SPLUNK_HEC_TOKEN: 'hush',
  ELASTIC_API_KEY: 'aWQ6aHVzaA==',
  FORMAT: 'leef',
};

/** The same lists, which note what is loaded. */
function watched(loaded: string[]): Catalogue {
  const noted = <Part>(list: readonly Listed<Part>[]) =>
    list.map(({ name, load }) => ({
      name,
      load: () => {
        loaded.push(name);
        return load();
      },
    }));
  const { sinkTypes, formats, sourceTypes, profiles } = catalogue;
  return {
    sinkTypes: noted(sinkTypes),
    formats: noted(formats),
    sourceTypes: noted(sourceTypes),
    profiles: noted(profiles),
  };
}

async function outcomeOf(load: () => unknown) {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.message;
  }
}

const start = `tenants: [{ name: contoso, id: contoso.onmicrosoft.com, auth: { managedIdentity: {} } }]
sources: [{ name: alerts, tenant: contoso }]
sinks:
  - `;

const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    globSync('connectors/*/example*.yaml', { cwd: root }).map((path) => [
      path,
      readFileSync(join(root, path), 'utf8'),
    ]),
  ),
  'a format by reference': `${start}{ name: x, type: stdout, format: '\${env:FORMAT}' }`,
  'options of another format': `${start}{ name: x, type: stdout, format: cef, leef: { version: '1.0' } }`,
  'another format than the profile has': `${start}{ name: x, type: syslog, host: h, profile: qradar, format: json }`,
  'an unknown type': `${start}{ name: x, type: sislog, host: h }`,
  'an unknown format': `${start}{ name: x, type: stdout, format: cfe }`,
  'an unknown key': `${start}{ name: x, type: stdout, formt: cef }`,
  'no list of sinks': 'sinks: here',
  'no sink': 'sinks: []',
};

test.each(Object.entries(files))(
  '%s comes to the same with the parts that it names as with all',
  async (_, text) => {
    const path = join(folderWith({ 'config.yaml': text }), 'config.yaml');
    const named = await outcomeOf(() => loadNamedConfig(path, catalogue, env));
    const whole = await outcomeOf(() => loadConfig(path, parts, env));
    // Secrets are equal by what they hold, and parts by their names.
    expect(JSON.stringify(named)).toEqual(JSON.stringify(whole));
  },
);

test('what a configuration does not name is not loaded', async () => {
  const loaded: string[] = [];
  const value = {
    sources: [{ name: 'alerts', tenant: 'contoso' }],
    sinks: [
      { name: 'a', type: 'file', path: './a' },
      { name: 'b', type: 'syslog', host: 'h', profile: 'arcsight' },
    ],
  };
  expect(await partsNamedIn(value, watched(loaded))).toBeDefined();
  expect(loaded).toEqual(['graph-alerts', 'syslog', 'file', 'arcsight', 'cef', 'json']);
});
