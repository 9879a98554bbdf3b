import { messageOf } from '../errors.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { isInUse } from '../store/lock.ts';
import type { Store } from '../store/store.ts';
import { openStoreThread } from '../store/threaded.ts';

/** How long a store that another process has is waited for (longer than the usual `shutdown.grace`), and how often it is tried, ms. */
const longestWaitMs = 15_000;
const tryEveryMs = 250;

/**
 * Opens the store, and waits for it while another process has it: a command that ends its job, or a service that is
 * being stopped. Resolves with undefined when `stop` aborts meanwhile; throws STORE_UNUSABLE when it is not free in 15 s.
 */
export async function storeWhenFree(
  path: string,
  { clock, log, stop }: { readonly clock: Clock; readonly log: Log; readonly stop: AbortSignal },
): Promise<Store | undefined> {
  const untilMs = elapsedMs(clock) + longestWaitMs;
  for (let told = false; ; told = true) {
    try {
      return await openStoreThread(path);
    } catch (error) {
      if (!isInUse(error) || elapsedMs(clock) >= untilMs) throw error;
      if (!told) log.warn({ reason: messageOf(error) }, 'waiting up to 15 s for the store');
    }
    await clock.sleep(tryEveryMs, stop);
    if (stop.aborted) return undefined;
  }
}
