import type { RecordKind } from '../record.ts';
import { earlierOf } from './block.ts';
import type { Connection } from './connection.ts';
import { lastPositionSql } from './journal.ts';
import { prepareSourceRows } from './source-rows.ts';
import type { DeadLetter } from './store.ts';

/** The store's side of dispatching: who reads the journal, how far each is, and what each has refused. */
export interface SinkStatements {
  registerSinks(sinks: readonly string[], nowMs: number): void;
  offset(sink: string): number;
  acknowledge(sink: string, offset: number, deadLetters: readonly Omit<DeadLetter, 'sink'>[]): void;
  rewind(sink: string, offset: number): void;
  deadLetters(sink: string, after: number, maxRows: number): readonly DeadLetter[];
  removeDeadLetters(sink: string, positions: readonly number[]): void;
  recordDelivery(sink: string, error: string | undefined): void;
}

/** A row as SQLite gives it; the schema's STRICT tables hold it to these types. */
interface DeadLetterRow {
  readonly sink: string;
  readonly position: number;
  readonly source: string;
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: string;
  readonly json: string;
  readonly acceptedAtMs: number;
  readonly earlier: string | null;
  readonly reason: string;
  readonly atMs: number;
}

/** Prepares the statements of dispatching. */
export function prepareSinks(connection: Connection): SinkStatements {
  const { atLeastWatermark } = prepareSourceRows(connection);
  const returned = connection.prepare(
    `INSERT INTO sink (name, journal_offset) VALUES (?, ${lastPositionSql})
     ON CONFLICT DO UPDATE SET gone_at_ms = NULL`,
  );
  const left = connection.prepare(
    'UPDATE sink SET gone_at_ms = ? WHERE gone_at_ms IS NULL AND name NOT IN (SELECT value FROM json_each(?))',
  );
  const selectOffset = connection.prepare('SELECT journal_offset AS offset FROM sink WHERE name = ?');
  const move = connection.prepare(
    'UPDATE sink SET journal_offset = max(journal_offset, ?) WHERE name = ? RETURNING 1',
  );
  const moveBack = connection.prepare(
    'UPDATE sink SET journal_offset = min(journal_offset, ?) WHERE name = ? RETURNING 1',
  );
  const keep = connection.prepare(
    `INSERT INTO dead_letter (sink, position, source, kind, id, version, accepted_at_ms, at_ms, reason, earlier, json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (sink, position) DO UPDATE SET at_ms = excluded.at_ms, reason = excluded.reason`,
  );
  const selectLetters = connection.prepare(
    `SELECT sink, position, source, kind, id, version, json, accepted_at_ms AS acceptedAtMs, earlier,
            reason, at_ms AS atMs
     FROM dead_letter WHERE sink = ? AND position > ? ORDER BY position LIMIT ?`,
  );
  const remove = connection.prepare('DELETE FROM dead_letter WHERE sink = ? AND position = ?');

  const setError = connection.prepare('UPDATE sink SET last_error = ? WHERE name = ?');

  function unknown(sink: string): Error {
    return new Error(`sink ${sink} was not registered with the store before it was used`);
  }

  return {
    registerSinks: (sinks, nowMs) =>
      connection.transaction(() => {
        for (const sink of sinks) returned.run(sink);
        left.run(atLeastWatermark(nowMs), JSON.stringify(sinks));
      }),

    offset: (sink) =>
      connection.read(() => {
        const row = selectOffset.get(sink) as { offset: number } | undefined;
        if (row === undefined) throw unknown(sink);
        return row.offset;
      }),

    acknowledge: (sink, offset, deadLetters) =>
      connection.transaction(() => {
        if (move.get(offset, sink) === undefined) throw unknown(sink);
        for (const { entry, reason, atMs } of deadLetters) {
          const { position, source, kind, id, version, acceptedAtMs, json } = entry;
          const keptAtMs = atLeastWatermark(atMs);
          const earlier = entry.earlier.length === 0 ? null : JSON.stringify(entry.earlier);
          keep.run(sink, position, source, kind, id, version, acceptedAtMs, keptAtMs, reason, earlier, json);
        }
      }),

    rewind: (sink, offset) =>
      connection.transaction(() => {
        if (moveBack.get(Math.max(0, offset), sink) === undefined) throw unknown(sink);
      }),

    deadLetters: (sink, after, maxRows) =>
      connection.read(() =>
        (selectLetters.all(sink, after, maxRows) as unknown as DeadLetterRow[]).map(
          ({ sink, reason, atMs, earlier, ...entry }) => ({
            sink,
            entry: { ...entry, earlier: earlierOf(earlier) },
            reason,
            atMs,
          }),
        ),
      ),

    removeDeadLetters: (sink, positions) =>
      connection.transaction(() => {
        for (const position of positions) remove.run(sink, position);
      }),

    recordDelivery: (sink, error) =>
      connection.transaction(() => {
        setError.run(error ?? null, sink);
      }),
  };
}
