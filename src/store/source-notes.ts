import type { Instant } from '../fields/instant.ts';
import type { Connection } from './connection.ts';
import { prepareSourceRows } from './source-rows.ts';
import type { Audit, Gap, Store } from './store.ts';

/** Audits kept of each source. */
const keptAudits = 30;

/** The store's notes on how completely sources are read: spans set aside, audits, and how late records come. */
export interface SourceNotes {
  gaps(source: string | undefined): readonly Gap[];
  recordGap(...args: Parameters<Store['recordGap']>): void;
  closeGap(...args: Parameters<Store['closeGap']>): void;
  audits(source: string, maxRows: number | undefined): readonly Audit[];
  recordAudit(...args: Parameters<Store['recordAudit']>): void;
  recordLateness(...args: Parameters<Store['recordLateness']>): void;
}

/** Columns of `audit` by the names of `Audit`. */
export const auditColumns = 'from_at AS "from", to_at AS "to", expected, accepted, healed, at_ms AS atMs';

/** Prepares the statements of these notes. */
export function prepareSourceNotes(connection: Connection): SourceNotes {
  const { sourceId, rowOf } = prepareSourceRows(connection);
  const selectGaps = connection.prepare(
    `SELECT source.name AS source, from_at AS "from", to_at AS "to", reason, since_ms AS sinceMs, attempts
     FROM gap JOIN source ON source.id = source_id
     WHERE ?1 IS NULL OR source.name = ?1 ORDER BY since_ms, from_at, to_at`,
  );
  const addGap = connection.prepare(
    `INSERT INTO gap VALUES (?, ?, ?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET attempts = attempts + 1, reason = excluded.reason`,
  );
  const dropGap = connection.prepare('DELETE FROM gap WHERE source_id = ? AND from_at = ? AND to_at = ?');
  const selectAudits = connection.prepare(
    `SELECT ${auditColumns} FROM audit WHERE source_id = ? ORDER BY number DESC LIMIT ?`,
  );
  const addAudit = connection.prepare(
    `INSERT INTO audit (source_id, from_at, to_at, expected, accepted, healed, at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropAudits = connection.prepare(
    `DELETE FROM audit WHERE number IN (
       SELECT number FROM audit WHERE source_id = ? ORDER BY number DESC LIMIT -1 OFFSET ${keptAudits})`,
  );
  const setLateness = connection.prepare(
    'UPDATE source SET histogram = ?, p999_ms = ?, overlap_ms = ? WHERE id = ?',
  );

  return {
    gaps: (source) => connection.read(() => selectGaps.all(source ?? null) as unknown as Gap[]),

    recordGap: (source, { from, to, reason }, nowMs) =>
      connection.transaction(() => {
        addGap.run(sourceId(source), from, to, reason, nowMs);
      }),

    closeGap: (source: string, from: Instant, to: Instant) =>
      connection.transaction(() => {
        const row = rowOf(source);
        if (row !== undefined) dropGap.run(row.id, from, to);
      }),

    audits: (source, maxRows = keptAudits) =>
      connection.read(() => {
        const row = rowOf(source);
        return row === undefined ? [] : (selectAudits.all(row.id, maxRows) as unknown as Audit[]);
      }),

    recordAudit: (source, { from, to, expected, accepted, healed, atMs }) =>
      connection.transaction(() => {
        const id = sourceId(source);
        addAudit.run(id, from, to, expected, accepted, healed, atMs);
        dropAudits.run(id);
      }),

    recordLateness: (source, { histogram, p999Ms, overlapMs }) =>
      connection.transaction(() => {
        setLateness.run(histogram, p999Ms, overlapMs, sourceId(source));
      }),
  };
}
