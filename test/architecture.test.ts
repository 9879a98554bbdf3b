import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What every folder may import: the words of the program, and what stands under everything. */
const ground = ['src', 'src/fields', 'src/runtime'];

/** Each folder, and what it may import besides itself and the ground. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/fields': [],
  'src/runtime': [],
  'src/normalise': [],
  'src/http': ['src/identity'],
  'src/identity': ['src/http'],
  'src/store': [],
  'src/sources': ['src/normalise', 'src/store'],
  'src/formats': [],
  'src/lint': [],
  'src/sinks': ['src/http'],
  'src/dispatch': ['src/store', 'src/sinks', 'src/formats'],
  'src/jobs': ['src/store', 'src/sources', 'src/dispatch'],
  'src/config': ['src/sources', 'src/sinks', 'src/formats', 'src/identity', 'src/dispatch'],
  'src/provision': ['src/identity', 'src/http', 'src/config', 'src/sources'],
  'src/simulator': [],
  'src/admin': ['src/app'],
  connectors: ['src/sinks', 'src/http', 'src/formats'],
};

/** Files of the ground that stand in `src` itself; `app.ts`, `catalogue.ts`, `parts.ts` and `cli.ts` are no ground: they know everybody. */
const groundFiles = [
  'src/connector-facts.ts',
  'src/errors.ts',
  'src/event.ts',
  'src/event-head.ts',
  'src/record.ts',
  'src/signals.ts',
  'src/version.ts',
];

const files = globSync(['src/**/*.ts', 'connectors/**/*.ts'], { cwd: root }).filter(
  (file) => !file.endsWith('.d.ts') && !file.endsWith('.test.ts'),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const paths = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '');
  return paths.map((path) => relative(root, join(root, dirname(file), path)));
}

function folderOf(file: string): string {
  if (file.startsWith('connectors/')) return 'connectors';
  return file
    .split('/')
    .slice(0, Math.min(2, file.split('/').length - 1))
    .join('/');
}

describe('the folders import only what the picture of the code allows', () => {
  test.each(Object.keys(mayImport))('%s', (folder) => {
    const strays = files
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) => importsOf(file).map((imported) => ({ file, imported })))
      .filter(({ imported }) => {
        const target = folderOf(imported);
        if (target === 'src') return !groundFiles.includes(imported);
        return target !== folder && ![...ground, ...(mayImport[folder] ?? [])].includes(target);
      });
    expect(strays).toEqual([]);
  });
});

test("no SIEM product's name stands in src: each lives in its own folder under connectors", () => {
  const named = files
    .filter((file) => file.startsWith('src/'))
    .filter((file) => /splunk|qradar|sentinel|arcsight|elastic/i.test(withoutMicrosoftsWords(file)));
  expect(named).toEqual([]);
});

/** Microsoft Sentinel is also a service that raises alerts: as such its name is part of Graph's words. */
function withoutMicrosoftsWords(file: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll(/microsoftSentinel|Microsoft Sentinel/g, '');
}

test('the connector does not know of the simulator: only the commands that show it do', () => {
  const knowing = files
    .filter((file) => !file.startsWith('src/simulator/'))
    .filter((file) => importsOf(file).some((imported) => imported.startsWith('src/simulator/')));
  expect(knowing.filter((file) => !/^src\/commands\/(simulate|demo\/)/.test(file))).toEqual([]);
});

test('no file has grown beyond what one idea needs', () => {
  const long = files
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 330);
  expect(long).toEqual([]);
});
