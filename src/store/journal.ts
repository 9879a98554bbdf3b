import { type BlockPlace, type BlockRow, isWhole, unpackBlock } from './block.ts';
import type { Connection } from './connection.ts';
import { damage } from './sqlite-error.ts';

/** A block of the journal, unpacked. */
export interface Block extends BlockPlace {
  /** Position of its last record. */
  readonly position: number;
  /** As `block.ts` reads it. */
  readonly content: Uint8Array;
}

/** A row as SQLite gives it; the schema's STRICT tables hold it to these types. */
type JournalRow = BlockRow & Pick<BlockPlace, 'source'>;

/** The last position ever used, 0 before the first. */
export const lastPositionSql = `coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0)`;

/** Prepares `StoreEngine.readBlocks`. */
export function prepareRead(connection: Connection) {
  const select = connection.prepare(
    `SELECT journal.*, source.name AS source
     FROM journal CROSS JOIN source ON source.id = source_id
     WHERE position > ? ORDER BY position`,
  );
  return (after: number, maxRows: number, maxBytes: number): readonly Block[] =>
    connection.read(() => {
      const blocks: Block[] = [];
      let bytes = 0;
      for (const row of select.iterate(after)) {
        const block = blockOf(row as unknown as JournalRow, connection.path);
        blocks.push(block);
        bytes += block.content.length;
        if (bytes >= maxBytes || block.position - after >= maxRows) break;
      }
      return blocks;
    });
}

function blockOf(row: JournalRow, path: string): Block {
  const { position, first_position: firstPosition, source, accepted_at_ms: acceptedAtMs, records } = row;
  if (!isWhole(row)) {
    throw damage(path, `the journal's block up to position ${position} is not what was written`);
  }
  return { position, firstPosition, source, acceptedAtMs, content: unpackBlock(records) };
}

/** Prepares `Store.positionAt`. */
export function preparePositionAt(connection: Connection) {
  // By the index and to its end: where the clock stepped back, times do not rise with positions.
  const first = connection.prepare(
    'SELECT min(first_position) AS position FROM journal INDEXED BY journal_by_time WHERE accepted_at_ms >= ?',
  );
  const last = connection.prepare(`SELECT ${lastPositionSql} AS position`);
  return (sinceMs: number): number =>
    connection.read(() => {
      const { position } = first.get(sinceMs) as { position: number | null };
      return position ?? (last.get() as { position: number }).position + 1;
    });
}
