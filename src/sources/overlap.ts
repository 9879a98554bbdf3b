import { messageOf } from '../errors.ts';
import { durationText } from '../fields/duration.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Lateness } from '../store/store.ts';
import { LatenessHistogram } from './lateness.ts';

/** Between which bounds an overlap is held, ms; the same twice for one that is fixed. */
export interface OverlapBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How far a source's runs read again behind the watermark. A record is late by the time that its update lies behind
 * the watermark at the run that first meets it: that far the overlap has to reach. It is first seen less last updated,
 * less what it waited for the poll: a slow schedule, a catch-up or the first run make nothing late.
 */
export interface Overlap extends OverlapBounds {
  /** How far it reaches now, ms. */
  currentMs(): number;
  /** How far back nearly all lies that is still to come: half as far again as 99 of 100 records come late, ms. */
  nearMs(): number;
  /** Counts records that came on time. */
  onTime(count: number): void;
  /** Counts a record that was late; the overlap grows at once when it must. */
  late(latenessMs: number): void;
  /**
   * Counts a record that no run met, and an audit found: it was later than the overlap reached, by how much is not
   * known. The least of it is counted; the overlap grows to the most, so that runs can measure what comes next.
   */
  missed(atLeastMs: number, atMostMs: number): void;
  /** Takes up what the store kept, once. Rejects when the store does not answer. */
  restore(): Promise<void>;
  /** Lets the overlap shrink by as much as the time allows, and keeps what has changed. Never rejects. */
  keep(): Promise<void>;
}

/** What an overlap is made of. */
export interface OverlapOptions {
  readonly source: string;
  readonly bounds: OverlapBounds;
  readonly store: {
    progress(source?: string): Promise<{
      readonly sources: readonly { readonly source: string; readonly lateness: Lateness | undefined }[];
    }>;
    recordLateness(source: string, lateness: Lateness): Promise<void>;
  };
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/**
 * The overlap reaches half as far again as the 99.9th percentile: what is later than the overlap is not met by a run,
 * so that without this room the percentile could never be seen to grow.
 */
const headroom = 1.5;
/** Nearly all that comes late comes within seconds, whatever little was measured yet, ms. */
const leastNearMs = 15_000;
/** An overlap that is too wide is halved in this time, ms. */
const shrinkHalfLifeMs = 86_400_000;
/** What was counted is kept this often, ms; an overlap that has grown at once. */
const keepEveryMs = 300_000;

/** Returns the overlap of a source, held between its bounds at what is measured. */
export function createOverlap(options: OverlapOptions): Overlap {
  const { source, bounds, store, clock, log } = options;
  let histogram = new LatenessHistogram(clock.now());
  let currentMs = bounds.minMs;
  let adjustedAtMs = clock.now();
  let restored = false;
  let dirty = true;
  let keptAtMs = Number.NEGATIVE_INFINITY;
  let keptMs = Number.NaN;

  const within = (ms: number) => Math.min(bounds.maxMs, Math.max(bounds.minMs, Math.round(ms)));
  const wantedMs = () => within(headroom * histogram.p999Ms(clock.now()));

  function grow(wanted: number): void {
    if (wanted <= currentMs) return;
    log.info(
      { source, overlap: durationText(wanted), before: durationText(currentMs) },
      'records come later than before: the overlap grows',
    );
    currentMs = wanted;
  }

  function shrink(): void {
    const nowMs = clock.now();
    const passedMs = Math.min(shrinkHalfLifeMs, Math.max(0, nowMs - adjustedAtMs));
    adjustedAtMs = nowMs;
    currentMs = Math.max(wantedMs(), Math.round(currentMs * 0.5 ** (passedMs / shrinkHalfLifeMs)));
  }

  return {
    ...bounds,
    currentMs: () => currentMs,

    nearMs() {
      const measuredMs = Math.round(headroom * histogram.exceededByOneIn(100, clock.now()));
      return Math.min(currentMs, Math.max(leastNearMs, measuredMs));
    },

    onTime(count) {
      if (count <= 0) return;
      histogram.add(0, clock.now(), count);
      dirty = true;
    },

    late(latenessMs) {
      histogram.add(latenessMs, clock.now());
      dirty = true;
      grow(wantedMs());
    },

    missed(atLeastMs, atMostMs) {
      histogram.add(atLeastMs, clock.now());
      dirty = true;
      grow(Math.max(wantedMs(), within(atMostMs)));
    },

    async restore() {
      if (restored) return;
      const { sources } = await store.progress(source);
      const lateness = sources.find((known) => known.source === source)?.lateness;
      restored = true;
      if (lateness === undefined) return;
      histogram = LatenessHistogram.ofText(lateness.histogram, clock.now());
      currentMs = within(Math.max(lateness.overlapMs, headroom * histogram.p999Ms(clock.now())));
      dirty = false;
      keptAtMs = clock.now();
      keptMs = lateness.overlapMs;
    },

    async keep() {
      shrink();
      const nowMs = clock.now();
      const changed = dirty || currentMs !== keptMs;
      const grown = !(currentMs <= keptMs);
      if (!changed || (!grown && Math.abs(nowMs - keptAtMs) < keepEveryMs)) return;
      const p999Ms = histogram.p999Ms(nowMs);
      try {
        await store.recordLateness(source, { histogram: histogram.toText(), p999Ms, overlapMs: currentMs });
        dirty = false;
        keptAtMs = nowMs;
        keptMs = currentMs;
      } catch (error) {
        log.error({ source, reason: messageOf(error) }, 'the store refuses how late records come');
      }
    },
  };
}
