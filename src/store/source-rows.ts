import { epochMs, type Instant } from '../fields/instant.ts';
import type { Connection } from './connection.ts';

/** The rows by which other tables name a source. */
export interface SourceRows {
  /** Returns the number of a source, giving it a row first when it has none. Within a transaction. */
  sourceId(source: string): number;
  /** Returns a source's row; undefined when it was never heard of. */
  rowOf(source: string): { readonly id: number; readonly watermark: Instant | null } | undefined;
  /**
   * Returns `nowMs`, or the latest watermark where that is later: a time that an API has shown is over, so that this
   * host's clock must have been set back.
   */
  atLeastWatermark(nowMs: number): number;
  /** Says which sources the configuration names, in a transaction of its own. */
  registerSources(sources: readonly string[], nowMs: number): void;
}

/** Prepares the look-up of sources by name. */
export function prepareSourceRows(connection: Connection): SourceRows {
  const add = connection.prepare('INSERT INTO source (name) VALUES (?) ON CONFLICT DO NOTHING');
  const find = connection.prepare('SELECT id, watermark FROM source WHERE name = ?');
  const latest = connection.prepare('SELECT max(watermark) AS watermark FROM source');
  const left = connection.prepare(
    'UPDATE source SET gone_at_ms = ? WHERE gone_at_ms IS NULL AND name NOT IN (SELECT value FROM json_each(?))',
  );
  const returned = connection.prepare(
    'UPDATE source SET gone_at_ms = NULL WHERE name IN (SELECT value FROM json_each(?))',
  );
  const rowOf: SourceRows['rowOf'] = (source) => find.get(source) as ReturnType<SourceRows['rowOf']>;
  const atLeastWatermark: SourceRows['atLeastWatermark'] = (nowMs) => {
    const { watermark } = latest.get() as { watermark: Instant | null };
    return watermark === null ? nowMs : Math.max(nowMs, epochMs(watermark));
  };
  return {
    rowOf,
    atLeastWatermark,
    registerSources: (sources, nowMs) =>
      connection.transaction(() => {
        const names = JSON.stringify(sources);
        returned.run(names);
        left.run(atLeastWatermark(nowMs), names);
      }),
    sourceId(source) {
      const found = rowOf(source);
      if (found !== undefined) return found.id;
      add.run(source);
      const row = rowOf(source);
      if (row === undefined) throw new Error(`source ${source} has no row just after it was added`);
      return row.id;
    },
  };
}
