import type { JournalEntry } from './store.ts';

/** Text of entries that is kept, in UTF-16 units: what they were parsed to takes some five times as much memory. */
const mostText = 2 ** 20;
/** Who is no more than so many entries behind is waited for, so that it comes to read from memory. */
const nearEntries = 2000;
/** How long accepting waits at a time, ms: who does not make it in this time is slower than 1 MiB a second. */
const patienceMs = 1000;

/**
 * What was accepted last, as it came, until those who read the journal from entry to entry have it: they need neither
 * read nor parse it again. Accepting waits a moment for those who are near; one that is far behind, or stands still,
 * reads from the disk, and nobody waits for it.
 */
export class RecentEntries {
  #entries: JournalEntry[] = [];
  #text = 0;
  /** Position of the last entry accepted; undefined before the first. */
  #last: number | undefined;
  /** By reader, up to where it has read; of those that are near. */
  readonly #readers = new Map<string, number>();
  #moved = Promise.withResolvers<void>();

  /** Resolves when there is room for what is accepted next, or nobody is left who makes some in time. */
  async room(): Promise<void> {
    if (!this.#wanted()) return;
    const patience = Promise.withResolvers<'over'>();
    const timer = setTimeout(() => patience.resolve('over'), patienceMs);
    while (this.#wanted()) {
      if ((await Promise.race([this.#moved.promise, patience.promise])) === 'over') this.#leaveSlowest();
    }
    clearTimeout(timer);
  }

  /** Takes what was just accepted; what is too much is let go of, the oldest first. */
  add(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#text += entry.json.length;
      this.#last = entry.position;
    }
    for (const [reader, through] of this.#readers) if (this.#isFar(through)) this.#readers.delete(reader);
    let surplus = 0;
    for (let text = this.#text; text > 2 * mostText; surplus++) {
      text -= this.#entries[surplus]?.json.length ?? 0;
    }
    this.#drop(this.#readers.size === 0 ? this.#entries.length : surplus);
  }

  /** Returns what follows `after`, as `Store.readJournal` does; undefined when that is to be read from the disk. */
  read(after: number, maxRows: number, maxBytes: number): readonly JournalEntry[] | undefined {
    const from = after + 1 - this.#first;
    if (this.#last === undefined || from < 0) return undefined;
    let end = from;
    for (let bytes = 0; end < this.#entries.length && end - from < maxRows; end++) {
      // Near enough to bytes: counting those would look through each text once more.
      bytes += this.#entries[end]?.json.length ?? 0;
      if (bytes > maxBytes && end > from) break;
    }
    return this.#entries.slice(from, end);
  }

  /** Says that somebody who reads on has read up to here: what follows is kept for it, unless it is far behind. */
  follow(reader: string, through: number): void {
    if (this.#isFar(through)) this.#readers.delete(reader);
    else this.#readers.set(reader, through);
    this.#dropRead();
    this.#moved.resolve();
    this.#moved = Promise.withResolvers<void>();
  }

  /** Lets go of all that is kept; what is accepted next is kept again. */
  clear(): void {
    this.#drop(this.#entries.length);
  }

  /** Position of the first entry that is kept, or that would be. */
  get #first(): number {
    return (this.#last ?? 0) - this.#entries.length + 1;
  }

  #isFar(through: number): boolean {
    return this.#last !== undefined && this.#last - through > nearEntries;
  }

  /** True while accepting has to wait: nothing more is to be kept, or somebody near reads from the disk. */
  #wanted(): boolean {
    if (this.#readers.size === 0) return false;
    return this.#text > mostText || (this.#last !== undefined && this.#slowest < this.#first - 1);
  }

  get #slowest(): number {
    return Math.min(...this.#readers.values());
  }

  /** Those who are furthest behind are not waited for any more. */
  #leaveSlowest(): void {
    const slowest = this.#slowest;
    for (const [reader, through] of this.#readers) if (through === slowest) this.#readers.delete(reader);
    this.#dropRead();
  }

  /** Lets go of what all have who read on. */
  #dropRead(): void {
    this.#drop(Math.min(this.#entries.length, Math.max(0, this.#slowest - this.#first + 1)));
  }

  #drop(count: number): void {
    if (count === 0) return;
    for (const { json } of this.#entries.splice(0, count)) this.#text -= json.length;
  }
}
