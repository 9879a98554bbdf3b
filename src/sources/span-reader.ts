import { addMs, earlier, epochMs, type Instant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AcceptRequest, AcceptResult } from '../store/store.ts';
import type { ReadPriority, Window, WindowedApi } from './source.ts';
import { readWindow, type WindowReading } from './window-reader.ts';

/** The part of the store that a span reader needs. */
export interface SpanStore {
  accept(request: AcceptRequest): Promise<AcceptResult>;
}

/** What a span reader is made of. */
export interface SpanReaderOptions {
  readonly source: string;
  readonly api: WindowedApi;
  readonly store: SpanStore;
  readonly updates: 'all' | 'new';
  /** Called after each page with what became of it, and with the records that were offered. */
  readonly onAccepted: (result: AcceptResult, records: readonly SourceRecord[]) => void;
  /** False drops a record that the API could not be asked to leave out. */
  readonly wanted: (record: SourceRecord) => boolean;
  /** Resolves when collecting may go on: the journal has room. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/** How a span is read. */
export interface SpanRead {
  /** Of the last slice; those before it are backlog. */
  readonly priority: ReadPriority;
  readonly signal: AbortSignal;
  /**
   * Called after each slice, when all from the span's beginning up to `upTo` has been accepted: where a watermark or
   * a cursor moves. After an answer in part it is not called any more. What it rejects with ends the reading.
   */
  readonly onRead: (upTo: Instant) => Promise<void>;
}

/** What the reading of a span came to. */
export interface SpanSummary {
  /** Records read, repeats and the dropped included. */
  readonly read: number;
  readonly accepted: number;
  readonly repeated: number;
  /** True when an answer lacked a part: from there on the span must be read again. */
  readonly partial: boolean;
  /** Spans that were set aside on the way, because the API keeps failing for them. */
  readonly gaps: number;
}

/** Reads closed spans of one source into the store. */
export interface SpanReader {
  /**
   * Reads all of a span, slice by slice, and accepts page by page. It ends before the span does where the API's own
   * clock has not got there yet. Rejects with the first failure: what was accepted stays accepted. Calls must not
   * overlap.
   */
  readSpan(span: Window, options: SpanRead): Promise<SpanSummary>;
}

const firstSliceMs = 3_600_000;
const shortestSliceMs = 1000;
const longestSliceMs = 30 * 86_400_000;

type Totals = { read: number; accepted: number; repeated: number };

/** Returns a reader that sizes its slices by what the ones before them held. */
export function createSpanReader(options: SpanReaderOptions): SpanReader {
  const { source, api, store, clock } = options;
  let sliceMs = firstSliceMs;

  return {
    async readSpan(span, { priority, signal, onRead }) {
      const totals = { read: 0, accepted: 0, repeated: 0 };
      let { from, to: end } = span;
      let partial = false;
      while (from < end) {
        const window: Window = { from, to: earlier(end, addMs(from, sliceMs)) };
        const reading = await readSlice(window, window.to === end ? priority : 'backlog', totals, signal);
        // Where our clock is ahead, what the API writes from now on lies behind the slice's end: it is not read yet.
        const readUpTo = earlier(window.to, reading.asOf ?? window.to);
        end = earlier(end, reading.asOf ?? end);
        partial ||= reading.partial;
        if (!partial) await onRead(readUpTo);
        sliceMs = nextSlice(epochMs(window.to) - epochMs(window.from), reading.count);
        from = window.to;
      }
      return { ...totals, partial, gaps: 0 };
    },
  };

  /** Reads a slice; one that fails is smaller next time, since its links may expire, or its answer be too large. */
  async function readSlice(
    window: Window,
    priority: ReadPriority,
    totals: Totals,
    signal: AbortSignal,
  ): Promise<WindowReading> {
    try {
      return await readWindow(api, window, priority, (records) => keep(records, totals, signal), signal);
    } catch (error) {
      sliceMs = Math.max(shortestSliceMs, Math.round(sliceMs / 4));
      throw error;
    }
  }

  async function keep(records: readonly SourceRecord[], totals: Totals, signal: AbortSignal): Promise<void> {
    totals.read += records.length;
    const wanted = records.filter(options.wanted);
    if (wanted.length === 0) return;
    await options.room(signal);
    const result = await store.accept({
      source,
      records: wanted,
      updates: options.updates,
      nowMs: clock.now(),
    });
    totals.accepted += result.accepted;
    totals.repeated += result.repeated;
    options.onAccepted(result, wanted);
  }

  /** The next slice holds about half a page: it comes in one answer, and nothing can shift in it. */
  function nextSlice(lastMs: number, count: number): number {
    const aim = api.pageSize / 2;
    const factor = count === 0 ? 4 : Math.min(4, Math.max(1 / 64, aim / count));
    const base = count === 0 ? Math.max(lastMs, sliceMs) : lastMs;
    return Math.min(longestSliceMs, Math.max(shortestSliceMs, Math.round(base * factor)));
  }
}
