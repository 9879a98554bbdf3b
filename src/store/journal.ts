import { crc32 } from 'node:zlib';
import type { RecordKind } from '../record.ts';
import type { Connection } from './connection.ts';
import { damage } from './sqlite-error.ts';
import type { JournalEntry } from './store.ts';

/** A row as SQLite gives it; the schema's STRICT tables hold it to these types. */
interface JournalRow extends ChecksummedRow {
  readonly source: string;
  readonly kind: RecordKind;
  readonly checksum: number;
}

/** What the checksum of a row is made of. */
interface ChecksummedRow {
  readonly position: number;
  readonly sourceId: number;
  readonly kind: string;
  readonly id: string;
  readonly version: string;
  readonly json: string;
  readonly acceptedAtMs: number;
  readonly earlier: string | null;
}

/** Returns the checksum of a row, as column `checksum` holds it. */
export function checksumOf(row: ChecksummedRow): number {
  const { position, sourceId, acceptedAtMs, kind, id, version, earlier, json } = row;
  return crc32(json, crc32(`${position} ${sourceId} ${acceptedAtMs} ${kind} ${id} ${version} ${earlier}`));
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
    `SELECT position, source_id AS sourceId, source.name AS source, kind, journal.id AS id, version, json,
            accepted_at_ms AS acceptedAtMs, checksum, earlier
     FROM journal CROSS JOIN source ON source.id = source_id
     WHERE position > ? ORDER BY position LIMIT ?`,
  );
  return (position: number, maxRows: number, maxBytes: number): readonly JournalEntry[] =>
    connection.read(() => {
      const entries: JournalEntry[] = [];
      let bytes = 0;
      for (const row of select.iterate(position, maxRows)) {
        const found = row as unknown as JournalRow;
        if (checksumOf(found) !== found.checksum) {
          throw damage(connection.path, `journal row ${found.position} is not what was written`);
        }
        const { checksum: _checksum, sourceId: _sourceId, earlier, ...rest } = found;
        const entry = { ...rest, earlier: earlierOf(earlier) };
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
