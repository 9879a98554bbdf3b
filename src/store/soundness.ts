import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { type BlockRow, isWhole } from './block.ts';
import { damage } from './sqlite-error.ts';

/** Tables that stay small: they are checked whole, with their indexes. */
const smallTables = ['source', 'sink', 'owner', 'counter', 'gap', 'audit', 'job'];

/** Large tables, by key: their ends are read, where a crash or a bad copy shows first. */
const ends = [
  'SELECT * FROM journal ORDER BY position',
  'SELECT accepted_at_ms, position FROM journal INDEXED BY journal_by_time ORDER BY accepted_at_ms',
  'SELECT * FROM dead_letter ORDER BY rowid',
  'SELECT * FROM dead_letter ORDER BY sink, position',
  'SELECT * FROM seen ORDER BY source_id, created_ms, id, version',
  'SELECT source_id, remembered_at_ms FROM seen INDEXED BY seen_by_time ORDER BY source_id, remembered_at_ms',
];

/** Rows read at each end, and behind each sink's offset: of the journal these are blocks of many records. */
const sample = 5;

/**
 * Looks for damage where it can be found quickly, however large the store is: its length, the small tables whole, the
 * ends of the large ones, and what each sink reads next. Throws STORE_DAMAGED, or SQLite's own error, which says the
 * same. What lies elsewhere is found when it is read.
 */
export function checkSoundness(db: DatabaseSync, path: string): void {
  checkLength(db, path);
  for (const table of smallTables) {
    const findings = db.prepare(`PRAGMA quick_check('${table}')`).all() as { quick_check: string }[];
    const wrong = findings.find(({ quick_check: finding }) => finding !== 'ok');
    if (wrong !== undefined) throw damage(path, `table ${table}: ${wrong.quick_check}`);
  }
  for (const rows of ends) {
    db.prepare(`${rows} LIMIT ${sample}`).all();
    db.prepare(`${rows.replaceAll(/(?<=ORDER BY .*)(,|$)/g, ' DESC$1')} LIMIT ${sample}`).all();
  }
  const next = db.prepare('SELECT * FROM journal WHERE position > ? ORDER BY position LIMIT ?');
  for (const row of db.prepare('SELECT journal_offset AS offset FROM sink').all()) {
    const { offset } = row as { offset: number };
    const broken = (next.all(offset, sample) as unknown as BlockRow[]).find((block) => !isWhole(block));
    if (broken !== undefined) {
      throw damage(path, `the journal's block up to position ${broken.position} is not what was written`);
    }
  }
  checkPositions(db, path);
}

/** A file that was cut has fewer bytes than its pages take, unless the log still holds the others. */
function checkLength(db: DatabaseSync, path: string): void {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  const { page_size: size } = db.prepare('PRAGMA page_size').get() as { page_size: number };
  const { size: bytes } = statSync(path);
  if (bytes < pages * size) {
    throw damage(path, `the file has ${bytes} bytes where its ${pages} pages take ${pages * size}`);
  }
}

/** Positions are never given out twice: with the last one lost, sinks would pass over what comes next. */
function checkPositions(db: DatabaseSync, path: string): void {
  const { last, kept, offset } = db
    .prepare(
      `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0) AS last,
              coalesce((SELECT max(position) FROM journal), 0) AS kept,
              coalesce((SELECT max(journal_offset) FROM sink), 0) AS offset`,
    )
    .get() as { last: number; kept: number; offset: number };
  if (last < kept || last < offset) {
    throw damage(
      path,
      `the last position is ${last}, yet the journal holds ${kept} and a sink is at ${offset}`,
    );
  }
}
