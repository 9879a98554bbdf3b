import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Clock } from '../runtime/clock.ts';
import type { JournalEntry, Store } from '../store/store.ts';
import { type Batch, BatchBuilder, type BatchConfig, type Preparation, prepare } from './batch.ts';
import type { Doorbell } from './doorbell.ts';
import type { Ask } from './patience.ts';

/** Entries formatted in one go, before others in the process get their turn. */
const turn = 50;

/** Gathers batches from the journal. */
export interface Gatherer {
  /** Drops what was read ahead. */
  reset(): void;
  /**
   * Returns what follows `offset`, which must be where the last batch ended: as much as a batch takes, or all there is
   * once lingering is over. A batch that ends at `offset` says that there is nothing. Undefined when the store could
   * not be read until `signal` aborted.
   */
  gather(offset: number, linger: boolean, signal: AbortSignal): Promise<Batch | undefined>;
}

/** Makes a gatherer. What it holds at once is bounded by one batch's share of the journal. */
export function createGatherer(
  options: Preparation & {
    readonly store: Pick<Store, 'readJournal'>;
    readonly batch: BatchConfig;
    readonly clock: Clock;
  },
  doorbell: Doorbell,
  ask: Ask,
): Gatherer {
  const { store, batch, clock } = options;
  /** Read and not yet taken into a batch. */
  let unread: readonly JournalEntry[] = [];

  return {
    reset() {
      unread = [];
    },
    async gather(offset, linger, signal) {
      const builder = new BatchBuilder(batch, offset);
      const wait = lingering(linger ? batch.lingerMs : 0, signal);
      while (!builder.full) {
        if (unread.length === 0) {
          const { rows, bytes } = builder.readRoom;
          const entries = await ask(() => store.readJournal(builder.through, rows, bytes), signal);
          if (entries === undefined) return undefined;
          unread = entries;
        }
        if (unread.length > 0) {
          take(builder);
          await yieldToOthers();
        } else if (builder.idle || !(await wait())) break;
      }
      return builder.build();
    },
  };

  /** Takes some of what was read into the batch. */
  function take(builder: BatchBuilder): void {
    let taken = 0;
    for (const entry of unread.slice(0, turn)) {
      if (builder.full || !builder.add(entry, prepare(entry, options), clock.now())) break;
      taken++;
    }
    unread = unread.slice(taken);
  }

  /** Returns a wait for more entries: false when `ms` are over since it was first called. */
  function lingering(ms: number, signal: AbortSignal): () => Promise<boolean> {
    let endMs: number | undefined;
    return async () => {
      endMs ??= clock.now() + ms;
      // A clock that steps back must not make it linger longer.
      const leftMs = Math.min(ms, endMs - clock.now());
      return leftMs > 0 && (await doorbell.wait(leftMs, signal));
    };
  }
}
