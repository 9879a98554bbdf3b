import type { DispatchStore } from '../../src/dispatch/dispatcher.ts';
import { ConnectorError } from '../../src/errors.ts';
import type { DeadLetter, JournalEntry } from '../../src/store/store.ts';

/** The journal as one sink sees it, in memory. */
export class MemoryJournal implements DispatchStore {
  readonly entries: JournalEntry[] = [];
  readonly letters: Omit<DeadLetter, 'sink'>[] = [];
  /** Offsets acknowledged, in order. */
  readonly acknowledged: number[] = [];
  /** Offsets gone back to, in order. */
  readonly rewound: number[] = [];
  #offset = 0;
  /** What each read asked for. */
  readonly reads: { readonly rows: number; readonly bytes: number }[] = [];
  /** How many of the next calls fail as those of a store on a full disk do. */
  failures = 0;
  /** Called with each acknowledgement, before it is kept. */
  onAcknowledge: (offset: number, letters: readonly Omit<DeadLetter, 'sink'>[]) => void = () => {};

  /** Appends an entry of the source `alerts`, unless said otherwise. */
  append(id: string, facts: Partial<JournalEntry> = {}): void {
    const position = (this.entries.at(-1)?.position ?? 0) + 1;
    this.entries.push({
      position,
      source: 'alerts',
      kind: 'graph-alert',
      id,
      version: '1',
      json: `{"id":"${id}"}`,
      acceptedAtMs: Date.UTC(2026, 10, 3, 7, 59, 0),
      earlier: [],
      ...facts,
    });
  }

  async offset(): Promise<number> {
    this.#mayFail();
    return this.#offset;
  }

  async readJournal(position: number, rows: number, bytes: number): Promise<readonly JournalEntry[]> {
    this.#mayFail();
    this.reads.push({ rows, bytes });
    const found: JournalEntry[] = [];
    let total = 0;
    for (const entry of this.entries) {
      if (entry.position <= position) continue;
      total += Buffer.byteLength(entry.json);
      if (found.length === rows || (found.length > 0 && total > bytes)) break;
      found.push(entry);
    }
    return found;
  }

  async acknowledge(
    _sink: string,
    offset: number,
    letters: readonly Omit<DeadLetter, 'sink'>[],
  ): Promise<void> {
    this.#mayFail();
    this.onAcknowledge(offset, letters);
    this.acknowledged.push(offset);
    this.#offset = Math.max(this.#offset, offset);
    this.#offset = Math.max(this.#offset, offset);
    this.letters.push(...letters);
  }

  async rewind(_sink: string, offset: number): Promise<void> {
    this.#mayFail();
    this.rewound.push(offset);
    this.#offset = Math.min(this.#offset, offset);
  }

  #mayFail(): void {
    if (this.failures === 0) return;
    this.failures--;
    throw new ConnectorError('STORE_UNUSABLE', 'store state.db: the disk is full');
  }
}
