import { instantOf } from '../../src/fields/instant.ts';
import { openStoreThread } from '../../src/store/threaded.ts';
import { incompressible } from '../support/incompressible.ts';
import { page, record, startMs } from '../support/store-contract.ts';

/**
 * A process that accepts page after page until it is killed or the disk refuses: `<path> <first page> <rows>`. Several
 * are under way at a time, as the store's thread then keeps them together. It writes a line for each page that the store
 * has answered, and the code of the error that stopped it.
 */
const [path = '', first = '0', rows = '100'] = process.argv.slice(2);
const atATime = 3;
await using store = await openStoreThread(path);
await store.registerSinks(['one'], startMs);
process.stdout.write('open\n');

let failed = false;
async function accept(number: number): Promise<void> {
  const records = Array.from({ length: Number(rows) }, (_, i) =>
    record(
      `${number}-${i}`,
      undefined,
      JSON.stringify({ page: number, filler: incompressible(`${number}-${i}`, 2000) }),
    ),
  );
  const watermark = instantOf(startMs + number * 1000);
  try {
    await store.accept(page(records, { watermark }));
    process.stdout.write(`accepted ${number}\n`);
  } catch (error) {
    if (!failed) process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
    failed = true;
  }
}

for (let number = Number(first); !failed; number += atATime) {
  await Promise.all(Array.from({ length: atATime }, (_, i) => accept(number + i)));
}
