import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';

/** How often the size of the store is looked at, while it has room and while it has none, ms. */
const lookEveryMs = 10_000;
const pausedLookEveryMs = 2000;

/**
 * Returns a gate that collection passes before it adds to the journal: it opens at once while the store is smaller
 * than `maxBytes`, and waits while it is not. Tells the log when collection pauses and when it goes on. Rejects with
 * the signal's reason when that aborts.
 */
export function createRoomGate(
  store: Pick<Store, 'bytes' | 'prune'>,
  limits: { readonly maxBytes: number; readonly retentionMs: number },
  clock: Clock,
  log: Log,
): (signal: AbortSignal) => Promise<void> {
  const { maxBytes, retentionMs } = limits;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let paused = false;

  /** What is delivered and only kept for replay makes room first. */
  async function bytesNeeded(): Promise<number> {
    const bytes = await store.bytes();
    if (bytes < maxBytes) return bytes;
    await store.prune(clock.now(), clock.now() - retentionMs);
    return store.bytes();
  }

  return async (signal) => {
    while (paused || Math.abs(clock.now() - lookedAtMs) >= lookEveryMs) {
      const bytes = await bytesNeeded();
      lookedAtMs = clock.now();
      const full = bytes >= maxBytes;
      if (full && !paused) {
        log.error(
          { bytes, maxBytes },
          'the store has reached store.maxBytes: collection pauses until sinks have caught up',
        );
      }
      if (!full && paused) log.info({ bytes, maxBytes }, 'the store has room again: collection goes on');
      paused = full;
      if (!full) return;
      await clock.sleep(pausedLookEveryMs, signal);
      signal.throwIfAborted();
    }
  };
}
