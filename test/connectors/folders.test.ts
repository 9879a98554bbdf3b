import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/catalogue.ts';
import { parts } from '../../src/parts.ts';

const root = fileURLToPath(new URL('../../connectors/', import.meta.url));
const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const readme = readFileSync(`${root}README.md`, 'utf8');

test.each(folders.map(({ name }) => name))('%s has its documents, and stands in the list', (name) => {
  for (const file of ['README.md', 'example.yaml']) expect(existsSync(`${root}${name}/${file}`)).toBe(true);
  expect(readme).toContain(`[\`${name}/\`](${name}/README.md)`);
  // A sink type of its own, or profiles of the syslog sink.
  const code = ['connector.ts', 'profile.ts'].filter((file) => existsSync(`${root}${name}/${file}`));
  expect(code).not.toEqual([]);
  for (const file of code) expect(readFileSync(`${root}index.ts`, 'utf8')).toContain(`'./${name}/${file}'`);
});

test('every sink type has a name of its own', () => {
  const types = parts.sinkTypes.map(({ type }) => type);
  expect(types).toEqual([...new Set(types)]);
});

test('every part has the name under which it stands in its list', () => {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  expect(names(catalogue.sinkTypes)).toEqual(parts.sinkTypes.map(({ type }) => type));
  expect(names(catalogue.sourceTypes)).toEqual(parts.sourceTypes.map(({ type }) => type));
  expect(names(catalogue.formats)).toEqual(names(parts.formats));
  expect(names(catalogue.profiles)).toEqual(names(parts.profiles));
});

test.each(parts.sinkTypes.map((type) => [type.type, type] as const))(
  'every option of %s is described, and unknown ones are errors',
  (_name, { options }) => {
    for (const [key, schema] of Object.entries(options.shape)) {
      expect(schema.description, `describe the option ${key}`).toBeTruthy();
    }
    const unknown = options.safeParse({ 'no such option': 1 }).error?.issues.map((issue) => issue.code);
    expect(unknown).toContain('unrecognized_keys');
  },
);
