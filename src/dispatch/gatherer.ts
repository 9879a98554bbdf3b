import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { JournalEntry, Store } from '../store/store.ts';
import {
  type Batch,
  BatchBuilder,
  type BatchConfig,
  type Preparation,
  type Prepared,
  prepare,
} from './batch.ts';
import type { Doorbell } from './doorbell.ts';
import type { Ask } from './patience.ts';

/** Entries written in one go, before others in the process get their turn. */
const turn = 50;

/** What is read of the journal at once, and so what is written ahead. */
const chunk = { rows: 500, bytes: 2 ** 19 };

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
  /** Begins to read and write what follows the last batch, for the next `gather`: while the store acknowledges, say. */
  prefetch(): void;
}

/** How the journal is read: patiently, or once. */
type Read = (read: () => Promise<readonly JournalEntry[]>) => Promise<readonly JournalEntry[] | undefined>;

const tryOnce: Read = (read) => read();

interface Written {
  readonly entry: JournalEntry;
  readonly prepared: Prepared;
}

/** Makes a gatherer. What it holds at once is bounded by one batch's share of the journal, and as much written ahead. */
export function createGatherer(
  options: Preparation & {
    readonly store: Pick<Store, 'readJournal'>;
    readonly batch: BatchConfig;
    readonly clock: Clock;
  },
  doorbell: Doorbell,
  ask: Ask,
): Gatherer {
  const { sinkName, store, batch, clock } = options;
  let ahead = new Ahead();
  /** When the last batch with something to send was complete, by elapsed time, ms. */
  let lastAtMs = Number.NEGATIVE_INFINITY;

  return {
    reset() {
      ahead = new Ahead();
    },

    async gather(offset, linger, signal) {
      const builder = new BatchBuilder(batch, offset);
      const wait = lingering(linger ? lastAtMs + batch.lingerMs : Number.NEGATIVE_INFINITY, signal);
      while (!builder.full) {
        if (ahead.empty && !(await fetch(builder.through, signal))) return undefined;
        if (!ahead.empty) take(builder);
        else if (builder.idle || !(await wait())) break;
      }
      if (!builder.idle) lastAtMs = elapsedMs(clock);
      return builder.build();
    },

    prefetch() {
      const { empty, filling, last } = ahead;
      // A batch may have ended amid the writing, which then goes on by itself.
      if (!empty || filling !== undefined || last === undefined) return;
      // What fails here is asked for again by `gather`, which has the patience for it.
      fill(ahead, last, tryOnce).catch(() => {});
    },
  };

  /** Sees to it that what follows `after` is there; false when the store could not be read until `signal` aborted. */
  async function fetch(after: number, signal: AbortSignal): Promise<boolean> {
    await ahead.filling?.catch(() => {});
    return !ahead.empty || fill(ahead, after, (read) => ask(read, signal));
  }

  /** Reads and writes what follows `after`; false when it could not be read. */
  function fill(into: Ahead, after: number, read: Read): Promise<boolean> {
    into.filling = readAndWrite(into, after, read).finally(() => {
      into.filling = undefined;
    });
    return into.filling;
  }

  async function readAndWrite(into: Ahead, after: number, read: Read): Promise<boolean> {
    const entries = await read(() => store.readJournal(after, chunk.rows, chunk.bytes, sinkName));
    if (entries === undefined) return false;
    for (const [index, entry] of entries.entries()) {
      into.add({ entry, prepared: prepare(entry, options) });
      if (index % turn === turn - 1) await yieldToOthers();
    }
    return true;
  }

  /** Takes into the batch what there is room for. */
  function take(builder: BatchBuilder): void {
    for (let next = ahead.next; next !== undefined && !builder.full; next = ahead.next) {
      if (!builder.add(next.entry, next.prepared, clock.now())) return;
      ahead.pass();
    }
  }

  /**
   * Returns a wait for more entries: false when it is `untilMs` by elapsed time. That counts from the batch before: what
   * comes alone goes at once, and only what follows closely waits for company.
   */
  function lingering(untilMs: number, signal: AbortSignal): () => Promise<boolean> {
    return async () => {
      const leftMs = Math.min(batch.lingerMs, untilMs - elapsedMs(clock));
      return leftMs > 0 && (await doorbell.wait(leftMs, signal));
    };
  }
}

/** What was read and written, and not yet taken into a batch, in order. */
class Ahead {
  /** While it is being read and written. */
  filling: Promise<boolean> | undefined;
  /** Position of the last that was added; undefined before the first. */
  last: number | undefined;
  #written: Written[] = [];
  #taken = 0;

  get empty(): boolean {
    return this.#taken === this.#written.length;
  }

  get next(): Written | undefined {
    return this.#written[this.#taken];
  }

  add(written: Written): void {
    if (this.empty) {
      this.#written = [];
      this.#taken = 0;
    }
    this.#written.push(written);
    this.last = written.entry.position;
  }

  pass(): void {
    this.#taken++;
  }
}
