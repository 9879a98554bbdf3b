import type { StoredJob } from '../store/store.ts';
import { backfillProgress } from './backfill.ts';
import { cancelled } from './failure.ts';
import { replayProgress } from './replay.ts';
import { type Job, readJob } from './spec.ts';

/** How a job is. */
export interface JobState {
  readonly id: number;
  readonly kind: StoredJob['kind'];
  /** The sink, or the source, that it concerns. */
  readonly name: string;
  /** What was asked for, as arguments of its command. */
  readonly asked: string;
  readonly state: 'waiting' | 'under way' | 'done' | 'cancelled' | 'failed';
  /** How far it is, or what it came to, in words. */
  readonly progress: string;
  /** Events sent, or accepted. */
  readonly done: number;
  /** ISO 8601. */
  readonly created: string;
  /** ISO 8601; undefined while it is not over. */
  readonly ended: string | undefined;
  /** Why it failed for good; empty otherwise. */
  readonly problem: string;
}

/** Returns how a job is. */
export function jobState(stored: StoredJob): JobState {
  const { id, kind, done, createdAtMs, endedAtMs, error } = stored;
  const job = readJob(stored);
  return {
    id,
    kind,
    name: job === undefined ? 'unknown' : nameOf(job),
    asked: job?.spec.asked ?? '',
    state: stateOf(stored),
    progress: job === undefined ? '' : progressOf(job),
    done,
    created: new Date(createdAtMs).toISOString(),
    ended: endedAtMs === undefined ? undefined : new Date(endedAtMs).toISOString(),
    problem: error === undefined || error === cancelled ? '' : error,
  };
}

/** Returns how a job is, in one line: `job 3: replay --sink siem --since 2h: done, sent 120, refused 0`. */
export function jobLine({ id, kind, asked, state, progress, problem }: JobState): string {
  const facts = [state, progress, problem].filter((words) => words !== '');
  return `job ${id}: ${`${kind} ${asked}`.trimEnd()}: ${facts.join(', ')}`;
}

/** Returns how a stored job is, in one line. */
export function describeJob(stored: StoredJob): string {
  return jobLine(jobState(stored));
}

/** Returns what a job concerns: jobs of one subject are done one after the other. */
export function subjectOf(stored: StoredJob): string {
  const job = readJob(stored);
  if (job === undefined) return `job ${stored.id}`;
  return `${job.kind === 'replay' ? 'sink' : 'source'} ${nameOf(job)}`;
}

function nameOf(job: Job): string {
  return job.kind === 'replay' ? job.spec.sink : job.spec.source;
}

function stateOf({ cursor, endedAtMs, error }: StoredJob): JobState['state'] {
  if (endedAtMs === undefined) return cursor === undefined ? 'waiting' : 'under way';
  if (error === undefined) return 'done';
  return error === cancelled ? 'cancelled' : 'failed';
}

function progressOf(job: Job): string {
  if (job.kind === 'replay') {
    const { sent, refused } = replayProgress(job);
    return `sent ${sent}, refused ${refused}`;
  }
  const { upTo, read, accepted, repeated, gaps } = backfillProgress(job);
  const counts = `read ${read}, accepted ${accepted}, repeated ${repeated}`;
  const setAside = gaps === 0 ? '' : `, ${gaps} spans set aside`;
  const over = job.stored.endedAtMs !== undefined && job.stored.error === undefined;
  return `${counts}${setAside}${over ? '' : `, up to ${upTo}`}`;
}
