import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { recordOf } from '../../../src/normalise/index.ts';
import { splitResponse } from '../../../src/normalise/split-response.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Stage } from '../stage.ts';

/** Opens a store that nothing is in. */
export function freshStore(folder: string, name: string): Store {
  const path = join(folder, name);
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return openSqliteStore(path);
}

/** Pages into the journal, each in one transaction that is on the disk before the next. */
export const accept: Stage = {
  name: 'accept',
  title: 'accept (journal, fsynced per page)',
  prepare: async ({ pages, folder }) => {
    const accepted = pages.files.map((file) =>
      splitResponse(readFileSync(file, 'utf8')).records.map((text) => recordOf(pages.kind, text)),
    );
    let run = 0;
    return async () => {
      await using store = freshStore(folder, `accept-${run++}.db`);
      let records = 0;
      for (const page of accepted) {
        const result = await store.accept({
          source: 'bench',
          records: page,
          updates: 'all',
          nowMs: Date.now(),
        });
        records += result.accepted;
      }
      return records;
    };
  },
};
