import { messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';

const pruneEveryMs = 60_000;

/** Deletes what is delivered and older than `retentionMs`, every minute, until `signal` aborts. Never rejects. */
export async function keepHouse(
  store: Pick<Store, 'prune'>,
  retentionMs: number,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const deleted = await store.prune(clock.now() - retentionMs);
      if (deleted > 0) log.debug({ deleted }, 'journal rows past their retention deleted');
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'the store cannot be pruned');
    }
    await clock.sleep(pruneEveryMs, signal);
  }
}
