import { statSync } from 'node:fs';
import type { Instant } from '../fields/instant.ts';
import type { Connection } from './connection.ts';
import { lastPositionSql } from './journal.ts';
import { auditColumns } from './source-notes.ts';
import type { Audit, SinkProgress, SourceProgress } from './store.ts';

interface SourceRow {
  readonly source: string;
  readonly watermark: Instant | null;
  readonly movedAtMs: number | null;
  readonly accepted: number;
  readonly repeated: number;
  readonly lastSuccessMs: number | null;
  readonly lastError: string | null;
  readonly histogram: string | null;
  readonly p999Ms: number | null;
  readonly overlapMs: number | null;
  readonly gaps: number;
}

interface SinkRow {
  readonly sink: string;
  readonly offset: number;
  readonly backlog: number;
  readonly oldestAcceptedAtMs: number | null;
  readonly deadLetters: number;
  readonly lastError: string | null;
}

/** Prepares `Store.progress`, whose cost does not grow with the journal. */
export function prepareProgress(connection: Connection) {
  const sourceColumns = `SELECT name AS source, watermark, moved_at_ms AS movedAtMs, accepted, repeated,
            last_success_ms AS lastSuccessMs, last_error AS lastError, histogram, p999_ms AS p999Ms,
            overlap_ms AS overlapMs, (SELECT count(*) FROM gap WHERE source_id = source.id) AS gaps
     FROM source`;
  const sources = connection.prepare(`${sourceColumns} ORDER BY name`);
  const oneSource = connection.prepare(`${sourceColumns} WHERE name = ?`);
  const lastAudit = connection.prepare(
    `SELECT ${auditColumns} FROM audit WHERE source_id = (SELECT id FROM source WHERE name = ?)
     ORDER BY number DESC LIMIT 1`,
  );
  // Blocks are deleted only behind the offsets, so positions ahead of one are without gaps, and need no counting.
  const sinks = connection.prepare(
    `SELECT name AS sink, journal_offset AS offset, last_error AS lastError,
            max(0, ${lastPositionSql}
              - max(journal_offset, coalesce((SELECT first_position FROM journal ORDER BY position LIMIT 1), 0) - 1)) AS backlog,
            (SELECT accepted_at_ms FROM journal WHERE position > journal_offset ORDER BY position LIMIT 1)
              AS oldestAcceptedAtMs,
            (SELECT count(*) FROM dead_letter WHERE dead_letter.sink = name) AS deadLetters
     FROM sink WHERE gone_at_ms IS NULL ORDER BY name`,
  );
  return (
    source?: string,
  ): { readonly sources: readonly SourceProgress[]; readonly sinks: readonly SinkProgress[] } =>
    connection.read(() => ({
      sources: ((source === undefined ? sources.all() : oneSource.all(source)) as unknown as SourceRow[]).map(
        (row) => sourceProgress(row, lastAudit.get(row.source) as Audit | undefined),
      ),
      sinks: (sinks.all() as unknown as SinkRow[]).map((row) => ({
        ...row,
        oldestAcceptedAtMs: row.oldestAcceptedAtMs ?? undefined,
        lastError: row.lastError ?? undefined,
      })),
    }));
}

function sourceProgress(row: SourceRow, audit: Audit | undefined): SourceProgress {
  const { histogram, p999Ms, overlapMs, ...rest } = row;
  return {
    ...rest,
    watermark: row.watermark ?? undefined,
    movedAtMs: row.movedAtMs ?? undefined,
    lastSuccessMs: row.lastSuccessMs ?? undefined,
    lastError: row.lastError ?? undefined,
    lateness:
      histogram === null || p999Ms === null || overlapMs === null
        ? undefined
        : { histogram, p999Ms, overlapMs },
    audit,
  };
}

/** Returns the bytes of a store's file and of its write-ahead log. */
export function bytesOnDisk(path: string): number {
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return sizeOf(path) + sizeOf(`${path}-wal`);
}
