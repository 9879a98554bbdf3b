import type { Instant } from '../fields/instant.ts';
import type { RecordKind, SourceRecord } from '../record.ts';

/** What a state of a record is known by. */
export type RecordKey = Pick<SourceRecord, 'id' | 'version' | 'created'>;

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
   * back so far. With `new`, each later state of an id leaves a key too, so an id is known
   * until its latest state was updated before this: it must reach back as far as the API can bring an update of an
   * old record, not only as far as the overlap.
   */
  readonly forgetBefore?: Instant;
  /** Counters (`StoreReader.counter`) to set in the same transaction: the number of a heartbeat, say. */
  readonly counters?: Readonly<Record<string, number>>;
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
  /** `SourceRecord.parsed` of an entry accepted a moment ago; absent of one that was read from the disk. */
  readonly parsed?: SourceRecord['parsed'];
  /** ms since 1970; where the clock was set back, the latest watermark, which is a time that was over. */
  readonly acceptedAtMs: number;
  /** `SourceRecord.tracked` of the states of this object accepted before, oldest first, at most the last 8. */
  readonly earlier: readonly string[];
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
  /** How late records come, as last kept; undefined before the first. */
  readonly lateness: Lateness | undefined;
  /** The last completeness audit; undefined before the first. */
  readonly audit: Audit | undefined;
  /** Spans set aside that still could not be read. */
  readonly gaps: number;
}

/** How late the records of a source come, and how far its windows therefore reach back. */
export interface Lateness {
  /** The measured distribution, as text; the store does not read it. */
  readonly histogram: string;
  /** 99.9th percentile of how far behind the watermark records showed themselves (`sources/late-arrivals.ts`), ms. */
  readonly p999Ms: number;
  /** The overlap in use, ms. */
  readonly overlapMs: number;
}

/** What one completeness audit of a source came to. */
export interface Audit {
  readonly from: Instant;
  readonly to: Instant;
  /** States of records that the API shows in the span. */
  readonly expected: number;
  /** Of these, how many had been accepted before the audit. */
  readonly accepted: number;
  /** Of the missing, how many the audit fetched and accepted. */
  readonly healed: number;
  readonly atMs: number;
}

/** A span of a source that could not be read and was set aside, so that the rest goes on. */
export interface Gap {
  readonly source: string;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  readonly reason: string;
  /** When it was set aside, ms since 1970. */
  readonly sinceMs: number;
  /** How often it was tried, the first time included. */
  readonly attempts: number;
}

/** A replay or a backfill: work that outlasts the process. */
export interface StoredJob {
  readonly id: number;
  readonly kind: 'replay' | 'backfill';
  /** What is to be done, as text; the store does not read it. */
  readonly spec: string;
  /** How far it is, as text of the job's own; undefined before the first step. */
  readonly cursor: string | undefined;
  /** Events sent or accepted so far. */
  readonly done: number;
  readonly createdAtMs: number;
  /** Undefined while it is not over. */
  readonly endedAtMs: number | undefined;
  /** Why it failed for good; undefined otherwise. */
  readonly error: string | undefined;
}

/**
 * What can be read of the state, also beside the process that uses it. Throws `ConnectorError` STORE_UNUSABLE when the
 * disk refuses.
 */
export interface StoreReader extends AsyncDisposable {
  /** Undefined before the first window of the source was closed. */
  watermark(source: string): Promise<Instant | undefined>;
  /**
   * Entries after `position`, in order, at most `maxRows` and about `maxBytes` bytes of JSON, but at least one if any.
   * `reader`: the sink that reads on from entry to entry: what is accepted meanwhile is kept for it in memory.
   */
  readJournal(
    position: number,
    maxRows: number,
    maxBytes: number,
    reader?: string,
  ): Promise<readonly JournalEntry[]>;
  /** The last journal position that a sink is done with. Rejects for a sink that was never registered. */
  offset(sink: string): Promise<number>;
  /** A sink's dead letters after position `after` (0), in the journal's order, at most `maxRows` (1000). */
  deadLetters(sink: string, after?: number, maxRows?: number): Promise<readonly DeadLetter[]>;
  /** The first position accepted at or after `sinceMs`; one past the last when there is none. */
  positionAt(sinceMs: number): Promise<number>;
  /** For each key, in order: whether this source has accepted it and not forgotten it. */
  known(source: string, keys: readonly RecordKey[]): Promise<readonly boolean[]>;
  /** A counter's value; 0 before it was first set. */
  counter(name: string): Promise<number>;
  /** Counters by name whose name begins with `prefix`. */
  counters(prefix: string): Promise<Readonly<Record<string, number>>>;
  /** Spans set aside, the oldest first. */
  gaps(source?: string): Promise<readonly Gap[]>;
  /** The last audits of a source, the newest first, at most `maxRows` (30). */
  audits(source: string, maxRows?: number): Promise<readonly Audit[]>;
  /** Jobs, the newest first: all that are not over, and the last 20 that are. */
  jobs(): Promise<readonly StoredJob[]>;
  /** Bytes that the store takes on disk. */
  bytes(): Promise<number>;
  /** Every source that the store knows, or the one named, and every registered sink, by name. */
  progress(source?: string): Promise<{
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
   * Registers the sources that the configuration names. Of one that is gone, keys, spans set aside and audits are
   * forgotten when `retention` is over; its watermark stays: should it come back, it goes on there.
   */
  registerSources(sources: readonly string[], nowMs: number): Promise<void>;
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
  /**
   * Moves a sink's offset back, when it turns out that a receiver may have lost what it took: all behind `offset` is
   * delivered again, as far as it is still in the journal.
   */
  rewind(sink: string, offset: number): Promise<void>;
  /** Keeps why a sink fails, for `status`; `error` undefined once it is well again. */
  recordDelivery(sink: string, error: string | undefined): Promise<void>;
  /** Removes dead letters that were replayed, by the positions of their entries. */
  removeDeadLetters(sink: string, positions: readonly number[]): Promise<void>;
  /**
   * Deletes entries that every registered sink has passed and that were accepted before `beforeMs`, or before one that
   * was; how many. What was accepted together goes together, when all of it is passed. With no sink registered it deletes none. Dead letters from before `expiredMs` (`beforeMs`) go too, as do sinks gone since
   * before it; the space goes back to the file system. Works in short transactions: others go on between them.
   */
  prune(beforeMs: number, expiredMs?: number): Promise<number>;
  /** Keeps how late the records of a source come. */
  recordLateness(source: string, lateness: Lateness): Promise<void>;
  /** Keeps what an audit came to, and forgets all but the last 30 of the source. */
  recordAudit(source: string, audit: Audit): Promise<void>;
  /** Sets a span aside; one that is already set aside counts one attempt more and takes the new reason. */
  recordGap(source: string, gap: Pick<Gap, 'from' | 'to' | 'reason'>, nowMs: number): Promise<void>;
  /** Takes a span that has been read, or given up, off the list. */
  closeGap(source: string, from: Instant, to: Instant): Promise<void>;
  /** Adds a job, and returns its id. `keepFrom`: journal rows from this position on are not pruned before it is over. */
  addJob(
    kind: StoredJob['kind'],
    spec: string,
    nowMs: number,
    options?: { readonly keepFrom?: number },
  ): Promise<number>;
  /** Keeps how far a job is; one that is over, since another process cancelled it, stays as it is. */
  advanceJob(
    id: number,
    progress: { readonly cursor: string; readonly done: number; readonly keepFrom?: number },
  ): Promise<void>;
  /** Says that a job is over; `error` when it failed for good. One that is over already stays as it is. */
  endJob(id: number, nowMs: number, error?: string): Promise<void>;
}
