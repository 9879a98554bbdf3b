import { ConnectorError } from '../errors.ts';
import { addMs, earlier, epochMs, type Instant, instantOf, later } from '../fields/instant.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import { elapsedMs } from '../runtime/clock.ts';
import { type Log, silentLog } from '../runtime/log.ts';
import type { StoreReader } from '../store/store.ts';
import { AnswerWatch } from './answer-watch.ts';
import { countingLateArrivals, type LateArrivalStore, type ReadBefore } from './late-arrivals.ts';
import { type FarReading, Lookbacks, overlapReadCounter } from './lookback.ts';
import type { Overlap } from './overlap.ts';
import { apiRetentionMs } from './source.ts';
import { createSpanReader, type SpanReaderOptions, type SpanStore, type SpanSummary } from './span-reader.ts';

/** The part of the store that a collector needs. */
export interface CollectorStore
  extends SpanStore,
    LateArrivalStore,
    Pick<StoreReader, 'watermark' | 'counter'> {}

/** What a collector is made of, beside what reads its spans. Times are milliseconds. */
export interface CollectorOptions extends SpanReaderOptions {
  readonly store: CollectorStore;
  /** How far back the first run reaches. */
  readonly sinceMs: number;
  /** How far runs read again behind the watermark, for what arrives late. */
  readonly overlap: Overlap;
  /** How far it stays behind the clock, for what the API may still be writing; 0 takes what is shown as it is. */
  readonly settleMs: number;
  /** How long a run that has read what is new may go on with the far part of the overlap; without it, to its end. */
  readonly farForMs?: () => number;
  /** Keys are remembered at least this long after they were accepted. */
  readonly rememberMs: number;
  readonly tenant?: string;
  readonly blindSpots?: BlindSpots;
  readonly log?: Log;
}

/** What one run came to. */
export type CollectSummary = Pick<SpanSummary, 'read' | 'accepted' | 'repeated'>;

/** A difference of the clocks up to this is what answers take, and no wrong clock, ms. */
const toleratedOffMs = 30_000;
/** The shortest span of a first run, ms: even a `since` below `settle` leaves it one, or it would never have a watermark. */
const shortestFirstRunMs = 1000;

/**
 * Returns the name of the counter that says from when on a source's records are known, ms since 1970: what was updated
 * before was never asked for, or its key is forgotten. Nothing reads further back and takes it for missing.
 */
export const knownFromCounter = (source: string): string => `known-from/${source}`;

/**
 * Reads a source from its watermark up to now, by the API's clock where ours is off. `collect` resolves when all of it was accepted; the watermark has then
 * moved to its end. It rejects with the first failure: what was accepted stays accepted, and what failed is read again
 * by the next call. After an answer in part the rest is read all the same, but the watermark stays before it, and
 * `collect` rejects at the end. What was set aside is tried again when it is due. Calls must not overlap.
 */
export function createCollector(options: CollectorOptions) {
  const { source, store, clock, overlap, log = silentLog } = options;
  let readBefore: ReadBefore | undefined;
  const lookbacks = new Lookbacks(overlap, options.api.pageSize, clock);
  const watch = new AnswerWatch(options);
  const reader = createSpanReader({
    ...options,
    onUnknownShape: (records) => watch.strange(records),
    store: countingLateArrivals(store, source, overlap, () => readBefore),
  });
  /** Where the first run begins, ms since 1970: it stays there however often that run fails. */
  let startMs = Number.POSITIVE_INFINITY;
  /** When the first run was first tried, by elapsed time, ms. */
  let triedAt: number | undefined;
  /** How far the API's clock is ahead of ours, ms; 0 while they agree. */
  let aheadMs = 0;

  return {
    async collect(signal: AbortSignal): Promise<CollectSummary> {
      if ((await store.watermark(source)) === undefined) await learnApiClock(signal);
      let summary = await readUpToNow(signal);
      // The wrong clock may have kept what is there out of this run.
      if (takeApiClock()) summary = sum(summary, await readUpToNow(signal));
      watch.answered(summary);
      if (!summary.partial) {
        await reader.retryGaps(signal);
        return summary;
      }
      throw new ConnectorError(
        'API_FAILED',
        'the API answered in part (206 or a Warning header): what came is kept, and the span is read again at the ' +
          'next run; if it stays, look at the service health of Microsoft Defender in the admin center',
      );
    },
  };

  /** Before the first run, which begins at a time by the clock and never again: ours may be hours off. */
  async function learnApiClock(signal: AbortSignal): Promise<void> {
    triedAt ??= elapsedMs(clock);
    if (reader.apiAheadMs() !== undefined) return;
    const from = instantOf(clock.now() - shortestFirstRunMs);
    const span = { from, to: addMs(from, shortestFirstRunMs) };
    await reader.readSpan(span, { priority: 'backlog', signal, onRead: async () => {} });
    takeApiClock();
  }

  function firstRunFrom(nowMs: number): void {
    const now = elapsedMs(clock);
    const firstTriedMs = nowMs - (now - (triedAt ?? now));
    const reachMs = Math.max(options.sinceMs, options.settleMs + shortestFirstRunMs);
    startMs = Math.min(startMs, firstTriedMs - reachMs);
  }

  /** Goes by the API's clock from now on where that is far from ours; true when this has changed. */
  function takeApiClock(): boolean {
    const measuredMs = reader.apiAheadMs() ?? aheadMs;
    const offMs = Math.abs(measuredMs) > toleratedOffMs ? measuredMs : 0;
    if (Math.abs(offMs - aheadMs) <= toleratedOffMs) return false;
    const facts = { source, apiAheadSeconds: Math.round(offMs / 1000) };
    if (offMs === 0) log.info(facts, "this machine's clock agrees with the API's again");
    else
      log.warn(facts, "this machine's clock and the API's differ: reading goes by the API's; set ours right");
    aheadMs = offMs;
    return true;
  }

  async function readUpToNow(signal: AbortSignal): Promise<SpanSummary> {
    const nowMs = clock.now() + aheadMs;
    firstRunFrom(nowMs);
    await overlap.restore();
    let watermark = await store.watermark(source);
    const knownFrom = await knownSince(watermark);
    if (watermark !== undefined) lookbacks.restore(await store.counter(overlapReadCounter(source)));
    const lookback = lookbacks.next(watermark);
    const from = lookback === undefined ? knownFrom : later(lookback.from, knownFrom);
    if (watermark !== undefined && lookback !== undefined) {
      readBefore = { ...lookback, from: later(lookback.farFrom, knownFrom), watermark };
    }
    // Not even a clock that was set back leaves a run without a window: its answer tells the API's time.
    const upTo = later(instantOf(nowMs - options.settleMs), addMs(from, shortestFirstRunMs));
    let summary = await reader.readSpan(
      { from, to: addMs(upTo, showsAheadMs()) },
      {
        priority: 'live',
        signal,
        onRead: async (readTo) => {
          const closed = earlier(readTo, upTo);
          watermark = watermark === undefined ? closed : later(watermark, closed);
          await close(watermark, knownFrom, Math.min(nowMs, nowMs - aheadMs));
        },
      },
    );
    if (!summary.partial && watermark !== undefined) {
      if (lookback === undefined || lookback.from < lookback.nearFrom)
        lookbacks.readAll(watermark, summary.read);
      else {
        const far = lookbacks.far(lookback, watermark);
        if (far !== undefined) summary = sum(summary, await readFar(far, knownFrom, signal));
      }
      await keepMark();
    }
    // What is tried again later is no measure of how late the API shows it.
    readBefore = undefined;
    await overlap.keep();
    return summary;
  }

  /** Goes on with the far part of the overlap, behind what is new: nothing waits for it. */
  async function readFar(far: FarReading, knownFrom: Instant, signal: AbortSignal): Promise<SpanSummary> {
    const beganAt = elapsedMs(clock);
    const forMs = options.farForMs?.() ?? Number.POSITIVE_INFINITY;
    far.from = later(far.from, knownFrom);
    const summary = await reader.readSpan(far, {
      priority: 'backlog',
      signal,
      onRead: async (readTo) => {
        far.from = readTo;
      },
      enough: () => elapsedMs(clock) - beganAt >= forMs,
    });
    far.records += summary.read;
    if (far.from >= far.to) lookbacks.farRead(far);
    return summary;
  }

  /** Keeps up to when the whole overlap was read, now and then: another process goes on from there. */
  async function keepMark(): Promise<void> {
    const markMs = lookbacks.toKeep();
    if (markMs === undefined) return;
    const counters = { [overlapReadCounter(source)]: markMs };
    await store.accept({ source, records: [], updates: options.updates, counters, nowMs: clock.now() });
    lookbacks.kept(markMs);
  }

  /** How far ahead of our time the API may show records, ms: its clock tells whole seconds only. */
  function showsAheadMs(): number {
    if (options.settleMs > 0) return 0;
    return 1000 + (aheadMs === 0 ? Math.max(0, reader.apiAheadMs() ?? 0) : 0);
  }

  /** From when on records are known; of a source that is new, where its first run begins. */
  async function knownSince(watermark: Instant | undefined): Promise<Instant> {
    if (watermark === undefined) return instantOf(startMs);
    const knownFromMs = await store.counter(knownFromCounter(source));
    // A store of an earlier version does not say: the overlap's keys were never forgotten.
    return knownFromMs === 0 ? addMs(watermark, -overlap.minMs) : earlier(watermark, instantOf(knownFromMs));
  }

  /** Moves the watermark, and forgets the keys that no window can bring back. */
  async function close(watermark: Instant, knownFrom: Instant, nowMs: number): Promise<void> {
    const forgetBefore = horizon(watermark, nowMs);
    await store.accept({
      source,
      records: [],
      updates: options.updates,
      watermark,
      forgetBefore,
      counters: { [knownFromCounter(source)]: wholeMs(later(knownFrom, forgetBefore)) },
      nowMs: clock.now(),
    });
  }

  /** Update times before this come back by no window: neither the overlap's, nor (`new`) that of a later update. */
  function horizon(watermark: Instant, nowMs: number): Instant {
    const reach =
      options.updates === 'new'
        ? addMs(watermark, -apiRetentionMs)
        : addMs(lookbacks.keptMark ?? watermark, -overlap.maxMs);
    return earlier(reach, instantOf(nowMs - options.rememberMs));
  }
}

function sum(a: SpanSummary, b: SpanSummary): SpanSummary {
  return {
    read: a.read + b.read,
    accepted: a.accepted + b.accepted,
    repeated: a.repeated + b.repeated,
    partial: a.partial || b.partial,
    gaps: a.gaps + b.gaps,
    strange: a.strange + b.strange,
  };
}

/** Returns ms since 1970, rounded up. */
function wholeMs(instant: Instant): number {
  const ms = epochMs(instant);
  return instantOf(ms) < instant ? ms + 1 : ms;
}
