import { ConnectorError, messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store, StoredJob } from '../store/store.ts';
import { describeJob, subjectOf } from './describe.ts';
import { failureText, passingFailure } from './failure.ts';
import { type Job, readJob } from './spec.ts';

/** What does jobs is made of. */
export interface JobWorkerOptions {
  readonly store: Pick<Store, 'jobs' | 'endJob'>;
  /** Does a job from where it is; resolves with false when `signal` aborted before it was done. */
  readonly perform: (job: Job, signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What one try at a job came to: it is over; it was stopped; or the failure after which it is to be tried again. */
export type Trial = 'over' | 'stopped' | ConnectorError;

/**
 * Returns what does one job, from where it is until it is done or fails. Tells the log when it begins and when it is
 * over. One that fails for good is over: whatever is wrong with it, all else goes on. Never rejects.
 */
export function createJobWorker({ store, perform, clock, log }: JobWorkerOptions) {
  const find = async (id: number) => (await store.jobs()).find((stored) => stored.id === id);

  return async (known: StoredJob, again: boolean, signal: AbortSignal): Promise<Trial> => {
    const facts = { job: known.id, kind: known.kind, of: subjectOf(known) };
    try {
      // Where it is now: the caller may know it from before its last step.
      const stored = await find(known.id);
      if (stored === undefined || stored.endedAtMs !== undefined) return 'over';
      if (!again) log.info(facts, stored.cursor === undefined ? 'job begins' : 'job goes on where it was');
      const job = readJob(stored);
      if (job === undefined)
        throw new ConnectorError('STORE_NEWER', 'a later release wrote what it is to do');
      if (!(await perform(job, signal))) return 'stopped';
      await store.endJob(stored.id, clock.now());
      log.info({ ...facts, result: describeJob((await find(stored.id)) ?? stored) }, 'job done');
      return 'over';
    } catch (error) {
      if (signal.aborted) return 'stopped';
      return passingFailure(error) ?? (await fail(error));
    }

    async function fail(error: unknown): Promise<Trial> {
      log.error(
        {
          ...facts,
          reason: messageOf(error),
          stack: error instanceof ConnectorError ? undefined : stackOf(error),
        },
        'job failed for good; mend the cause and ask for it again',
      );
      try {
        await store.endJob(known.id, clock.now(), failureText(error));
        return 'over';
      } catch (refusal) {
        return refusal instanceof ConnectorError
          ? refusal
          : new ConnectorError('BUG', messageOf(refusal), { cause: refusal });
      }
    }
  };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
