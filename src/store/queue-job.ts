import { openBeside } from './connection.ts';
import { addJobSql, prepareJobs } from './jobs.ts';
import type { StoredJob } from './store.ts';

/**
 * Adds a job to the store at `path` and returns its id, also while another process has the store open: that one does
 * the job, its progress is read with `openSqliteReader(path).jobs()`. `keepFrom`: journal rows from this position on
 * are not pruned before the job is over. Neither makes a store nor brings one up to date. Throws STORE_UNUSABLE when
 * there is none, or it is of an earlier release, and STORE_NEWER.
 */
export function queueJob(
  path: string,
  kind: StoredJob['kind'],
  spec: string,
  nowMs: number,
  { keepFrom }: { readonly keepFrom?: number } = {},
): number {
  using connection = openBeside(path);
  const add = connection.prepare(addJobSql);
  return connection.transaction(() => Number(add.run(kind, spec, nowMs, keepFrom ?? null).lastInsertRowid));
}

/**
 * Ends a job in the store at `path`, also while another process has the store open, which then stops doing it; `error`
 * is what is kept of it. False when there is no such job that is not over. Throws as `queueJob` does.
 */
export function endQueuedJob(path: string, id: number, nowMs: number, error: string): boolean {
  using connection = openBeside(path);
  const { jobs, endJob } = prepareJobs(connection);
  if (!jobs().some((job) => job.id === id && job.endedAtMs === undefined)) return false;
  endJob(id, nowMs, error);
  return true;
}
