import { type ConnectorError, messageOf } from '../errors.ts';
import { describeJob, jobState } from '../jobs/describe.ts';
import { cancelled, exitCodeOf } from '../jobs/failure.ts';
import type { Clock } from '../runtime/clock.ts';
import type { StoredJob, StoreReader } from '../store/store.ts';
import type { Invocation } from './command.ts';

/** Exit code of a command whose job is not done: it was stopped, or cancelled. */
const leftUndone = 3;
/** How often a job that another process does is looked at, ms. */
const lookEveryMs = 500;
/** A job that stands still for this long may have nobody who does it, ms. */
const standstillMs = 30_000;

/**
 * Shows how far the jobs are that another process does, until they are over; resolves with the exit code, or with
 * undefined when they stand still: then it may be that no process does them any more.
 */
export async function followJobs(
  ids: readonly number[],
  reader: StoreReader,
  invocation: Invocation,
  clock: Clock,
): Promise<number | undefined> {
  const { io } = invocation;
  let shown = '';
  let standsStillForMs = 0;
  while (!io.stop.aborted) {
    const jobs = await reader.jobs();
    const open = jobs.filter(({ id, endedAtMs }) => ids.includes(id) && endedAtMs === undefined);
    if (open.length === 0) return reportJobs(ids, jobs, invocation, undefined);
    const now = open.map(describeJob).join('\n');
    if (now !== shown && io.terminal) io.err(now);
    standsStillForMs = now === shown ? standsStillForMs + lookEveryMs : 0;
    if (standsStillForMs > standstillMs) return undefined;
    shown = now;
    await clock.sleep(lookEveryMs, io.stop);
  }
  return reportJobs(ids, await reader.jobs(), invocation, undefined);
}

/** Says what came of the jobs; the exit code. */
export function reportJobs(
  ids: readonly number[],
  jobs: readonly StoredJob[],
  { io, options }: Invocation,
  failure: ConnectorError | undefined,
): number {
  const mine = jobs.filter(({ id }) => ids.includes(id)).toSorted((a, b) => a.id - b.id);
  if (options.json === true) io.out(JSON.stringify(mine.map(jobState)));
  else for (const job of mine) io.out(describeJob(job));
  const open = mine.filter(({ endedAtMs }) => endedAtMs === undefined);
  if (failure !== undefined) io.err(`defender-siem: ${messageOf(failure)}`);
  for (const { id, kind } of open) {
    io.err(
      `job ${id} stays and goes on where it is: \`defender-siem status\` shows how far, \`defender-siem ${kind} --cancel ${id}\` ends it`,
    );
  }
  if (failure !== undefined) return failure.exitCode;
  const failed = mine.find(({ error }) => error !== undefined && error !== cancelled);
  if (failed?.error !== undefined) return exitCodeOf(failed.error);
  return open.length > 0 || mine.some(({ error }) => error === cancelled) ? leftUndone : 0;
}
