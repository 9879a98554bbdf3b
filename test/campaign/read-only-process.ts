import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ConnectorError, messageOf } from '../../src/errors.ts';
import { openSqliteReader, openSqliteStore } from '../../src/store/sqlite.ts';
import { page, record } from '../support/store-contract.ts';

/**
 * Makes a store in `folder`, a disk of its own, and then the disk read-only; prints, a line of JSON each, what opening
 * the store, making another, and reading the first come to, and of the last how many rows it holds: `<folder>`.
 */
const [folder = ''] = process.argv.slice(2);
const path = join(folder, 'state.db');
const store = openSqliteStore(path);
await store.accept(page([record('a')]));
await store[Symbol.asyncDispose]();
execFileSync('mount', ['-o', 'remount,ro', folder]);

for (const act of [
  () => openSqliteStore(path),
  () => openSqliteStore(join(folder, 'other.db')),
  () => openSqliteReader(path, { checked: true }),
]) {
  let outcome: object;
  try {
    await using opened = act();
    const { length } = await opened.readJournal(0, 10, 1e6);
    outcome = { code: 'opened', exitCode: 0, message: `${length} rows` };
  } catch (error) {
    const { code, exitCode } = error instanceof ConnectorError ? error : { code: 'BUG', exitCode: 70 };
    outcome = { code, exitCode, message: messageOf(error) };
  }
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
