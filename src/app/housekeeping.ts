import { ConnectorError, messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import type { Room } from './room.ts';
import type { TrustedTime } from './trusted-time.ts';

const pruneEveryMs = 60_000;

/** What housekeeping is made of. */
export interface HouseOptions {
  readonly store: Pick<Store, 'prune'>;
  /** `store.retention`, ms. */
  readonly retentionMs: number;
  readonly trustedTime: TrustedTime;
  readonly room: Pick<Room, 'look'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Deletes what is delivered and older than `retentionMs`, every minute, until `signal` aborts. Tells the log when that
 * begins to fail, and when it works again. Rejects with STORE_DAMAGED, which does not pass, and for a bug.
 */
export async function keepHouse(options: HouseOptions, signal: AbortSignal): Promise<void> {
  const { store, retentionMs, trustedTime, room, clock, log } = options;
  let failing = false;
  while (!signal.aborted) {
    try {
      const deleted = await store.prune((await trustedTime()) - retentionMs);
      if (deleted > 0) log.debug({ deleted }, 'journal rows past their retention deleted');
      if (failing) log.info({}, 'the store can be pruned again');
      failing = false;
      await room.look();
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'STORE_UNUSABLE') throw error;
      if (!failing) log.error({ reason: messageOf(error) }, 'the store cannot be pruned');
      failing = true;
    }
    await clock.sleep(pruneEveryMs, signal);
  }
}
