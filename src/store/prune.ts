import { epochMs, type Instant } from '../fields/instant.ts';
import type { Connection } from './connection.ts';

/** Rows deleted in one transaction; few, where the disk is full and each transaction must find its room. */
const deleteChunk = 1000;
const smallDeleteChunk = 50;

/** Blocks of the journal deleted in one transaction: they can be of 100 KiB and more. */
const blockChunk = 100;
const smallBlockChunk = 5;

/** Pages given back to the file system in one transaction. */
const vacuumChunk = 1000;
const smallVacuumChunk = 50;

/** Of a source that is gone, this much before its watermark stays known: should it come back, it reads that again. */
const keptOfGoneMs = 86_400_000;

/** What pruning is made of: each call is one short transaction. `small`: shorter ones, for a disk that is full. */
export interface PruneStatements {
  /** Deletes some of the journal's blocks that are passed whole and older than `beforeMs`; how many records. Call until it returns 0. */
  deletePassed(beforeMs: number, small: boolean): number;
  /** Deletes some of what else is from before `beforeMs`; how many rows. Call until it returns 0. */
  deleteExpired(beforeMs: number, small: boolean): number;
  /** Shortens the file by some free pages; how many free ones remain. */
  vacuum(small: boolean): number;
}

/** Prepares the statements of pruning. */
export function preparePrune(connection: Connection): PruneStatements {
  // What a job still has to read is passed by nobody.
  const lowestOffset = connection.prepare(
    `SELECT min(journal_offset,
       coalesce((SELECT min(keep_from) FROM job WHERE ended_at_ms IS NULL) - 1, journal_offset)) AS lowest
     FROM (SELECT min(journal_offset) AS journal_offset FROM sink WHERE gone_at_ms IS NULL)`,
  );
  const youngestBefore = connection.prepare(
    `SELECT position FROM journal INDEXED BY journal_by_time
     WHERE accepted_at_ms < ? ORDER BY accepted_at_ms DESC, position DESC LIMIT 1`,
  );
  const deleteBlocks = connection.prepare(
    `DELETE FROM journal WHERE position IN (
       SELECT position FROM journal WHERE position <= ? ORDER BY position LIMIT ?)
     RETURNING position - first_position + 1 AS records`,
  );
  const deleteLetters = connection.prepare(
    'DELETE FROM dead_letter WHERE rowid IN (SELECT rowid FROM dead_letter WHERE at_ms < ? LIMIT ?)',
  );
  const deleteSinks = connection.prepare('DELETE FROM sink WHERE gone_at_ms < ?');
  const goneSources = connection.prepare('SELECT id, watermark FROM source WHERE gone_at_ms < ?');
  const deleteKeys = connection.prepare(
    `DELETE FROM seen WHERE (source_id, created_ms, id, version) IN (
       SELECT source_id, created_ms, id, version FROM seen WHERE source_id = ? AND remembered_at_ms < ? LIMIT ?)`,
  );
  const deleteNotes = [
    'DELETE FROM gap WHERE source_id = ?',
    'DELETE FROM audit WHERE source_id = ?',
    'UPDATE source SET histogram = NULL, p999_ms = NULL, overlap_ms = NULL WHERE id = ? AND histogram IS NOT NULL',
  ].map((sql) => connection.prepare(sql));
  const freePages = connection.prepare('PRAGMA freelist_count');

  /** Deletes keys of sources that are gone. The row stays, with the watermark: the source may come back. */
  function forgetGone(beforeMs: number, limit: number): number {
    for (const row of goneSources.all(beforeMs)) {
      const { id, watermark } = row as { id: number; watermark: Instant | null };
      const oldest = watermark === null ? beforeMs : Math.min(beforeMs, epochMs(watermark) - keptOfGoneMs);
      const keys = Number(deleteKeys.run(id, Math.floor(oldest), limit).changes);
      if (keys > 0) return keys;
      for (const statement of deleteNotes) statement.run(id);
    }
    return 0;
  }

  return {
    deletePassed: (beforeMs, small) =>
      connection.transaction(() => {
        const { lowest } = lowestOffset.get() as { lowest: number | null };
        const youngest = youngestBefore.get(beforeMs) as { position: number } | undefined;
        // With no sink registered nobody has passed anything.
        if (lowest === null || youngest === undefined) return 0;
        // What stands before a row that is old enough was accepted before it, whatever the clock said at the time.
        const through = Math.min(lowest, youngest.position);
        const deleted = deleteBlocks.all(through, small ? smallBlockChunk : blockChunk);
        return (deleted as { records: number }[]).reduce((sum, { records }) => sum + records, 0);
      }),

    deleteExpired: (beforeMs, small) =>
      connection.transaction(() => {
        const limit = small ? smallDeleteChunk : deleteChunk;
        const letters = Number(deleteLetters.run(beforeMs, limit).changes);
        if (letters > 0) return letters;
        deleteSinks.run(beforeMs);
        return forgetGone(beforeMs, limit);
      }),

    vacuum: (small) =>
      connection.read(() => {
        const free = () => (freePages.get() as { freelist_count: number }).freelist_count;
        const before = free();
        if (before === 0) return 0;
        connection.exec(`PRAGMA incremental_vacuum(${small ? smallVacuumChunk : vacuumChunk})`);
        const after = free();
        // A vacuum that frees nothing would be asked for ever.
        return after < before ? after : 0;
      }),
  };
}
