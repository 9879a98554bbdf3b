import { instantOf } from '../../src/fields/instant.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { page, record, startMs } from '../support/store-contract.ts';

/**
 * A process that accepts page after page until it is killed or the disk refuses: `<path> <first page> <rows>`. It
 * writes a line for each page that the store has answered, and the code of the error that stopped it.
 */
const [path = '', first = '0', rows = '100'] = process.argv.slice(2);
const store = openSqliteStore(path);
await store.registerSinks(['one'], startMs);
process.stdout.write('open\n');
for (let number = Number(first); ; number++) {
  const records = Array.from({ length: Number(rows) }, (_, i) =>
    record(`${number}-${i}`, undefined, JSON.stringify({ page: number, filler: 'x'.repeat(2000) })),
  );
  const watermark = instantOf(startMs + number * 1000);
  try {
    await store.accept(page(records, { watermark }));
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
    break;
  }
  process.stdout.write(`accepted ${number}\n`);
}
await store[Symbol.asyncDispose]();
