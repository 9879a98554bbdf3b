import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** An import or re-export that is there when the program runs: not of types alone, and not `import()`. */
const staticImport = /^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s)?'([^']+)'/gm;

/** Everything that is loaded with a file: files of ours by their path, packages by their name. */
function loadedWith(...entries: readonly string[]): readonly string[] {
  const loaded = new Set(entries);
  for (const file of loaded) {
    if (!file.endsWith('.ts')) continue;
    for (const [, target = ''] of readFileSync(join(root, file), 'utf8').matchAll(staticImport)) {
      loaded.add(target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target);
    }
  }
  return [...loaded];
}

function packagesOf(loaded: readonly string[]): readonly string[] {
  return loaded.filter((each) => !each.endsWith('.ts') && !each.startsWith('node:')).toSorted();
}

/** What `await import('…')` in the list of a folder leads to. */
function partsOf(list: string): readonly string[] {
  const text = readFileSync(join(root, list), 'utf8');
  return [...text.matchAll(/import\('([^']+)'\)/g)].map(([, target = '']) => join(dirname(list), target));
}

const lists = ['src/formats/index.ts', 'src/sinks/index.ts', 'src/sources/index.ts', 'connectors/index.ts'];

test('the walk sees what there is: the lists tell of every part, and load none', () => {
  const { sinkTypes, formats, sourceTypes, profiles } = catalogue;
  expect(lists.flatMap(partsOf)).toHaveLength(
    sinkTypes.length + formats.length + sourceTypes.length + profiles.length,
  );
  expect(loadedWith('src/catalogue.ts')).toEqual([
    'src/catalogue.ts',
    'connectors/index.ts',
    ...lists.slice(0, 3),
  ]);
  expect(loadedWith('src/app.ts')).toEqual(
    expect.arrayContaining(['src/dispatch/dispatcher.ts', 'node:https', 'zod']),
  );
});

describe('a start loads what it needs, and no more', () => {
  const whole =
    /^(?:src\/(?:app|admin|dispatch|http|jobs|lint|normalise|provision|simulator|store|formats|sinks)|connectors)\/(?!index\.ts)/;

  test('any command: the list of them', () => {
    expect(packagesOf(loadedWith('src/cli.ts', 'src/command-line.ts'))).toEqual([]);
    expect(loadedWith('src/cli.ts', 'src/command-line.ts').length).toBeLessThan(20);
  });

  test('`check`: the configuration', () => {
    const loaded = loadedWith('src/commands/check.ts');
    expect(loaded.filter((file) => whole.test(file))).toEqual([]);
    expect(packagesOf(loaded)).toEqual(['yaml', 'zod']);
  });

  test('`format`: what reads records', () => {
    const loaded = loadedWith('src/commands/format.ts');
    expect(loaded.filter((file) => whole.test(file) && !file.startsWith('src/normalise/'))).toEqual([]);
    expect(packagesOf(loaded)).toEqual([]);
  });

  test('`run`, until its store is being opened: the configuration, and the way to the thread of the store', () => {
    const loaded = loadedWith('src/commands/run.ts');
    const unwanted =
      /^(?:src\/(?:admin|http|jobs|lint|normalise|provision|simulator|formats|sinks)|connectors)\/(?!index\.ts)/;
    expect(loaded.filter((file) => unwanted.test(file))).toEqual([]);
    expect(packagesOf(loaded)).toEqual(['yaml', 'zod']);
  });

  test('`run` as a whole: nothing that only others need', () => {
    const loaded = loadedWith('src/app.ts');
    expect(
      loaded.filter((file) => /^(?:src\/(?:admin|lint|simulator|commands)|connectors)\//.test(file)),
    ).toEqual([]);
    expect(packagesOf(loaded)).toEqual(['node-cron', 'p-queue', 'zod']);
  });

  test.each(lists.flatMap(partsOf))('%s: no other part, and no large package', (part) => {
    const loaded = loadedWith(part);
    expect(loaded.filter((file) => lists.flatMap(partsOf).includes(file))).toEqual([part]);
    expect(packagesOf(loaded).filter((name) => !['zod', 'syslog-client'].includes(name))).toEqual([]);
  });
});
