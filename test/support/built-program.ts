import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds the program into a folder, as it is installed: JavaScript, which Node need not strip of types. Returns the
 * path of its file.
 */
export function buildProgram(folder: string): string {
  const installed = join(folder, 'installed');
  mkdirSync(installed);
  const tsc = join(root, 'node_modules/.bin/tsc');
  const args = ['-p', join(root, 'src/tsconfig.json'), '--outDir', join(installed, 'dist')];
  execFileSync(tsc, args);
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'), 'dir');
  return join(installed, 'dist/src/cli.js');
}
