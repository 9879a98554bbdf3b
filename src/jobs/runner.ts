import { backoffMs } from '../dispatch/backoff.ts';
import { createDoorbell } from '../dispatch/doorbell.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { elapsedMs } from '../runtime/clock.ts';
import type { StoredJob } from '../store/store.ts';
import { subjectOf } from './describe.ts';
import { createJobWorker, type JobWorkerOptions } from './worker.ts';

/** Does the jobs in the store: those of one sink, or of one source, one after the other in the order of their ids. */
export interface JobRunner {
  /**
   * Does jobs until `signal` aborts, also those that another process adds meanwhile, and none that it cancels; what fails
   * for now is tried again. Rejects for a bug and with STORE_DAMAGED.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Does the open jobs that `concerns` chooses, each until it is done or fails, or `signal` aborts; resolves with the
   * first failure after which one is left open, undefined when there was none. Throws STORE_UNUSABLE.
   */
  runOut(concerns: (stored: StoredJob) => boolean, signal: AbortSignal): Promise<ConnectorError | undefined>;
}

/** How often the store is asked for jobs, ms. */
const lookEveryMs = 1000;
/** How long a job that failed waits. */
const retry = { initialMs: 30_000, maxMs: 600_000 };

/** A job in hand. */
interface Running {
  readonly id: number;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** A job that failed, and is to be tried again. */
interface Failed {
  readonly times: number;
  /** Of those that `elapsedMs` counts. */
  readonly untilMs: number;
  readonly error: ConnectorError;
}

/** Makes a job runner. One call of its methods at a time. */
export function createJobRunner(options: JobWorkerOptions): JobRunner {
  const { store, clock, log } = options;
  const work = createJobWorker(options);
  const doorbell = createDoorbell(clock);
  /** By what they concern: one sink, or one source. */
  const running = new Map<string, Running>();
  const failed = new Map<number, Failed>();
  let reported = false;

  return {
    async run(signal) {
      try {
        while (!signal.aborted) {
          const open = await openJobs();
          if (open !== undefined) {
            stopCancelled(open);
            for (const stored of firstOfEach(open)) if (!signal.aborted && isDue(stored)) begin(stored);
          }
          await doorbell.wait(lookEveryMs, signal);
        }
      } finally {
        await stopAll();
      }
    },

    async runOut(concerns, signal) {
      failed.clear();
      try {
        for (;;) {
          const open = (await store.jobs()).filter(
            (stored) => stored.endedAtMs === undefined && concerns(stored),
          );
          stopCancelled(open);
          const untried = open.filter(({ id }) => !failed.has(id));
          if (signal.aborted || (untried.length === 0 && running.size === 0)) break;
          for (const stored of firstOfEach(untried)) begin(stored);
          await doorbell.wait(lookEveryMs, signal);
        }
      } finally {
        await stopAll();
      }
      const [first] = failed.values();
      return first?.error;
    },
  };

  /** Returns the jobs that are not over; undefined while the store cannot be asked. */
  async function openJobs(): Promise<readonly StoredJob[] | undefined> {
    try {
      const jobs = await store.jobs();
      reported = false;
      return jobs.filter(({ endedAtMs }) => endedAtMs === undefined);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'STORE_UNUSABLE') throw error;
      if (!reported) log.error({ reason: messageOf(error) }, 'replays and backfills wait for the store');
      reported = true;
      return undefined;
    }
  }

  /** Returns the oldest job of each sink and source that has none in hand. */
  function firstOfEach(open: readonly StoredJob[]): readonly StoredJob[] {
    const first = new Map<string, StoredJob>();
    for (const stored of open.toSorted((a, b) => a.id - b.id)) {
      const subject = subjectOf(stored);
      if (!running.has(subject) && !first.has(subject)) first.set(subject, stored);
    }
    return [...first.values()];
  }

  function isDue({ id }: StoredJob): boolean {
    return (failed.get(id)?.untilMs ?? Number.NEGATIVE_INFINITY) <= elapsedMs(clock);
  }

  function begin(stored: StoredJob): void {
    const subject = subjectOf(stored);
    const stop = new AbortController();
    const ended = attempt(stored, stop.signal).finally(() => {
      running.delete(subject);
      doorbell.ring();
    });
    running.set(subject, { id: stored.id, stop, ended });
  }

  async function attempt(stored: StoredJob, signal: AbortSignal): Promise<void> {
    const { id, kind } = stored;
    const before = failed.get(id);
    const trial = await work(stored, before !== undefined, signal);
    if (typeof trial === 'string') {
      failed.delete(id);
      return;
    }
    const times = (before?.times ?? 0) + 1;
    const waitMs = backoffMs(times, retry, clock.random());
    failed.set(id, { times, untilMs: elapsedMs(clock) + waitMs, error: trial });
    if (before?.error.message === trial.message) return;
    log.warn(
      { job: id, kind, reason: messageOf(trial) },
      'job fails for now: it stays, and goes on where it was',
    );
  }

  /** Stops what is no longer among the open jobs. */
  function stopCancelled(open: readonly StoredJob[]): void {
    for (const { id, stop } of running.values()) {
      if (open.some((stored) => stored.id === id) || stop.signal.aborted) continue;
      log.info({ job: id }, 'job cancelled');
      stop.abort();
    }
  }

  async function stopAll(): Promise<void> {
    for (const { stop } of running.values()) stop.abort();
    await Promise.all([...running.values()].map(({ ended }) => ended));
  }
}
