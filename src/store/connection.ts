import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ConnectorError } from '../errors.ts';
import { createPrivate, lockStore } from './lock.ts';
import { checkLog } from './log-check.ts';
import { migrate, schemaVersion, storedVersion } from './migrate.ts';
import type { Reserve } from './reserve.ts';
import { checkSoundness } from './soundness.ts';
import { isOpeningError, isOutOfRoom, storeError } from './sqlite-error.ts';

/** How long a statement waits for another process's lock, ms: only a reader's recovery or checkpoint can hold one. */
const busyTimeoutMs = 5000;

/** A commit is on disk before it is answered. */
const durable = 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;';

/** One open store file. Each of its methods throws STORE_UNUSABLE when the file or its disk refuses. */
export interface Connection extends Disposable {
  readonly path: string;
  /** False once disposed of: long work in several transactions ends then. */
  readonly open: boolean;
  prepare(sql: string): StatementSync;
  /** Runs statements that need no parameters. */
  exec(sql: string): void;
  /** Returns what `work` returns, with SQLite's errors told in the store's words. */
  read<Result>(work: () => Result): Result;
  /** Runs `work` as one transaction: all of it is on disk when this returns, and none of it when it throws. */
  transaction<Result>(work: () => Result): Result;
  /**
   * Runs `work`, which does not wait, with all of its transactions as one: they share the wait for the disk. Throws when
   * that one fails: then nothing of any of them is kept, whatever each came to.
   */
  together(work: () => void): void;
  /**
   * Brings what the write-ahead log holds into the file, as far as no reader is in the way. With `RESTART` the log is
   * then written from its beginning again, with `TRUNCATE` its space goes back to the disk.
   */
  checkpoint(mode: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): void;
}

/**
 * Opens a store for writing, for this process alone, and brings its schema up to date; an absent file is created,
 * readable by its owner only. A full disk does not keep it from opening as long as the reserve holds. Throws
 * STORE_UNUSABLE, STORE_DAMAGED or STORE_NEWER.
 */
export function openForWriting(path: string, reserve: Reserve): Connection {
  const lock = lockStore(path, () => ownerOf(path));
  try {
    createPrivate(path);
    const open = () => {
      checkLog(path);
      const db = guarded(path, () => new DatabaseSync(path, { timeout: busyTimeoutMs }));
      try {
        guarded(path, () => prepareForWriting(db, path));
      } catch (error) {
        db.close();
        throw error;
      }
      return connection(db, path, () => lock[Symbol.dispose]());
    };
    for (;;) {
      try {
        return open();
      } catch (error) {
        if (!isOutOfRoom(error) || !reserve.release()) throw error;
        reserve.spend();
      }
    }
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * Opens a store for reading, beside the process that writes it. With `checked` it is looked over for damage first.
 * Throws STORE_UNUSABLE, STORE_DAMAGED or STORE_NEWER.
 */
export function openForReading(path: string, checked: boolean): Connection {
  return openExisting(
    path,
    () => openReadOnly(path),
    (db) => {
      if (checked) checkSoundness(db, path);
    },
  );
}

/** Also on a disk that cannot be written, where SQLite finds no place for the index of the log. */
function openReadOnly(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  try {
    db.prepare('SELECT 1 FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
    // Without a log nobody has it open for writing: nothing can change under a reader that takes no locks.
    if (!isOpeningError(error) || (log !== undefined && log.size > 0)) throw error;
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    return new DatabaseSync(url, { readOnly: true });
  }
}

/**
 * Opens a store for a short write, beside the process that has it open for writing: without its lock, and without
 * making or migrating anything. Throws STORE_UNUSABLE or STORE_NEWER.
 */
export function openBeside(path: string): Connection {
  return openExisting(path, () => {
    // By its URL, in the one mode that neither is read-only nor creates a file.
    const url = pathToFileURL(path);
    url.searchParams.set('mode', 'rw');
    const db = new DatabaseSync(url, { timeout: busyTimeoutMs });
    db.exec(durable);
    return db;
  });
}

function openExisting(
  path: string,
  open: () => DatabaseSync,
  check: (db: DatabaseSync) => void = () => {},
): Connection {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) {
    const what = found === undefined ? 'there is none yet' : 'it cannot be opened, being no file';
    throw new ConnectorError(
      'STORE_UNUSABLE',
      `store ${path}: ${what}; the first \`defender-siem run\` or \`once\` makes it`,
    );
  }
  const db = guarded(path, open);
  try {
    if (guarded(path, () => storedVersion(db, path)) < schemaVersion) {
      throw new ConnectorError(
        'STORE_UNUSABLE',
        `store ${path}: an earlier release wrote it; \`defender-siem run\` or \`once\` brings it up to date`,
      );
    }
    guarded(path, () => check(db));
  } catch (error) {
    db.close();
    throw error;
  }
  return connection(db, path, () => {});
}

function prepareForWriting(db: DatabaseSync, path: string): void {
  // Before anything is written: another program's database must not even change its journal mode.
  if (storedVersion(db, path) === schemaVersion) {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    checkSoundness(db, path);
  }
  // The first two hold only while the file is empty. 16 KiB pages: records of 2 to 20 KB waste least of them.
  db.exec(`
    PRAGMA page_size = 16384;
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    ${durable}
    PRAGMA foreign_keys = ON;
    PRAGMA journal_size_limit = ${64 * 2 ** 20};
    PRAGMA cache_size = -${4 * 2 ** 10};
  `);
  migrate(db, path);
  db.prepare(
    'INSERT INTO owner VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET pid = excluded.pid, host = excluded.host',
  ).run(process.pid, hostname());
}

function connection(db: DatabaseSync, path: string, release: () => void): Connection {
  return {
    path,
    get open() {
      return db.isOpen;
    },
    prepare: (sql) => guarded(path, () => db.prepare(sql)),
    exec: (sql) => guarded(path, () => db.exec(sql)),
    read: (work) => guarded(path, work),
    transaction: (work) => guarded(path, () => (db.isTransaction ? within(db, work) : alone(db, work))),
    together: (work) => guarded(path, () => alone(db, work)),
    // Without waiting: a statement that waits for a reader would hold up the whole process.
    checkpoint: (mode) =>
      guarded(path, () => {
        db.exec('PRAGMA busy_timeout = 0');
        try {
          db.exec(`PRAGMA wal_checkpoint(${mode})`);
        } finally {
          db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
        }
      }),
    [Symbol.dispose]() {
      if (!db.isOpen) return;
      db.close();
      release();
    },
  };
}

function alone<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk may have rolled it back already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Runs `work` as a part of the transaction that is under way: when it throws, that goes on without it. */
function within<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('SAVEPOINT part');
  try {
    return work();
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK TO part');
    throw error;
  } finally {
    if (db.isTransaction) db.exec('RELEASE part');
  }
}

function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw storeError(error, path);
  }
}

function ownerOf(path: string): string {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      const owner = db.prepare('SELECT pid, host FROM owner').get() as { pid: number; host: string };
      return `process ${owner.pid} on ${owner.host}`;
    } finally {
      db.close();
    }
  } catch {
    return 'another process';
  }
}
