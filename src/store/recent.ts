import type { JournalEntry } from './store.ts';

/** Text of entries that is kept, in UTF-16 units: what they were parsed to takes some five times as much memory. */
const mostText = 2 ** 20;
/** How long accepting waits for room, ms: who does not make it in this time is slower than 1 MiB a second. */
const patienceMs = 1000;

/**
 * What was accepted last, as it came, until those who read the journal from entry to entry have it: they need neither
 * read nor parse it again. When it is full, accepting waits a moment for them; one that is behind, or stands still,
 * reads from the disk, and nobody waits for it.
 */
export class RecentEntries {
  #entries: JournalEntry[] = [];
  #text = 0;
  /** Position of the last entry accepted; undefined before the first. */
  #last: number | undefined;
  /** By reader, up to where it has read; of those that are not behind. */
  readonly #readers = new Map<string, number>();
  #moved = Promise.withResolvers<void>();

  /** Resolves when there is room for what is accepted next, or nobody is left who makes some in time. */
  async room(): Promise<void> {
    if (this.#text <= mostText || this.#readers.size === 0) return;
    const patience = Promise.withResolvers<'over'>();
    const timer = setTimeout(() => patience.resolve('over'), patienceMs);
    while (this.#text > mostText && this.#readers.size > 0) {
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
    if (this.#readers.size === 0) this.#drop(this.#entries.length);
    let surplus = 0;
    for (let text = this.#text; text > 2 * mostText; surplus++)
      text -= this.#entries[surplus]?.json.length ?? 0;
    this.#drop(surplus);
  }

  /**
   * Returns what follows `after`, as `Store.readJournal` does; undefined when that is to be read from the disk. `reader`:
   * who reads on from there.
   */
  read(
    after: number,
    maxRows: number,
    maxBytes: number,
    reader: string | undefined,
  ): readonly JournalEntry[] | undefined {
    if (this.#last === undefined) return undefined;
    const first = this.#last - this.#entries.length + 1;
    if (after < first - 1) {
      if (reader !== undefined) this.#readers.delete(reader);
      return undefined;
    }
    const found = this.#slice(after - first + 1, maxRows, maxBytes);
    if (reader !== undefined) this.#pass(reader, found.at(-1)?.position ?? after);
    return found;
  }

  /** Says that nothing follows `after`, where this reader is: what is accepted next is kept for it. */
  atEnd(reader: string, after: number): void {
    if (this.#last !== undefined && this.#last > after) return;
    this.#last = after;
    this.#readers.set(reader, after);
  }

  /** Lets go of all that is kept; what is accepted next is kept again. */
  clear(): void {
    this.#drop(this.#entries.length);
  }

  #slice(from: number, maxRows: number, maxBytes: number): readonly JournalEntry[] {
    let end = from;
    for (let bytes = 0; end < this.#entries.length && end - from < maxRows; end++) {
      bytes += Buffer.byteLength(this.#entries[end]?.json ?? '');
      if (bytes > maxBytes && end > from) break;
    }
    return this.#entries.slice(from, end);
  }

  #pass(reader: string, through: number): void {
    this.#readers.set(reader, through);
    this.#dropRead();
    this.#moved.resolve();
    this.#moved = Promise.withResolvers<void>();
  }

  /** Those who are furthest behind go on from the disk. */
  #leaveSlowest(): void {
    const slowest = Math.min(...this.#readers.values());
    for (const [reader, through] of this.#readers) if (through === slowest) this.#readers.delete(reader);
    this.#dropRead();
  }

  /** Lets go of what all have who read on. */
  #dropRead(): void {
    const first = (this.#last ?? 0) - this.#entries.length + 1;
    const slowest = Math.min(...this.#readers.values());
    this.#drop(Math.min(this.#entries.length, Math.max(0, slowest - first + 1)));
  }

  #drop(count: number): void {
    if (count === 0) return;
    for (const { json } of this.#entries.splice(0, count)) this.#text -= json.length;
  }
}
