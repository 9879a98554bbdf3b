import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** Packages that every start loads, of 70 to 95 modules each. Any other is loaded from where it is installed. */
const inlined = ['yaml', 'zod'];

/**
 * Puts the built program in the folder `dist` together in a few files, with the packages that every start loads: finding
 * and loading a module takes Node about as long as running it, so that `check` of 350 modules takes twice the CPU time of
 * one of 30 files. Rolldown comes with the test runner.
 */
async function bundleBuilt(dist: string): Promise<void> {
  const folder = join(dist, 'src');
  // The store's thread is a program of its own, and looks for its file beside the one that starts it.
  const input = { cli: join(folder, 'cli.js'), 'store-thread': join(folder, 'store/store-thread.js') };
  const isOurs = (id: string) => /^[./]/.test(id) || inlined.includes(id);
  const build = await rolldown({
    input,
    platform: 'node',
    logLevel: 'silent',
    external: (id) => !isOurs(id),
  });
  await build.write({ dir: folder, format: 'esm' });
  await build.close();
  const licenses = join(dist, 'licenses');
  mkdirSync(licenses, { recursive: true });
  for (const name of inlined) {
    copyFileSync(
      fileURLToPath(new URL(`../node_modules/${name}/LICENSE`, import.meta.url)),
      join(licenses, name),
    );
  }
}

const [, , dist = fileURLToPath(new URL('../dist', import.meta.url))] = process.argv;
await bundleBuilt(dist);
