import { ConnectorError } from '../errors.ts';
import { addMs, earlier, type Instant, instantOf, later } from '../fields/instant.ts';
import { createSpanReader, type SpanReaderOptions, type SpanStore, type SpanSummary } from './span-reader.ts';

/** The part of the store that a collector needs. */
export interface CollectorStore extends SpanStore {
  watermark(source: string): Promise<Instant | undefined>;
}

/** What a collector is made of, beside what reads its spans. Times are milliseconds. */
export interface CollectorOptions extends SpanReaderOptions {
  readonly store: CollectorStore;
  /** How far back the first run reaches. */
  readonly sinceMs: number;
  /** How far each run reads again behind the watermark, for what arrives late. */
  readonly overlapMs: number;
  /** How far it stays behind the clock, for what the API may still be writing. */
  readonly settleMs: number;
  /** Keys are remembered at least this long after they were accepted. */
  readonly rememberMs: number;
}

/** What one run came to. */
export type CollectSummary = Omit<SpanSummary, 'partial'>;

/** Microsoft keeps alerts for 180 days (API reference §4.1): an update cannot bring back an older one. */
const apiRetentionMs = 180 * 86_400_000;
/** The shortest span of a first run, ms: even a `since` below `settle` leaves it one, or it would never have a watermark. */
const shortestFirstRunMs = 1000;

/**
 * Reads a source from its watermark up to now. `collect` resolves when all of it was accepted; the watermark has then
 * moved to its end. It rejects with the first failure: what was accepted stays accepted, and what failed is read again
 * by the next call. After an answer in part the rest is read all the same, but the watermark stays before it, and
 * `collect` rejects at the end. Calls must not overlap.
 */
export function createCollector(options: CollectorOptions) {
  const { source, store, clock } = options;
  const reader = createSpanReader(options);
  /** Where the first run begins, ms since 1970: it stays there however often that run fails. */
  let startMs = Number.POSITIVE_INFINITY;

  return {
    async collect(signal: AbortSignal): Promise<CollectSummary> {
      const nowMs = clock.now();
      startMs = Math.min(startMs, nowMs - Math.max(options.sinceMs, options.settleMs + shortestFirstRunMs));
      let watermark = await store.watermark(source);
      const from = watermark === undefined ? instantOf(startMs) : addMs(watermark, -options.overlapMs);
      const { partial, ...totals } = await reader.readSpan(
        { from, to: instantOf(nowMs - options.settleMs) },
        {
          priority: 'live',
          signal,
          onRead: async (upTo) => {
            watermark = watermark === undefined ? upTo : later(watermark, upTo);
            await close(watermark, nowMs);
          },
        },
      );
      if (!partial) return totals;
      throw new ConnectorError(
        'API_FAILED',
        'the API answered in part (206 or a Warning header): what came is kept, and the span is read again at the ' +
          'next run; if it stays, look at the service health of Microsoft Defender in the admin center',
      );
    },
  };

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

  /** Update times before this come back by no window: neither the overlap's, nor (`new`) that of a later update. */
  function horizon(watermark: Instant, nowMs: number): Instant {
    const behind = options.updates === 'new' ? apiRetentionMs : options.overlapMs;
    return earlier(addMs(watermark, -behind), instantOf(nowMs - options.rememberMs));
  }
}
