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
   * Keys of this source whose record was last updated before this are forgotten: no window reaches back so far.
   * Comes with `watermark`.
   */
  readonly forgetBefore?: Instant;
  /** Now, ms since 1970: when the rows were accepted. */
  readonly nowMs: number;
}

/** What became of a page. */
export interface AcceptResult {
  /** Appended to the journal. */
  readonly accepted: number;
  /** Known by key and version, and dropped. */
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
}

/** How far a source is. */
export interface SourceProgress {
  readonly source: string;
  readonly watermark: Instant | undefined;
  readonly accepted: number;
  readonly repeated: number;
  readonly lastSuccessMs: number | undefined;
  readonly lastError: string | undefined;
}

/**
 * Where the state lives: seen keys, watermarks, the journal, offsets and dead letters. Each method is one transaction,
 * durable when its promise resolves. Throws `ConnectorError` STORE_UNUSABLE when the disk refuses.
 */
export interface Store extends AsyncDisposable {
  watermark(source: string): Promise<Instant | undefined>;
  /** Drops what is known, appends the rest to the journal, remembers keys, moves the watermark: one transaction. */
  accept(request: AcceptRequest): Promise<AcceptResult>;
  /** Keeps what the last run of a source came to, for `status`; `error` undefined after a success. */
  recordRun(source: string, nowMs: number, error: string | undefined): Promise<void>;
  /**
   * Registers the sinks: a new one starts behind the last row there is now (it gets what is accepted from then on);
   * one that is gone no longer holds rows back, and its offset and dead letters are kept until `retention` is over.
   */
  registerSinks(sinks: readonly string[], nowMs: number): Promise<void>;
  /** Rows after `position`, in order, at most `maxRows` and about `maxBytes` bytes of JSON, but at least one if any. */
  readJournal(position: number, maxRows: number, maxBytes: number): Promise<readonly JournalEntry[]>;
  offset(sink: string): Promise<number>;
  /** Moves a sink's offset and keeps its dead letters, in one transaction: nothing is acknowledged and lost. */
  acknowledge(sink: string, offset: number, deadLetters: readonly Omit<DeadLetter, 'sink'>[]): Promise<void>;
  deadLetters(sink: string): Promise<readonly DeadLetter[]>;
  /** Deletes rows that every registered sink has passed and that were accepted before `beforeMs`; how many. */
  prune(beforeMs: number): Promise<number>;
  /** Bytes that the store takes on disk. */
  bytes(): Promise<number>;
  progress(): Promise<{
    readonly sources: readonly SourceProgress[];
    readonly sinks: readonly SinkProgress[];
  }>;
}
