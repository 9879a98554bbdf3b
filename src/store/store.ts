import type { Instant } from '../fields/instant.ts';
import type { RecordKind, SourceRecord } from '../record.ts';

/** What one page brings to the store; kept whole or not at all. */
export interface AcceptRequest {
  readonly source: string;
  /** Records that a route wants dropped before the journal are already gone; order is the order of delivery. */
  readonly records: readonly SourceRecord[];
  /** `all`: each version of a record is accepted once; `new`: only the first version of an id ever. */
  readonly updates: 'all' | 'new';
  /** With the last page of a window: where the source has been read up to. */
  readonly watermark?: Instant;
  /**
   * Keys of this source whose record was last updated, and accepted, before this are forgotten: no window reaches
   * back so far. Comes with `watermark`. With `new`, each later state of an id leaves a key too, so an id is known
   * until its latest state was updated before this: it must reach back as far as the API can bring an update of an
   * old record, not only as far as the overlap.
   */
  readonly forgetBefore?: Instant;
  /** Now, ms since 1970: when the rows were accepted. */
  readonly nowMs: number;
}

/** What became of a page. */
export interface AcceptResult {
  /** Appended to the journal. */
  readonly accepted: number;
  /** Known by key and version (with `new`: by key), and dropped. */
  readonly repeated: number;
}

/** One row of the journal. */
export interface JournalEntry {
  /** Position; grows by at least one from row to row, is never used again. */
  readonly position: number;
  readonly source: string;
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: string;
  readonly json: string;
  readonly acceptedAtMs: number;
}

/** An event that a sink has refused for good. */
export interface DeadLetter {
  readonly sink: string;
  readonly entry: JournalEntry;
  readonly reason: string;
  readonly atMs: number;
}

/** How far a sink is. */
export interface SinkProgress {
  readonly sink: string;
  /** The last journal position that this sink is done with; 0 before the first. */
  readonly offset: number;
  /** Rows behind the offset's head: still to look at. */
  readonly backlog: number;
  /** Acceptance time of the oldest row still to look at, ms since 1970; undefined when there is none. */
  readonly oldestAcceptedAtMs: number | undefined;
  readonly deadLetters: number;
  /** Why the sink fails at the moment; undefined while it is well. */
  readonly lastError: string | undefined;
}

/** How far a source is. */
export interface SourceProgress {
  readonly source: string;
  readonly watermark: Instant | undefined;
  /** When the watermark last moved on, ms since 1970. */
  readonly movedAtMs: number | undefined;
  readonly accepted: number;
  readonly repeated: number;
  readonly lastSuccessMs: number | undefined;
  readonly lastError: string | undefined;
}

/**
 * What can be read of the state, also beside the process that uses it. Throws `ConnectorError` STORE_UNUSABLE when the
 * disk refuses.
 */
export interface StoreReader extends AsyncDisposable {
  /** Undefined before the first window of the source was closed. */
  watermark(source: string): Promise<Instant | undefined>;
  /** Rows after `position`, in order, at most `maxRows` and about `maxBytes` bytes of JSON, but at least one if any. */
  readJournal(position: number, maxRows: number, maxBytes: number): Promise<readonly JournalEntry[]>;
  /** The last journal position that a sink is done with. Rejects for a sink that was never registered. */
  offset(sink: string): Promise<number>;
  /** A sink's dead letters after position `after` (0), in the journal's order, at most `maxRows` (1000). */
  deadLetters(sink: string, after?: number, maxRows?: number): Promise<readonly DeadLetter[]>;
  /** Bytes that the store takes on disk. */
  bytes(): Promise<number>;
  /** Every source that the store knows, and every registered sink, by name. */
  progress(): Promise<{
    readonly sources: readonly SourceProgress[];
    readonly sinks: readonly SinkProgress[];
  }>;
}

/**
 * Where the state lives: seen keys, watermarks, the journal, offsets and dead letters. Each method is one transaction,
 * durable when its promise resolves. Throws `ConnectorError` STORE_UNUSABLE when the disk refuses.
 */
export interface Store extends StoreReader {
  /**
   * Drops what is known, appends the rest to the journal, remembers keys, moves the watermark: one transaction.
   * (Keys beyond the first few thousand that can be forgotten are forgotten after it, in short ones.)
   */
  accept(request: AcceptRequest): Promise<AcceptResult>;
  /** Keeps what the last run of a source came to, for `status`; `error` undefined after a success. */
  recordRun(source: string, nowMs: number, error: string | undefined): Promise<void>;
  /**
   * Registers the sinks: a new one starts behind the last row there is now (it gets what is accepted from then on);
   * one that is gone no longer holds rows back, and its offset and dead letters are kept until `retention` is over:
   * should it come back before, it goes on where it was, with those rows that are still there.
   */
  registerSinks(sinks: readonly string[], nowMs: number): Promise<void>;
  /**
   * Moves a sink's offset, never back, and keeps its dead letters, in one transaction: nothing is acknowledged and
   * lost. A second dead letter of the same entry takes the place of the first.
   */
  acknowledge(sink: string, offset: number, deadLetters: readonly Omit<DeadLetter, 'sink'>[]): Promise<void>;
  /** Keeps why a sink fails, for `status`; `error` undefined once it is well again. */
  recordDelivery(sink: string, error: string | undefined): Promise<void>;
  /** Removes dead letters that were replayed, by the positions of their entries. */
  removeDeadLetters(sink: string, positions: readonly number[]): Promise<void>;
  /**
   * Deletes rows that every registered sink has passed and that were accepted before `beforeMs`; how many. With no
   * sink registered it deletes none. Dead letters from before `expiredMs` (`beforeMs`) go too, as do sinks gone since
   * before it; the space goes back to the file system. Works in short transactions: others go on between them.
   */
  prune(beforeMs: number, expiredMs?: number): Promise<number>;
}
