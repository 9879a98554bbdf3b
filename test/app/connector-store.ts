import { onTestFinished } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { storePlace } from '../support/store-place.ts';

/** What a record of the connector's own says. */
export type Told = Readonly<Record<string, unknown>>;

/** A real store that refuses when told to. */
export interface RefusingStore {
  readonly store: Store;
  /** How `accept` fails: not at all, before it writes, or after. */
  refuse: 'never' | 'before' | 'after';
  /** Every event of the connector's own in the journal, in order. */
  told(): Promise<readonly Told[]>;
}

/** Opens a store in a fresh folder; both are gone after the test. */
export function refusingStore(): RefusingStore {
  const place = storePlace();
  const sqlite = openSqliteStore(place.path);
  onTestFinished(async () => {
    await sqlite[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });
  const refusing: RefusingStore = {
    refuse: 'never',
    store: {
      ...sqlite,
      async accept(request) {
        if (refusing.refuse === 'before') throw new ConnectorError('STORE_UNUSABLE', 'the disk is full');
        const result = await sqlite.accept(request);
        if (refusing.refuse === 'after') throw new ConnectorError('STORE_UNUSABLE', 'the disk is gone');
        return result;
      },
    },
    async told() {
      const entries = await sqlite.readJournal(0, 1000, 2 ** 20);
      return entries.filter(({ kind }) => kind === 'connector').map(({ json }) => JSON.parse(json));
    },
  };
  return refusing;
}
