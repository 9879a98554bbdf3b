import { createTask, type ScheduledTask } from 'node-cron';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { nextDue } from './due.ts';

/** When a job is due: at a fixed pace, or by a cron expression of five or six fields, in UTC. */
export type Schedule = { readonly everyMs: number } | { readonly cron: string };

/** Something that is done again and again. */
export interface Job {
  readonly name: string;
  readonly schedule: Schedule;
  /** When it was last done, ms since 1970; undefined when never. A time due since then is made up at the start. */
  readonly lastRunMs: number | undefined;
  /** Does it once; must not reject: failures are the job's own to report. */
  run(signal: AbortSignal): Promise<void>;
}

/** A clock that differs by this from what it should show was set, ms. */
const toleratedStepMs = 500;
/** How often `every:` looks at the clock. */
const heartbeat = '* * * * * *';

/**
 * Runs a job whenever it is due, until `signal` aborts; resolves when the run in hand has ended. A run never overlaps
 * itself: what falls due meanwhile is done once, right after. A time that passed while the process was down, asleep
 * or busy is made up, once.
 */
export async function runSchedule(job: Job, clock: Clock, signal: AbortSignal): Promise<void> {
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
      await job.run(signal);
    }
    running = undefined;
  };

  const task =
    'cron' in job.schedule
      ? cronTask(job.schedule.cron, begin)
      : paceTask(job.schedule.everyMs, clock, begin);
  if (isDueAtStart(job, clock.now())) begin();
  await task.start();
  const guard = watchForSteps(clock, (beforeMs) => {
    if ('cron' in job.schedule && nextDue(job.schedule, beforeMs) <= clock.now()) begin();
    void Promise.resolve(task.stop()).then(() => (signal.aborted ? undefined : task.start()));
  });
  await aborted(signal);
  clearInterval(guard);
  await task.destroy();
  await running;
}

function cronTask(expression: string, begin: () => void): ScheduledTask {
  const task = createTask(expression, begin, { timezone: 'UTC', suppressMissedWarning: true });
  task.on('execution:missed', begin);
  return task;
}

function paceTask(everyMs: number, clock: Clock, begin: () => void): ScheduledTask {
  let dueMs = elapsedMs(clock) + everyMs;
  const look = () => {
    const nowMs = elapsedMs(clock);
    if (nowMs < dueMs) return;
    const nextBeat = dueMs + everyMs;
    dueMs = nextBeat <= nowMs ? nowMs + everyMs : nextBeat;
    begin();
  };
  const task = createTask(heartbeat, look, { timezone: 'UTC', suppressMissedWarning: true });
  task.on('execution:missed', look);
  return task;
}

/**
 * Tells when the clock was set, and what it would show otherwise. node-cron waits out the time it had reckoned with:
 * after the clock was set back by an hour it would wait for one, and set ahead, it would come an hour late.
 */
function watchForSteps(clock: Clock, onStep: (beforeMs: number) => void): NodeJS.Timeout {
  let lastMs = clock.now();
  let last = elapsedMs(clock);
  const guard = setInterval(() => {
    const [nowMs, now] = [clock.now(), elapsedMs(clock)];
    const expectedMs = lastMs + (now - last);
    [lastMs, last] = [nowMs, now];
    if (Math.abs(nowMs - expectedMs) > toleratedStepMs) onStep(expectedMs);
  }, 1000);
  return guard.unref();
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
