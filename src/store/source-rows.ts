import type { Instant } from '../fields/instant.ts';
import type { Connection } from './connection.ts';

/** The rows by which other tables name a source. */
export interface SourceRows {
  /** Returns the number of a source, giving it a row first when it has none. Within a transaction. */
  sourceId(source: string): number;
  /** Returns a source's row; undefined when it was never heard of. */
  rowOf(source: string): { readonly id: number; readonly watermark: Instant | null } | undefined;
}

/** Prepares the look-up of sources by name. */
export function prepareSourceRows(connection: Connection): SourceRows {
  const add = connection.prepare('INSERT INTO source (name) VALUES (?) ON CONFLICT DO NOTHING');
  const find = connection.prepare('SELECT id, watermark FROM source WHERE name = ?');
  const rowOf: SourceRows['rowOf'] = (source) => find.get(source) as ReturnType<SourceRows['rowOf']>;
  return {
    rowOf,
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
