import { type Instant, instantOf, later, parseInstant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { Connection } from './connection.ts';
import { prepareCounters } from './counters.ts';
import { checksumOf, lastPositionSql } from './journal.ts';
import { prepareSourceRows } from './source-rows.ts';
import type { AcceptRequest, AcceptResult, Store } from './store.ts';

/** Keys forgotten in one transaction. */
const forgetChunk = 5000;

/** How many states before a record's own go with it. */
const earlierStates = 8;

/** The store's side of collecting: seen keys, journal rows and watermarks. */
export interface AcceptStatements {
  watermark(source: string): Instant | undefined;
  known(...args: Parameters<Store['known']>): readonly boolean[];
  /** One transaction, with the first keys that can be forgotten. `more` is true while others remain. */
  accept(request: AcceptRequest): { readonly result: AcceptResult; readonly more: boolean };
  /** Forgets further keys, in a transaction of its own; false when none is left. */
  forget(source: string, before: Instant): boolean;
  recordRun(source: string, nowMs: number, error: string | undefined): void;
}

/** Prepares the statements of accepting. */
export function prepareAccept(connection: Connection): AcceptStatements {
  const { sourceId, rowOf, atLeastWatermark } = prepareSourceRows(connection);
  const { setCounters } = prepareCounters(connection);
  const lastPosition = connection.prepare(`SELECT ${lastPositionSql} AS position`);
  const idKnown = connection.prepare('SELECT 1 FROM seen WHERE source_id = ? AND id = ? LIMIT 1');
  const stateKnown = connection.prepare('SELECT 1 FROM seen WHERE source_id = ? AND id = ? AND version = ?');
  const addKey = connection.prepare('INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const refreshKey = connection.prepare(
    'UPDATE seen SET remembered_at = ? WHERE source_id = ? AND id = ? AND version = ? AND remembered_at < ?',
  );
  const track = connection.prepare('INSERT INTO state VALUES (?, ?)');
  // The keys of an id lie side by side, in the page that the new one has just gone to.
  const anyBefore = connection.prepare(
    'SELECT 1 FROM seen WHERE source_id = ? AND id = ? AND position < ? LIMIT 1',
  );
  const statesBefore = connection.prepare(
    `SELECT json_group_array(tracked) AS earlier FROM (
       SELECT position, tracked FROM (
         SELECT position, tracked FROM seen JOIN state USING (position)
         WHERE source_id = ? AND id = ? AND position < ? ORDER BY position DESC LIMIT ${earlierStates})
       ORDER BY position)`,
  );
  const append = connection.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const count = connection.prepare(
    'UPDATE source SET accepted = accepted + ?, repeated = repeated + ? WHERE id = ?',
  );
  const move = connection.prepare(
    'UPDATE source SET watermark = ?, moved_at_ms = ? WHERE id = ? AND watermark IS NOT ?',
  );
  const forget = connection.prepare(
    `DELETE FROM seen WHERE (source_id, id, version) IN (
       SELECT source_id, id, version FROM seen WHERE source_id = ? AND remembered_at < ? LIMIT ?)`,
  );
  const succeeded = connection.prepare(
    'UPDATE source SET last_success_ms = ?, last_error = NULL WHERE name = ?',
  );
  const failed = connection.prepare('UPDATE source SET last_error = ? WHERE name = ?');

  /** Puts the record at `position` of the journal and returns true, unless it is known. */
  function take(
    sourceRow: number,
    record: SourceRecord,
    position: number,
    request: AcceptRequest,
    now: Instant,
    acceptedAtMs: number,
  ): boolean {
    const { kind, id, version, json } = record;
    const all = request.updates === 'all';
    const updated = record.updated === undefined ? undefined : parseInstant(record.updated);
    const known = !all && idKnown.get(sourceRow, id) !== undefined;
    const remembered = updated === undefined ? now : later(updated, now);
    // With `new`, later states leave their keys too: an id lives on for as long as it is being updated.
    const added = addKey.run(sourceRow, id, version, remembered, known ? null : position);
    if (added.changes === 0) {
      // Without a time no window bounds how often it comes back, so each time counts as the last.
      if (updated === undefined) refreshKey.run(now, sourceRow, id, version, now);
      return false;
    }
    if (known) return false;
    if (all && record.tracked !== undefined) track.run(position, record.tracked);
    const earlier = all ? earlierOf(sourceRow, id, position) : null;
    const row = { position, sourceId: sourceRow, acceptedAtMs, kind, id, version, earlier, json };
    append.run(position, sourceRow, acceptedAtMs, kind, id, version, checksumOf(row), earlier, json);
    return true;
  }

  function earlierOf(sourceRow: number, id: string, position: number): string | null {
    if (anyBefore.get(sourceRow, id, position) === undefined) return null;
    const { earlier } = statesBefore.get(sourceRow, id, position) as { earlier: string };
    return earlier === '[]' ? null : earlier;
  }

  return {
    watermark: (source) => connection.read(() => rowOf(source)?.watermark ?? undefined),

    known: (source, keys) =>
      connection.read(() => {
        const row = rowOf(source);
        return keys.map(
          ({ id, version }) => row !== undefined && stateKnown.get(row.id, id, version) !== undefined,
        );
      }),

    accept: (request) =>
      connection.transaction(() => {
        const id = sourceId(request.source);
        const now = instantOf(request.nowMs);
        const acceptedAtMs = atLeastWatermark(request.nowMs);
        const { position: last } = lastPosition.get() as { position: number };
        let accepted = 0;
        for (const record of request.records) {
          if (take(id, record, last + accepted + 1, request, now, acceptedAtMs)) accepted++;
        }
        const repeated = request.records.length - accepted;
        count.run(accepted, repeated, id);
        const { watermark, counters } = request;
        if (counters !== undefined) setCounters(counters);
        if (watermark !== undefined) move.run(watermark, request.nowMs, id, watermark);
        const forgotten =
          request.forgetBefore === undefined ? 0 : forget.run(id, request.forgetBefore, forgetChunk).changes;
        return { result: { accepted, repeated }, more: forgotten === forgetChunk };
      }),

    forget: (source, before) =>
      connection.transaction(() => forget.run(sourceId(source), before, forgetChunk).changes === forgetChunk),

    recordRun: (source, nowMs, error) =>
      connection.transaction(() => {
        sourceId(source);
        if (error === undefined) succeeded.run(nowMs, source);
        else failed.run(error, source);
      }),
  };
}
