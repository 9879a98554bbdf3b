import type { RecordKind } from '../record.ts';
import type { Connection } from './connection.ts';
import type { JournalEntry } from './store.ts';

/** A row as SQLite gives it; the schema's STRICT tables hold it to these types. */
interface JournalRow {
  readonly position: number;
  readonly source: string;
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: string;
  readonly json: string;
  readonly acceptedAtMs: number;
  readonly earlier: string | null;
}

/** The last position ever used, 0 before the first. */
export const lastPositionSql = `coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0)`;

/** Returns `JournalEntry.earlier` of the column of that name. */
export function earlierOf(column: string | null): readonly string[] {
  return column === null ? [] : (JSON.parse(column) as string[]);
}

/** Prepares `Store.readJournal`. */
export function prepareRead(connection: Connection) {
  const select = connection.prepare(
    `SELECT position, source.name AS source, kind, journal.id AS id, version, json,
            accepted_at_ms AS acceptedAtMs, earlier
     FROM journal CROSS JOIN source ON source.id = source_id
     WHERE position > ? ORDER BY position LIMIT ?`,
  );
  return (position: number, maxRows: number, maxBytes: number): readonly JournalEntry[] =>
    connection.read(() => {
      const entries: JournalEntry[] = [];
      let bytes = 0;
      for (const row of select.iterate(position, maxRows)) {
        const found = row as unknown as JournalRow;
        const entry = { ...found, earlier: earlierOf(found.earlier) };
        bytes += Buffer.byteLength(entry.json);
        if (bytes > maxBytes && entries.length > 0) break;
        entries.push(entry);
      }
      return entries;
    });
}

/** Prepares `Store.positionAt`. */
export function preparePositionAt(connection: Connection) {
  // By the index and to its end: where the clock stepped back, times do not rise with positions.
  const first = connection.prepare(
    'SELECT min(position) AS position FROM journal INDEXED BY journal_by_time WHERE accepted_at_ms >= ?',
  );
  const last = connection.prepare(`SELECT ${lastPositionSql} AS position`);
  return (sinceMs: number): number =>
    connection.read(() => {
      const { position } = first.get(sinceMs) as { position: number | null };
      return position ?? (last.get() as { position: number }).position + 1;
    });
}

/** Rows deleted in one transaction. */
const deleteChunk = 1000;

/** Pages given back to the file system in one transaction. */
const vacuumChunk = 1000;

/** What pruning is made of: each call is one short transaction. */
export interface PruneStatements {
  /** Deletes some journal rows that are passed and older than `beforeMs`; how many. Call until it returns 0. */
  deletePassed(beforeMs: number): number;
  /** Deletes some dead letters, then sinks that are gone, from before `beforeMs`. Call until it returns 0. */
  deleteExpired(beforeMs: number): number;
  /** Shortens the file by some free pages; how many free ones remain. */
  vacuum(): number;
  /** Empties the write-ahead log into the file, unless a reader is in the way: then the next call does. */
  checkpoint(): void;
}

/** Prepares the statements of pruning. */
export function preparePrune(connection: Connection): PruneStatements {
  // What a job still has to read is passed by nobody.
  const lowestOffset = connection.prepare(
    `SELECT min(journal_offset,
       coalesce((SELECT min(keep_from) FROM job WHERE ended_at_ms IS NULL) - 1, journal_offset)) AS lowest
     FROM (SELECT min(journal_offset) AS journal_offset FROM sink WHERE gone_at_ms IS NULL)`,
  );
  const anyPassed = connection.prepare('SELECT 1 FROM journal WHERE position <= ? LIMIT 1');
  const deleteRows = connection.prepare(
    `DELETE FROM journal WHERE position IN (
       SELECT position FROM journal INDEXED BY journal_by_time
       WHERE accepted_at_ms < ? AND position <= ? ORDER BY accepted_at_ms LIMIT ?)`,
  );
  const deleteLetters = connection.prepare(
    `DELETE FROM dead_letter WHERE rowid IN (SELECT rowid FROM dead_letter WHERE at_ms < ? LIMIT ?)`,
  );
  const deleteSinks = connection.prepare('DELETE FROM sink WHERE gone_at_ms < ?');
  const freePages = connection.prepare('PRAGMA freelist_count');

  return {
    deletePassed: (beforeMs) =>
      connection.transaction(() => {
        const { lowest } = lowestOffset.get() as { lowest: number | null };
        // With no sink registered nobody has passed anything. Behind a sink that is down there is soon nothing, and
        // the search by time would walk over all that waits for it.
        if (lowest === null || anyPassed.get(lowest) === undefined) return 0;
        return Number(deleteRows.run(beforeMs, lowest, deleteChunk).changes);
      }),

    deleteExpired: (beforeMs) =>
      connection.transaction(() => {
        const letters = Number(deleteLetters.run(beforeMs, deleteChunk).changes);
        if (letters === 0) deleteSinks.run(beforeMs);
        return letters;
      }),

    vacuum: () =>
      connection.read(() => {
        const free = () => (freePages.get() as { freelist_count: number }).freelist_count;
        const before = free();
        if (before === 0) return 0;
        connection.exec(`PRAGMA incremental_vacuum(${vacuumChunk})`);
        const after = free();
        // A vacuum that frees nothing would be asked for ever.
        return after < before ? after : 0;
      }),

    // Without waiting: a statement that waits for a reader would hold up the whole process.
    checkpoint: () =>
      connection.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000'),
  };
}
