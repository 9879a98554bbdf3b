import { createTask } from 'node-cron';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { nextDue } from './due.ts';
import { createHeartbeat, type Heartbeat, restart } from './heartbeat.ts';
import type { Pace } from './pace.ts';

/** When a job is due: at a fixed pace, or by a cron expression of five or six fields, in UTC. */
export type Schedule = { readonly everyMs: number } | { readonly cron: string };

/** Something that is done again and again. */
export interface Job {
  readonly name: string;
  readonly schedule: Schedule;
  /** When it was last done, ms since 1970; undefined when never. A time due since then is made up at the start. */
  readonly lastRunMs: number | undefined;
  /** How long what is due at the start waits, ms: many jobs then do not begin all at once. */
  readonly firstAfterMs?: number;
  /** Does it once; must not reject: failures are the job's own to report. */
  run(signal: AbortSignal): Promise<void>;
  /** Says after each run when the next one is due; without it, the schedule alone does. */
  readonly pace?: Pick<Pace, 'waitMs'> | undefined;
}

/** A beat counts that comes so much early, ms: half of the time between two. */
const earlyMs = 500;

/**
 * Runs a job whenever it is due, until `signal` aborts; resolves when the run in hand has ended. A run never overlaps
 * itself: what falls due meanwhile is done once, right after. A time that passed while the process was down, asleep
 * or busy is made up, once. Jobs of one process share a `heartbeat`.
 */
export async function runSchedule(
  job: Job,
  clock: Clock,
  signal: AbortSignal,
  heartbeat: Heartbeat = createHeartbeat(clock),
): Promise<void> {
  const { schedule, firstAfterMs = 0 } = job;
  let running: Promise<void> | undefined;
  let due = false;

  const begin = () => {
    if (signal.aborted) return;
    due = true;
    running ??= runWhileDue();
  };
  const runWhileDue = async () => {
    while (due && !signal.aborted) {
      due = false;
      const beganAt = elapsedMs(clock);
      await job.run(signal);
      if (job.pace !== undefined) beats?.next(beganAt + job.pace.waitMs());
    }
    running = undefined;
  };

  const beats = 'cron' in schedule ? undefined : beatsOf(schedule.everyMs, firstAfterMs, clock, begin);
  const first = isDueAtStart(job, clock.now()) ? beginAfter(firstAfterMs, begin, clock, signal) : undefined;
  const stop =
    'cron' in schedule
      ? await runCron(schedule.cron, begin, clock, signal, heartbeat)
      : heartbeat.listen({ onBeat: () => beats?.beat() });
  await aborted(signal);
  await stop();
  await first;
  await running;
}

/** Begins at once where there is nothing to wait for. */
async function beginAfter(ms: number, begin: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  if (ms > 0) await clock.sleep(ms, signal);
  begin();
}

async function runCron(
  expression: string,
  begin: () => void,
  clock: Clock,
  signal: AbortSignal,
  heartbeat: Heartbeat,
): Promise<() => Promise<void>> {
  const task = createTask(expression, begin, { timezone: 'UTC', suppressMissedWarning: true });
  task.on('execution:missed', begin);
  await task.start();
  const unlisten = heartbeat.listen({
    onStep: (beforeMs) => {
      if (nextDue({ cron: expression }, beforeMs) <= clock.now()) begin();
      void restart(task, () => signal.aborted);
    },
  });
  return async () => {
    await unlisten();
    await task.destroy();
  };
}

/** Returns what looks, at each beat, whether a pace is due again; `next` sets when, by elapsed time. */
function beatsOf(everyMs: number, firstAfterMs: number, clock: Clock, begin: () => void) {
  let dueMs = elapsedMs(clock) + firstAfterMs + everyMs;
  return {
    beat() {
      const nowMs = elapsedMs(clock);
      if (nowMs < dueMs - earlyMs) return;
      const nextBeat = dueMs + everyMs;
      dueMs = nextBeat <= nowMs ? nowMs + everyMs : nextBeat;
      begin();
    },
    next(atMs: number) {
      dueMs = atMs;
    },
  };
}

/** A pace starts at once; a cron expression when one of its times has passed since the last run. */
function isDueAtStart({ schedule, lastRunMs }: Job, nowMs: number): boolean {
  if ('everyMs' in schedule || lastRunMs === undefined) return true;
  return nextDue(schedule, lastRunMs) <= nowMs;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
