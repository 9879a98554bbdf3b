import { ConnectorError, messageOf } from '../errors.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean: this file, or its disk, cannot be used. */
const causes: Readonly<Record<number, string>> = {
  3: 'no access; let the user that runs the connector read and write the file and its directory',
  5: 'another program holds a lock on it; close that program',
  6: 'another program holds a lock on it; close that program',
  8: 'not writable; let the user that runs the connector write the file and its directory',
  10: 'the disk failed to read or write; look at its health, its quota and the system log',
  11: 'the file is damaged; restore it from a backup, or move it away: collection then starts afresh',
  13: 'the disk is full; make room, nothing that was accepted is lost',
  14: 'cannot be opened; the directory must exist and be writable by the user that runs the connector',
  26: 'not a SQLite database; set store.path to another file, or move this one away',
};

interface SqliteError extends Error {
  readonly errcode: number;
}

/** True for an error of SQLite's own; `errcode` is its (extended) result code. */
export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/**
 * Returns STORE_UNUSABLE, naming the file and what to do, for an error of the file or its disk; any other error, such
 * as a constraint that fails, is a bug and is returned as it is.
 */
export function storeError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  // The low byte is the primary code; the rest tells variants apart.
  const cause = causes[error.errcode & 0xff];
  if (cause === undefined) return error;
  return new ConnectorError('STORE_UNUSABLE', `store ${path}: ${cause} (${messageOf(error)})`, {
    cause: error,
  });
}
