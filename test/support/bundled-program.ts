import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules/.cache/program');
/** What has not been used for this long is of older sources, ms. */
const keptForMs = 3_600_000;

/**
 * Resolves with the path of the real program, bundled with its packages into a few files: it starts in half the time
 * that its hundreds of modules take one by one. It is made once for each state of the sources and kept.
 */
export async function bundledProgram(): Promise<string> {
  const folder = join(cache, stateOfSources());
  const program = join(folder, 'dist/src/cli.js');
  if (existsSync(program)) {
    const now = new Date();
    utimesSync(folder, now, now);
    return program;
  }
  mkdirSync(cache, { recursive: true });
  forgetOld();
  const work = mkdtempSync(join(cache, 'making-'));
  try {
    await bundle(join(work, 'dist/src'));
    copyFileSync(join(root, 'package.json'), join(work, 'package.json'));
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Another process of the tests may have been faster.
    if (!existsSync(program)) throw error;
  }
  return program;
}

/** Rolldown comes with the test runner. */
async function bundle(into: string): Promise<void> {
  // The store's thread is a program of its own, and looks for its file beside the one that starts it.
  const input = [join(root, 'src/cli.ts'), join(root, 'src/store/store-thread.ts')];
  const build = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await build.write({ dir: into, format: 'esm' });
  await build.close();
}

function stateOfSources(): string {
  const hash = createHash('sha256');
  const files = globSync(['src/**/*.ts', 'connectors/**/*.ts', 'package.json', 'package-lock.json'], {
    cwd: root,
  });
  for (const file of files.toSorted()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 24);
}

function forgetOld(): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (Date.now() - statSync(folder).mtimeMs > keptForMs) rmSync(folder, { recursive: true, force: true });
  }
}
