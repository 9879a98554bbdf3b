import { ConnectorError, messageOf } from '../errors.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { Room } from './room.ts';

/** How long a refused write waits before it is tried again, ms. */
const tryEveryMs = 2000;

/** Room is made in steps, each of which keeps half as much for replay as the one before; after the last, nothing. */
const steps = 8;

const never = new AbortController().signal;

/**
 * Returns a view of the store for what collects, whose writes wait while the disk refuses them, what watches over it, and
 * what waits as long as one of them does (`writable`). `changed` is told why it refuses, once, and undefined when it no longer does. Meanwhile what is delivered is
 * deleted before its time, the oldest first: keeping it for replay must not keep the connector blind.
 */
export function createDiskWait(options: {
  readonly store: Store;
  /** Deletes what is delivered and older than so many ms. */
  readonly makeRoom: (keepMs: number) => Promise<void>;
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly changed: (reason: string | undefined) => void;
}): Pick<Room, 'store' | 'watch'> & { readonly writable: (signal: AbortSignal) => Promise<void> } {
  const { store, makeRoom, retentionMs, clock, changed } = options;
  const damaged = Promise.withResolvers<never>();
  // Where nobody watches, the error has still been thrown to the source.
  damaged.promise.catch(() => {});
  let stop = never;
  let refused = false;
  /** Writes that are tried again and again. */
  let waitingWrites = 0;
  let step = 0;
  let madeRoomAtMs = Number.NEGATIVE_INFINITY;

  async function written<Result>(work: () => Promise<Result>): Promise<Result> {
    let waits = 0;
    try {
      return await untilWritten(work, () => {
        waitingWrites += 1 - waits;
        waits = 1;
      });
    } finally {
      waitingWrites -= waits;
    }
  }

  async function untilWritten<Result>(work: () => Promise<Result>, onWait: () => void): Promise<Result> {
    for (;;) {
      const error = await failureOf(work);
      if ('result' in error) {
        if (refused) changed(undefined);
        refused = false;
        step = 0;
        return error.result;
      }
      if (!passes(error.thrown) || stop.aborted) throw error.thrown;
      if (!refused) changed(messageOf(error.thrown));
      refused = true;
      onWait();
      await clock.sleep(tryEveryMs, stop);
      if (stop.aborted) throw error.thrown;
      await shrink();
    }
  }

  async function failureOf<Result>(
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result } | { readonly thrown: unknown }> {
    try {
      return { result: await work() };
    } catch (thrown) {
      if (thrown instanceof ConnectorError && thrown.code === 'STORE_DAMAGED') damaged.reject(thrown);
      return { thrown };
    }
  }

  /** However many writes wait, one step at a time. */
  async function shrink(): Promise<void> {
    if (elapsedMs(clock) - madeRoomAtMs < tryEveryMs) return;
    madeRoomAtMs = elapsedMs(clock);
    step++;
    try {
      await makeRoom(step > steps ? 0 : retentionMs / 2 ** step);
    } catch (error) {
      if (!passes(error)) throw error;
    }
  }

  return {
    store: {
      ...store,
      accept: (request) => written(() => store.accept(request)),
      recordGap: (...gap) => written(() => store.recordGap(...gap)),
      closeGap: (...gap) => written(() => store.closeGap(...gap)),
      recordAudit: (...audit) => written(() => store.recordAudit(...audit)),
      recordLateness: (...lateness) => written(() => store.recordLateness(...lateness)),
      async recordRun(...run) {
        const outcome = await failureOf(() => store.recordRun(...run));
        if ('thrown' in outcome && !passes(outcome.thrown)) throw outcome.thrown;
      },
    },

    async writable(signal) {
      while (waitingWrites > 0) {
        await clock.sleep(tryEveryMs, signal);
        signal.throwIfAborted();
      }
    },

    async watch(signal) {
      stop = signal;
      const aborted = Promise.withResolvers<void>();
      if (signal.aborted) aborted.resolve();
      else signal.addEventListener('abort', () => aborted.resolve(), { once: true });
      await Promise.race([damaged.promise, aborted.promise]);
    },
  };
}

function passes(error: unknown): boolean {
  return error instanceof ConnectorError && error.code === 'STORE_UNUSABLE';
}
