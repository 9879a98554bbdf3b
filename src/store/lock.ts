import { closeSync, openSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConnectorError } from '../errors.ts';
import { isSqliteError, storeError } from './sqlite-error.ts';

const busy = 5;

/**
 * Takes the store for this process alone, until the result is disposed of. The lock is SQLite's own lock on an empty
 * database beside the store, `<path>-lock`: the operating system drops it with the process, so a kill -9 leaves
 * nothing stale, and the store itself stays open to readers such as `status`. Throws STORE_UNUSABLE when another
 * process has it; `describeOwner` returns who that is, as far as known.
 */
export function lockStore(path: string, describeOwner: () => string): Disposable {
  const lockPath = `${canonical(path)}-lock`;
  let db: DatabaseSync | undefined;
  try {
    createPrivate(lockPath);
    db = new DatabaseSync(lockPath, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (!isBusy(error)) throw storeError(error, lockPath);
    throw new ConnectorError(
      'STORE_UNUSABLE',
      `store ${path}: ${describeOwner()} is using it; stop that one first, or set another store.path`,
      { cause: error },
    );
  }
  const held = db;
  return { [Symbol.dispose]: () => held.close() };
}

/** True for the error of `lockStore` that says that another process has the store. */
export function isInUse(error: unknown): boolean {
  return error instanceof ConnectorError && error.code === 'STORE_UNUSABLE' && isBusy(error.cause);
}

function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === busy;
}

/**
 * Creates a file that only this user can read, unless there is one. It never opens one that exists: closing it again
 * would drop the POSIX locks that this process has on it (sqlite.org/howtocorrupt.html §2.2).
 */
export function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // It exists, or the directory is missing or not writable: opening it as a database says which.
  }
}

/** The same file has one lock, whichever link leads to it. */
function canonical(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}
