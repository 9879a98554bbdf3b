import { messageOf } from '../errors.ts';
import type { SecurityEvent } from '../event.ts';
import { headOf } from '../event-head.ts';
import type { Formatter } from '../formats/format.ts';
import type { Payload, Sink } from '../sinks/sink.ts';
import type { DeadLetter, JournalEntry } from '../store/store.ts';
import type { Routes } from './routes.ts';

/** How large batches are, and how long one that is not full waits for more. */
export interface BatchConfig {
  readonly maxEvents: number;
  /** Bytes of formatted text, UTF-8. */
  readonly maxBytes: number;
  readonly lingerMs: number;
}

/** A dead letter of the sink at hand. */
export type OwnDeadLetter = Omit<DeadLetter, 'sink'>;

/** An entry that is to be delivered, as written for the sink. */
export interface Delivery {
  readonly entry: JournalEntry;
  readonly payload: Payload;
  readonly truncated: boolean;
}

/** A run of journal entries, settled together: all behind `through` are in it, or need nothing from this sink. */
export interface Batch {
  readonly deliveries: readonly Delivery[];
  /** Entries that cannot be written for this sink. */
  readonly deadLetters: readonly OwnDeadLetter[];
  /** Positions of entries that no route sends to this sink. */
  readonly passedOver: readonly number[];
  /** Position of the last entry looked at. */
  readonly through: number;
}

/** What turns an entry into what this sink is sent. */
export interface Preparation {
  readonly sinkName: string;
  readonly sink: Pick<Sink, 'payloadBytes'>;
  readonly routes: Routes;
  /** Returns what an entry means, and of a later state what it changed since the last one that `goesThere`. */
  readonly normalise: (entry: JournalEntry, goesThere: (state: SecurityEvent) => boolean) => SecurityEvent;
  readonly format: Formatter;
}

/** What one entry is to this sink. */
export type Prepared =
  | { readonly kind: 'passed' }
  | { readonly kind: 'unwritable'; readonly reason: string }
  | { readonly kind: 'delivery'; readonly delivery: Delivery };

/** Asks the routes whether the entry goes to the sink, and writes it if so. Never throws: no entry may block a sink. */
export function prepare(entry: JournalEntry, preparation: Preparation): Prepared {
  const { sinkName, sink, routes, normalise, format } = preparation;
  if (!routes.reach(entry.source, sinkName)) return { kind: 'passed' };
  try {
    const goesHere = (state: SecurityEvent) => routes.send(entry.source, state, sinkName);
    const event = normalise(entry, goesHere);
    if (!goesHere(event)) return { kind: 'passed' };
    const formatted = format(event, sink.payloadBytes(event));
    if (formatted.kind === 'oversize') return { kind: 'unwritable', reason: formatted.reason };
    const { text, truncated } = formatted;
    const payload = { event: headOf(event), text };
    const delivery = { entry: withoutParsed(entry), payload, truncated: truncated.length > 0 };
    return { kind: 'delivery', delivery };
  } catch (error) {
    return { kind: 'unwritable', reason: `the record cannot be written: ${messageOf(error)}` };
  }
}

/** Once it is written, nobody reads what an entry was parsed to: many of them would be much to keep. */
function withoutParsed(entry: JournalEntry): JournalEntry {
  if (entry.parsed === undefined) return entry;
  const { position, source, kind, id, version, json, acceptedAtMs, earlier } = entry;
  return { position, source, kind, id, version, json, acceptedAtMs, earlier };
}

/** What one batch takes of the journal at most, what is passed over included; one entry may be larger. */
const chunk = { rows: 1000, bytes: 2 ** 20 };

/** Puts entries together to a batch until one of its bounds is met. */
export class BatchBuilder {
  readonly #config: BatchConfig;
  readonly #deliveries: Delivery[] = [];
  readonly #deadLetters: OwnDeadLetter[] = [];
  readonly #passedOver: number[] = [];
  #rows = 0;
  #journalLength = 0;
  #textBytes = 0;
  #through: number;
  #closed = false;

  /** `offset` is the journal position before the batch's first entry. */
  constructor(config: BatchConfig, offset: number) {
    this.#config = config;
    this.#through = offset;
  }

  /** Position of the last entry looked at. */
  get through(): number {
    return this.#through;
  }

  /** True when there is nothing to send. */
  get idle(): boolean {
    return this.#deliveries.length === 0;
  }

  /** True when no further entry belongs to the batch. */
  get full(): boolean {
    const { rows, bytes } = this.readRoom;
    return this.#closed || rows <= 0 || bytes <= 0 || this.#deliveries.length >= this.#config.maxEvents;
  }

  /** What may still be read of the journal for it. */
  get readRoom(): { readonly rows: number; readonly bytes: number } {
    return { rows: chunk.rows - this.#rows, bytes: chunk.bytes - this.#journalLength };
  }

  /** Adds the next entry; false, and it stays out, when its text would make the batch too large (one alone may be). */
  add(entry: JournalEntry, prepared: Prepared, nowMs: number): boolean {
    if (prepared.kind === 'delivery') {
      const bytes = Buffer.byteLength(prepared.delivery.payload.text);
      this.#closed = !this.idle && this.#textBytes + bytes > this.#config.maxBytes;
      if (this.#closed) return false;
      this.#textBytes += bytes;
      this.#deliveries.push(prepared.delivery);
    } else if (prepared.kind === 'unwritable') {
      this.#deadLetters.push({ entry, reason: prepared.reason, atMs: nowMs });
    } else this.#passedOver.push(entry.position);
    this.#rows++;
    this.#journalLength += entry.json.length;
    this.#through = entry.position;
    return true;
  }

  build(): Batch {
    return {
      deliveries: this.#deliveries,
      deadLetters: this.#deadLetters,
      passedOver: this.#passedOver,
      through: this.#through,
    };
  }
}
