import { openSqliteStore } from '../../src/store/sqlite.ts';
import { storeContract } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

storeContract('SQLite', async () => {
  const place = storePlace();
  return {
    open: async () => openSqliteStore(place.path),
    [Symbol.asyncDispose]: async () => place[Symbol.dispose](),
  };
});
