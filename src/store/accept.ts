import { type Instant, instantOf, later, parseInstant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { Connection } from './connection.ts';
import type { AcceptRequest, AcceptResult } from './store.ts';

/** Keys forgotten in one transaction. */
const forgetChunk = 5000;

/** The store's side of collecting: seen keys, journal rows and watermarks. */
export interface AcceptStatements {
  watermark(source: string): Instant | undefined;
  /** One transaction, with the first keys that can be forgotten. `more` is true while others remain. */
  accept(request: AcceptRequest): { readonly result: AcceptResult; readonly more: boolean };
  /** Forgets further keys, in a transaction of its own; false when none is left. */
  forget(source: string, before: Instant): boolean;
  recordRun(source: string, nowMs: number, error: string | undefined): void;
}

/** Prepares the statements of accepting. */
export function prepareAccept(connection: Connection): AcceptStatements {
  const addSource = connection.prepare('INSERT INTO source (name) VALUES (?) ON CONFLICT DO NOTHING');
  const findSource = connection.prepare('SELECT id, watermark FROM source WHERE name = ?');
  const idKnown = connection.prepare('SELECT 1 FROM seen WHERE source_id = ? AND id = ? LIMIT 1');
  const addKey = connection.prepare('INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const refreshKey = connection.prepare(
    'UPDATE seen SET remembered_at = ? WHERE source_id = ? AND id = ? AND version = ? AND remembered_at < ?',
  );
  const append = connection.prepare(
    'INSERT INTO journal (source_id, accepted_at_ms, kind, id, version, json) VALUES (?, ?, ?, ?, ?, ?)',
  );
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

  const rowOf = (source: string) =>
    findSource.get(source) as { id: number; watermark: Instant | null } | undefined;

  function sourceId(source: string): number {
    addSource.run(source);
    const row = rowOf(source);
    if (row === undefined) throw new Error(`source ${source} has no row just after it was added`);
    return row.id;
  }

  /** True when the record is new and went to the journal. */
  function take(sourceRow: number, record: SourceRecord, request: AcceptRequest, now: Instant): boolean {
    const { id, version } = record;
    const updated = record.updated === undefined ? undefined : parseInstant(record.updated);
    const known = request.updates === 'new' && idKnown.get(sourceRow, id) !== undefined;
    // With `new`, later states leave their keys too: an id lives on for as long as it is being updated.
    const added = addKey.run(sourceRow, id, version, updated === undefined ? now : later(updated, now));
    if (added.changes === 0) {
      // Without a time no window bounds how often it comes back, so each time counts as the last.
      if (updated === undefined) refreshKey.run(now, sourceRow, id, version, now);
      return false;
    }
    if (known) return false;
    append.run(sourceRow, request.nowMs, record.kind, id, version, record.json);
    return true;
  }

  return {
    watermark: (source) => connection.read(() => rowOf(source)?.watermark ?? undefined),

    accept: (request) =>
      connection.transaction(() => {
        const id = sourceId(request.source);
        const now = instantOf(request.nowMs);
        let accepted = 0;
        for (const record of request.records) if (take(id, record, request, now)) accepted++;
        const repeated = request.records.length - accepted;
        count.run(accepted, repeated, id);
        const { watermark } = request;
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
