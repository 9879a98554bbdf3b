import { openSqliteStore } from '../../src/store/sqlite.ts';
import { storeContract } from '../support/store-contract.ts';
import { storeNotesContract } from '../support/store-notes-contract.ts';
import { storePlace } from '../support/store-place.ts';

async function newPlace() {
  const place = storePlace();
  return {
    open: async () => openSqliteStore(place.path),
    [Symbol.asyncDispose]: async () => place[Symbol.dispose](),
  };
}

storeContract('SQLite', newPlace);
storeNotesContract('SQLite', newPlace);
