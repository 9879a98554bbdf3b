import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigProblems } from '../../src/config/problems.ts';
import { resolveReferences, wholeFileReference } from '../../src/config/references.ts';
import { folderWith } from './config-folder.ts';
import { parts } from './parts.ts';

const context = { folder: '/etc/defender-siem', env: { A: '1' } };

test('any text, its ${ doubled, resolves to itself', () => {
  const text = fc.string({
    unit: fc.constantFrom('$', '{', '}', 'env:A', 'file:/x', ' ', 'é'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (plain) => {
      const resolved = resolveReferences(
        plain.replaceAll('${', () => '$${'),
        context,
      );
      expect(resolved).toEqual({ text: plain, references: [], problems: [] });
    }),
  );
});

test('what a variable holds is taken as it is, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const resolved = resolveReferences('<${env:V}>', { folder: '/', env: { V: value } });
      expect(resolved.text).toBe(`<${value}>`);
    }),
  );
});

test.each([
  ['${file:a}', '/etc/defender-siem/a'],
  ['${file:/run/a}', '/run/a'],
  ['${file:a} ', undefined],
  ['x${file:a}', undefined],
  ['${file:a}${file:b}', undefined],
  ['$${file:a}', undefined],
  ['${env:A}', undefined],
])('%j stands wholly for the file %s', (text, path) => {
  expect(wholeFileReference(text, context.folder)).toBe(path);
});

test('whatever YAML says, loading ends with a configuration or with problems that have lines', () => {
  const folder = folderWith({});
  const path = join(folder, 'any.yaml');
  const key = fc.constantFrom(
    'name',
    'type',
    'auth',
    'host',
    'tls',
    'every',
    'where',
    '__proto__',
    'constructor',
  );
  const leaf = fc.oneof(fc.constantFrom('socket', 'web', '${env:A}', '${file:none}', '30s'), fc.jsonValue());
  const entry = fc.dictionary(key, leaf);
  const section = fc.oneof(fc.array(fc.oneof(entry, leaf), { maxLength: 3 }), leaf);
  const file = fc.record(
    { tenants: section, sources: section, sinks: section, routes: section, store: leaf, admin: entry },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(file, fc.jsonValue()), (value) => {
      writeFileSync(path, stringify(value));
      try {
        loadConfig(path, parts, { A: '1' });
      } catch (error) {
        if (!(error instanceof ConfigProblems)) throw error;
        expect(error.problems.length).toBeGreaterThan(0);
        expect(error.problems.every(({ line }) => line >= 1)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
