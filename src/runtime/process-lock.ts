import { closeSync, fchownSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';

/** SQLite's code for a database that another connection has locked. */
const busy = 5;
/** How often a lock that another has is tried again, ms. */
const retryMs = 100;

/**
 * Resolves with a lock that one holder at a time has, of this process or another one, until it is disposed of. It is
 * SQLite's lock on an empty database at `path`: the operating system drops it with the process, so that a kill leaves
 * nothing stale. Waits for the holder before; resolves with undefined when `withinMs` are over. Rejects as `node:fs` and
 * SQLite do, or with the signal's reason.
 */
export async function takeLock(
  path: string,
  {
    clock,
    withinMs,
    signal,
  }: { readonly clock: Clock; readonly withinMs: number; readonly signal: AbortSignal },
): Promise<Disposable | undefined> {
  const { DatabaseSync } = await import('node:sqlite');
  createPrivate(path);
  for (let waitedMs = 0; waitedMs <= withinMs; waitedMs += retryMs) {
    signal.throwIfAborted();
    const db = new DatabaseSync(path, { timeout: 0 });
    try {
      db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return { [Symbol.dispose]: () => db.close() };
    } catch (error) {
      db.close();
      if (!isBusy(error)) throw error;
    }
    await clock.sleep(retryMs, signal);
  }
  return undefined;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy;
}

/**
 * A file that exists is not opened: to close it again would drop this process's locks on it (howtocorrupt.html §2.2).
 * What root makes is for the folder's owner: the service, which must be able to lock it too.
 */
function createPrivate(path: string): void {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      const { uid, gid } = statSync(dirname(path));
      if (process.getuid?.() === 0) fchownSync(file, uid, gid);
    } finally {
      closeSync(file);
    }
  } catch {
    // It exists, or the folder is missing or not writable: opening it as a database says which.
  }
}
