import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceRecord } from '../../../src/record.ts';
import { keepPortions } from '../../../src/sources/portions.ts';
import type { Store } from '../../../src/store/store.ts';
import { openStoreThread } from '../../../src/store/threaded.ts';
import type { Stage } from '../stage.ts';
import { recordsOf } from './reading.ts';

/** Opens a store that nothing is in, in place of what is there, as `run` does. */
export function freshStore(folder: string): Promise<Store> {
  const path = join(folder, 'bench.db');
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return openStoreThread(path);
}

/**
 * Accepts records as a collector does, portion by portion, and calls `wake` after each; resolves with how many of them
 * were new.
 */
export async function acceptAll(
  store: Store,
  records: Iterable<SourceRecord>,
  wake: () => void = () => {},
): Promise<number> {
  let accepted = 0;
  await keepPortions(records, async (portion) => {
    const request = { source: 'bench', records: portion, updates: 'all', nowMs: Date.now() } as const;
    const result = await store.accept(request);
    accepted += result.accepted;
    wake();
  });
  return accepted;
}

/** Pages into the journal, each portion in one transaction that is on the disk before the next. */
export const accept: Stage = {
  name: 'accept',
  title: 'accept (journal, fsynced)',
  prepare: async ({ pages, folder }) => {
    let store: Store | undefined;
    return {
      async begin() {
        store = await freshStore(folder);
      },
      page(file) {
        const records = recordsOf(pages.kind, [file]);
        return async () => (store === undefined ? 0 : await acceptAll(store, records));
      },
      end: async () => store?.[Symbol.asyncDispose](),
    };
  },
};
