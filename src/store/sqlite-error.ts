import { ConnectorError, messageOf } from '../errors.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean: this file, or its disk, cannot be used now. */
const causes: Readonly<Record<number, string>> = {
  3: 'no access; let the user that runs the connector read and write the file and its directory',
  5: 'another program holds a lock on it; close that program',
  6: 'another program holds a lock on it; close that program',
  8: 'not writable; let the user that runs the connector write the file and its directory',
  10: 'the disk failed to read or write; look at its health, its quota and the system log',
  13: 'the disk is full; make room, nothing that was accepted is lost',
  14: 'cannot be opened; the directory must exist and be writable by the user that runs the connector',
};

/** Primary codes after which the disk has refused to hold more: full, or (a quota's limit) failed to write. */
const outOfRoomCodes: readonly number[] = [13, 10];

const notADatabase = 26;
const notADatabaseText =
  "it is not a SQLite database, or its first page is lost; where it is another program's, set store.path to another file";

/** Primary codes of a file whose content is wrong: it stays so, however often it is asked. */
const damagedCodes: readonly number[] = [11, notADatabase];

/** Extended codes of the same: a read beyond the file's end, and a checksum of the file system that does not hold. */
const damagedExtendedCodes: readonly number[] = [522, 8458];

interface SqliteError extends Error {
  readonly errcode: number;
}

/** True for an error of SQLite's own; `errcode` is its (extended) result code. */
export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** True for SQLite's own error when it may not write beside a store, or make a file there. */
export function isOpeningError(error: unknown): boolean {
  return isSqliteError(error) && [8, 14].includes(error.errcode & 0xff);
}

/** True when the disk had no room for what was to be written: what is small may still find some. */
export function isOutOfRoom(error: unknown): boolean {
  const { cause } = error instanceof ConnectorError ? error : {};
  return (
    error instanceof ConnectorError &&
    error.code === 'STORE_UNUSABLE' &&
    isSqliteError(cause) &&
    outOfRoomCodes.includes(cause.errcode & 0xff)
  );
}

/** True when the error says that the store's content is wrong. */
export function isDamage(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.code === 'STORE_DAMAGED';
}

/** Returns the failure of a store on a full disk, for what is not even tried. */
export function fullDisk(path: string): ConnectorError {
  return new ConnectorError('STORE_UNUSABLE', `store ${path}: ${causes[13]}`);
}

/** Returns the failure of a store whose content is wrong: `what` says how that shows. */
export function damage(path: string, what: string, cause?: unknown): ConnectorError {
  return new ConnectorError('STORE_DAMAGED', `store ${path} is damaged: ${what}`, { cause });
}

/**
 * Returns, for an error of the file or its disk, STORE_UNUSABLE when it may pass and STORE_DAMAGED when it will not,
 * each naming the file and what to do; any other error, such as a constraint that fails, is a bug and is returned as
 * it is.
 */
export function storeError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  // The low byte is the primary code; the rest tells variants apart.
  const primary = error.errcode & 0xff;
  if (damagedCodes.includes(primary) || damagedExtendedCodes.includes(error.errcode)) {
    return damage(path, primary === notADatabase ? notADatabaseText : messageOf(error), error);
  }
  const cause = causes[primary];
  if (cause === undefined) return error;
  return new ConnectorError('STORE_UNUSABLE', `store ${path}: ${cause} (${messageOf(error)})`, {
    cause: error,
  });
}
