import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for one test's store file; gone with everything in it when disposed of. */
export function storePlace(): Disposable & { readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'store-'));
  return {
    path: join(directory, 'state.db'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
