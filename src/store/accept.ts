import { epochMs, type Instant } from '../fields/instant.ts';
import { type BlockRow, checksumOf, encodeBlock } from './block.ts';
import type { Connection } from './connection.ts';
import { prepareCounters } from './counters.ts';
import { lastPositionSql } from './journal.ts';
import { type AcceptedPage, createdMsOf, type Page, type PageRequest } from './page.ts';
import { prepareSourceRows } from './source-rows.ts';
import type { AcceptRequest, Store } from './store.ts';

/** Keys forgotten in one transaction. */
const forgetChunk = 5000;

/** How many states before a record's own go with it. */
const earlierStates = 8;

/** The store's side of collecting: seen keys, the journal's blocks and watermarks. */
export interface AcceptStatements {
  watermark(source: string): Instant | undefined;
  known(...args: Parameters<Store['known']>): readonly boolean[];
  /**
   * One transaction, with the first keys that can be forgotten. `more` is true while others remain; `bytes`: what the
   * journal grew by.
   */
  accept(request: PageRequest): {
    readonly result: AcceptedPage;
    readonly more: boolean;
    readonly bytes: number;
  };
  /** Forgets further keys, in a transaction of its own; false when none is left. */
  forget(source: string, before: Instant): boolean;
  recordRun(source: string, nowMs: number, error: string | undefined): void;
}

/** What a record is taken with. */
interface Taking {
  readonly page: Page;
  readonly sourceRow: number;
  readonly updates: AcceptRequest['updates'];
  readonly nowMs: number;
}

/** Prepares the statements of accepting. */
export function prepareAccept(connection: Connection): AcceptStatements {
  const { sourceId, rowOf, atLeastWatermark } = prepareSourceRows(connection);
  const { setCounters } = prepareCounters(connection);
  const lastPosition = connection.prepare(`SELECT ${lastPositionSql} AS position`);
  const idKnown = connection.prepare(
    'SELECT 1 FROM seen WHERE source_id = ? AND created_ms = ? AND id = ? LIMIT 1',
  );
  const stateKnown = connection.prepare(
    'SELECT 1 FROM seen WHERE source_id = ? AND created_ms = ? AND id = ? AND version = ?',
  );
  const addKey = connection.prepare('INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const refreshKey = connection.prepare(
    `UPDATE seen SET remembered_at_ms = ?
     WHERE source_id = ? AND created_ms = ? AND id = ? AND version = ? AND remembered_at_ms < ?`,
  );
  // The keys of an id lie side by side, in the page that the new one has just gone to.
  const statesBefore = connection.prepare(
    `SELECT tracked FROM seen WHERE source_id = ? AND created_ms = ? AND id = ? AND position < ?
       AND tracked IS NOT NULL ORDER BY position DESC LIMIT ${earlierStates}`,
  );
  const addBlock = connection.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)');
  const count = connection.prepare(
    'UPDATE source SET accepted = accepted + ?, repeated = repeated + ? WHERE id = ?',
  );
  const move = connection.prepare(
    'UPDATE source SET watermark = ?, moved_at_ms = ? WHERE id = ? AND watermark IS NOT ?',
  );
  const forget = connection.prepare(
    `DELETE FROM seen WHERE (source_id, created_ms, id, version) IN (
       SELECT source_id, created_ms, id, version FROM seen WHERE source_id = ? AND remembered_at_ms < ? LIMIT ?)`,
  );
  const succeeded = connection.prepare(
    'UPDATE source SET last_success_ms = ?, last_error = NULL WHERE name = ?',
  );
  const failed = connection.prepare('UPDATE source SET last_error = ? WHERE name = ?');

  /** Remembers the record at `index` of the page; true when it is to go to `position` of the journal. */
  function take({ page, sourceRow, updates, nowMs }: Taking, index: number, position: number): boolean {
    const id = page.ids[index] ?? '';
    const version = page.versions[index] ?? '';
    const createdMs = page.createdMs[index] ?? 0;
    const updatedMs = page.updatedMs[index] ?? Number.NaN;
    const all = updates === 'all';
    const known = !all && idKnown.get(sourceRow, createdMs, id) !== undefined;
    const rememberedAtMs = updatedMs > nowMs ? updatedMs : nowMs;
    const tracked = all ? (page.tracked[index] ?? null) : null;
    // With `new`, later states leave their keys too: an id lives on for as long as it is being updated.
    const at = known ? null : position;
    const added = addKey.run(sourceRow, createdMs, id, version, rememberedAtMs, at, tracked);
    if (added.changes !== 0) return !known;
    // Without a time no window bounds how often it comes back, so each time counts as the last.
    if (Number.isNaN(updatedMs)) refreshKey.run(nowMs, sourceRow, createdMs, id, version, nowMs);
    return false;
  }

  function earlierOf({ page, sourceRow }: Taking, index: number, position: number): string | null {
    if (page.tracked[index] === undefined) return null;
    const states = statesBefore.all(sourceRow, page.createdMs[index] ?? 0, page.ids[index] ?? '', position);
    if (states.length === 0) return null;
    return JSON.stringify((states as { tracked: string }[]).map(({ tracked }) => tracked).reverse());
  }

  /** Adds a block to the journal; its bytes. */
  function append(row: Omit<BlockRow, 'checksum'>): number {
    const { position, first_position: first, source_id: source, accepted_at_ms: acceptedAtMs, records } = row;
    addBlock.run(position, first, source, acceptedAtMs, checksumOf(row), records);
    return records.length;
  }

  function takeAll(taking: Taking, firstPosition: number): Pick<AcceptedPage, 'accepted' | 'earlier'> {
    const accepted: number[] = [];
    const earlier: (string | null)[] = [];
    for (let index = 0; index < taking.page.ids.length; index++) {
      const position = firstPosition + accepted.length;
      if (!take(taking, index, position)) continue;
      accepted.push(index);
      earlier.push(taking.updates === 'all' ? earlierOf(taking, index, position) : null);
    }
    return { accepted: Uint32Array.from(accepted), earlier };
  }

  return {
    watermark: (source) => connection.read(() => rowOf(source)?.watermark ?? undefined),

    known: (source, keys) =>
      connection.read(() => {
        const row = rowOf(source);
        return keys.map(
          ({ id, version, created }) =>
            row !== undefined && stateKnown.get(row.id, createdMsOf(created), id, version) !== undefined,
        );
      }),

    accept: ({ page, ...request }) =>
      connection.transaction(() => {
        const { nowMs, watermark, counters } = request;
        const id = sourceId(request.source);
        const acceptedAtMs = atLeastWatermark(nowMs);
        const firstPosition = (lastPosition.get() as { position: number }).position + 1;
        const taken = takeAll({ page, sourceRow: id, updates: request.updates, nowMs }, firstPosition);
        const accepted = taken.accepted.length;
        let bytes = 0;
        if (accepted > 0) {
          const records = encodeBlock(page, taken.accepted, taken.earlier);
          bytes = append({
            position: firstPosition + accepted - 1,
            first_position: firstPosition,
            source_id: id,
            accepted_at_ms: acceptedAtMs,
            records,
          });
        }
        count.run(accepted, page.ids.length - accepted, id);
        if (counters !== undefined) setCounters(counters);
        if (watermark !== undefined) move.run(watermark, nowMs, id, watermark);
        const forgotten =
          request.forgetBefore === undefined
            ? 0
            : forget.run(id, Math.floor(epochMs(request.forgetBefore)), forgetChunk).changes;
        return {
          result: { ...taken, firstPosition, acceptedAtMs },
          more: forgotten === forgetChunk,
          bytes,
        };
      }),

    forget: (source, before) =>
      connection.transaction(
        () => forget.run(sourceId(source), Math.floor(epochMs(before)), forgetChunk).changes === forgetChunk,
      ),

    recordRun: (source, nowMs, error) =>
      connection.transaction(() => {
        sourceId(source);
        if (error === undefined) succeeded.run(nowMs, source);
        else failed.run(error, source);
      }),
  };
}
