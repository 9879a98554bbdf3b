import { ConnectorError } from '../errors.ts';
import { addMs, earlier, epochMs, type Instant, instantOf, later } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AcceptRequest, AcceptResult } from '../store/store.ts';
import type { ReadPriority, Window, WindowedApi } from './source.ts';
import { readWindow, type WindowReading } from './window-reader.ts';

/** The part of the store that a collector needs. */
export interface CollectorStore {
  watermark(source: string): Promise<Instant | undefined>;
  accept(request: AcceptRequest): Promise<AcceptResult>;
}

/** What a collector is made of. Times are milliseconds. */
export interface CollectorOptions {
  readonly source: string;
  readonly api: WindowedApi;
  readonly store: CollectorStore;
  /** How far back the first run reaches. */
  readonly sinceMs: number;
  /** How far each run reads again behind the watermark, for what arrives late. */
  readonly overlapMs: number;
  /** How far it stays behind the clock, for what the API may still be writing. */
  readonly settleMs: number;
  readonly updates: 'all' | 'new';
  /** Keys are remembered at least this long after they were accepted. */
  readonly rememberMs: number;
  /** Called after each page with what became of it. */
  readonly onAccepted: (result: AcceptResult) => void;
  /** False drops a record that the API could not be asked to leave out. */
  readonly wanted: (record: SourceRecord) => boolean;
  /** Resolves when collecting may go on: the journal has room. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/** What one run came to. */
export interface CollectSummary {
  /** Records read, repeats and the dropped included. */
  readonly read: number;
  readonly accepted: number;
  readonly repeated: number;
}

/** Microsoft keeps alerts for 180 days (API reference §4.1): an update cannot bring back an older one. */
const apiRetentionMs = 180 * 86_400_000;
const firstSliceMs = 3_600_000;
const shortestSliceMs = 1000;
const longestSliceMs = 30 * 86_400_000;

/**
 * Reads a source from its watermark up to now, window by window. `collect` resolves when the last window is closed;
 * the watermark has then moved to its end. It rejects with the first failure: what was accepted stays accepted, and
 * the window that failed is read again by the next call. After an answer in part the later windows are read all the
 * same, but the watermark stays before it, and `collect` rejects at the end. Calls must not overlap.
 */
export function createCollector(options: CollectorOptions) {
  const { source, api, store, clock } = options;
  let sliceMs = firstSliceMs;
  /** Where the first run begins, ms since 1970: it stays there however often that run fails. */
  let startMs = Number.POSITIVE_INFINITY;

  return {
    async collect(signal: AbortSignal): Promise<CollectSummary> {
      const totals = { read: 0, accepted: 0, repeated: 0 };
      const nowMs = clock.now();
      // Not even a `since` below `settle` leaves the first run without a window: it would never have a watermark.
      startMs = Math.min(startMs, nowMs - Math.max(options.sinceMs, options.settleMs + shortestSliceMs));
      let end = instantOf(nowMs - options.settleMs);
      let watermark = await store.watermark(source);
      let from = watermark === undefined ? instantOf(startMs) : addMs(watermark, -options.overlapMs);
      let gap = false;

      while (from < end) {
        const window: Window = { from, to: earlier(end, addMs(from, sliceMs)) };
        const priority = window.to === end ? 'live' : 'backlog';
        const { count, partial, asOf } = await read(window, priority, totals, signal);
        // Where our clock is ahead, what the API writes from now on lies behind the window's end: it is not read yet.
        const readUpTo = earlier(window.to, asOf ?? window.to);
        end = earlier(end, asOf ?? end);
        gap ||= partial;
        if (!gap) {
          watermark = watermark === undefined ? readUpTo : later(watermark, readUpTo);
          await close(watermark, nowMs);
        }
        sliceMs = nextSlice(epochMs(window.to) - epochMs(window.from), count);
        from = window.to;
      }
      if (gap) {
        throw new ConnectorError(
          'API_FAILED',
          'the API answered in part (206 or a Warning header): what came is kept, and the span is read again at the ' +
            'next run; if it stays, look at the service health of Microsoft Defender in the admin center',
        );
      }
      return totals;
    },
  };

  /** Reads a window; one that fails is smaller next time, since its links may expire, or its answer be too large. */
  async function read(
    window: Window,
    priority: ReadPriority,
    totals: { read: number; accepted: number; repeated: number },
    signal: AbortSignal,
  ): Promise<WindowReading> {
    try {
      return await readWindow(api, window, priority, (records) => keep(records, totals, signal), signal);
    } catch (error) {
      sliceMs = Math.max(shortestSliceMs, Math.round(sliceMs / 4));
      throw error;
    }
  }

  /** Moves the watermark, and forgets the keys that no window can bring back. */
  async function close(watermark: Instant, nowMs: number): Promise<void> {
    await store.accept({
      source,
      records: [],
      updates: options.updates,
      watermark,
      forgetBefore: horizon(watermark, nowMs),
      nowMs: clock.now(),
    });
  }

  async function keep(
    records: readonly SourceRecord[],
    totals: { read: number; accepted: number; repeated: number },
    signal: AbortSignal,
  ): Promise<void> {
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
    options.onAccepted(result);
  }

  /** The next slice holds about half a page: it comes in one answer, and nothing can shift in it. */
  function nextSlice(lastMs: number, count: number): number {
    const aim = api.pageSize / 2;
    const factor = count === 0 ? 4 : Math.min(4, Math.max(1 / 64, aim / count));
    const base = count === 0 ? Math.max(lastMs, sliceMs) : lastMs;
    return Math.min(longestSliceMs, Math.max(shortestSliceMs, Math.round(base * factor)));
  }

  /** Update times before this come back by no window: neither the overlap's, nor (`new`) that of a later update. */
  function horizon(watermark: Instant, nowMs: number): Instant {
    const behind = options.updates === 'new' ? apiRetentionMs : options.overlapMs;
    return earlier(addMs(watermark, -behind), instantOf(nowMs - options.rememberMs));
  }
}
