import type { Connection } from './connection.ts';
import type { Store, StoredJob } from './store.ts';

/** Jobs that are over and still told of. */
const keptJobs = 20;

/** The store's side of replays and backfills. */
export interface JobStatements {
  jobs(): readonly StoredJob[];
  addJob(...args: Parameters<Store['addJob']>): number;
  advanceJob(...args: Parameters<Store['advanceJob']>): void;
  endJob(...args: Parameters<Store['endJob']>): void;
}

/** A row as SQLite gives it; the schema's STRICT tables hold it to these types. */
interface JobRow extends Omit<StoredJob, 'cursor' | 'endedAtMs' | 'error'> {
  readonly cursor: string | null;
  readonly endedAtMs: number | null;
  readonly error: string | null;
}

/** Prepares the statements of jobs. */
export function prepareJobs(connection: Connection): JobStatements {
  const lastEnded = `SELECT id FROM job WHERE ended_at_ms IS NOT NULL
                     ORDER BY ended_at_ms DESC, id DESC LIMIT ${keptJobs}`;
  const select = connection.prepare(
    `SELECT id, kind, spec, cursor, done, created_at_ms AS createdAtMs, ended_at_ms AS endedAtMs, error
     FROM job WHERE ended_at_ms IS NULL OR id IN (${lastEnded}) ORDER BY id DESC`,
  );
  const add = connection.prepare(addJobSql);
  const advance = connection.prepare(
    `UPDATE job SET cursor = ?, done = ?, keep_from = coalesce(?, keep_from)
     WHERE id = ? AND ended_at_ms IS NULL`,
  );
  const end = connection.prepare(
    'UPDATE job SET ended_at_ms = ?, error = ?, keep_from = NULL WHERE id = ? AND ended_at_ms IS NULL',
  );
  const drop = connection.prepare(
    `DELETE FROM job WHERE ended_at_ms IS NOT NULL AND id NOT IN (${lastEnded})`,
  );

  return {
    jobs: () => connection.read(() => (select.all() as unknown as JobRow[]).map(jobOf)),

    addJob: (kind, spec, nowMs, { keepFrom } = {}) =>
      connection.transaction(() => Number(add.run(kind, spec, nowMs, keepFrom ?? null).lastInsertRowid)),

    advanceJob: (id, { cursor, done, keepFrom }) =>
      connection.transaction(() => {
        advance.run(cursor, done, keepFrom ?? null, id);
      }),

    endJob: (id, nowMs, error) =>
      connection.transaction(() => {
        if (end.run(nowMs, error ?? null, id).changes > 0) drop.run();
      }),
  };
}

/** Adds a job: kind, spec, now, the position from which rows are kept (null for none). */
export const addJobSql = 'INSERT INTO job (kind, spec, created_at_ms, keep_from) VALUES (?, ?, ?, ?)';

function jobOf(row: JobRow): StoredJob {
  return {
    ...row,
    cursor: row.cursor ?? undefined,
    endedAtMs: row.endedAtMs ?? undefined,
    error: row.error ?? undefined,
  };
}
