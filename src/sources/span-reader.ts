import { ConnectorError } from '../errors.ts';
import { addMs, earlier, epochMs, type Instant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { AcceptRequest, AcceptResult } from '../store/store.ts';
import type { GapKeeper } from './gaps.ts';
import { type Failing, mayLieInContent, type Narrowed, Narrowing } from './narrowing.ts';
import type { ReadPriority, Window, WindowedApi } from './source.ts';
import { Totals, Walk } from './walk.ts';
import { readInOneAnswer, readWindow } from './window-reader.ts';

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
  /** Called after each portion of a page with what became of it, and with the records that were offered. */
  readonly onAccepted: (result: AcceptResult, records: readonly SourceRecord[]) => void;
  /** False drops a record that the API could not be asked to leave out. */
  readonly wanted: (record: SourceRecord) => boolean;
  /** Resolves when collecting may go on: the journal has room. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  /** Where that goes for which the API keeps failing; without it such a failure ends the reading. */
  readonly gaps?: GapKeeper;
  /** Told of records whose shape is not known, the first time that each is met. */
  readonly onUnknownShape?: (records: readonly SourceRecord[]) => void;
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
  /** Asked after each slice: true leaves the rest of the span for another time. */
  readonly enough?: () => boolean;
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
  /** Records whose shape is not known, repeats included. */
  readonly strange: number;
}

/** Reads closed spans of one source into the store. */
export interface SpanReader {
  /**
   * Reads all of a span, slice by slice, and accepts its pages portion by portion. It ends before the span does where
   * the API's own clock has not got there yet. What the API keeps failing for is set aside, what was so before is left
   * out. Rejects with any other failure: what was accepted stays accepted. Calls must not overlap.
   */
  readSpan(span: Window, options: SpanRead): Promise<SpanSummary>;
  /**
   * Tries what was set aside again, as far as it is due. Rejects when the store or the signal ends it; that the API
   * fails is no matter, for then it stays due. Returns how many records it brought. Calls must not overlap.
   */
  retryGaps(signal: AbortSignal): Promise<number>;
  /** How far the API's clock is ahead of this machine's by the last answer, ms; undefined before, or when it does not tell. */
  apiAheadMs(): number | undefined;
}

const firstSliceMs = 3_600_000;
const shortestSliceMs = 1000;
const longestSliceMs = 30 * 86_400_000;
/** Spans that one reading sets aside: where more fail, the rest waits for the next, and a person may look first. */
const mostGaps = 10;
/** Gaps that are tried again in one go. */
const mostRetried = 5;
/** While an API is away it is asked briefly, and only this often is found out whether it fails for some objects alone, ms. */
const narrowAgainMs = 120_000;
/** A slice that did not fit in one answer is cut to this part: the next one is likely to, and tells how dense they lie. */
const oversizeFactor = 1 / 8;
/** A slice aims at this part of a page: what varies must not make it two, which are read again and again until proved. */
const fill = 2 / 3;
/** After so many slices in smaller pages larger ones are tried again. */
const slicesBeforeGrowing = 10;

/** Returns a reader that sizes its slices by what the ones before them held. */
export function createSpanReader(options: SpanReaderOptions): SpanReader {
  const { source, store, clock, gaps } = options;
  let sliceMs = firstSliceMs;
  let pageSize = options.api.pageSize;
  let slicesSince = 0;
  let aheadMs: number | undefined;
  let lastGood: Window | undefined;
  /** Until when, by elapsed time, an API that was away is asked briefly, so that an outage does not use up the quota. */
  let brieflyUntil = Number.NEGATIVE_INFINITY;
  const asksBriefly = () => elapsedMs(clock) < brieflyUntil;
  const api: WindowedApi = {
    ...(options.api.furthestSkip === undefined ? {} : { furthestSkip: options.api.furthestSkip }),
    ...(options.api.readOne === undefined ? {} : { readOne: options.api.readOne.bind(options.api) }),
    pageSize,
    async read(request, signal) {
      const askedMs = clock.now();
      const page = await options.api.read({ pageSize, brief: asksBriefly(), ...request }, signal);
      if (page.asOf !== undefined) aheadMs = aheadOf(epochMs(page.asOf), askedMs, clock.now());
      return page;
    },
  };

  return {
    async readSpan(span, read) {
      const walk = new Walk(span);
      const known = (await gaps?.all()) ?? [];
      const enough = () => walk.from > span.from && read.enough?.() === true;
      while (walk.from < walk.end && !enough()) {
        const gap = known.find(({ from, to }) => from <= walk.from && walk.from < to);
        if (gap === undefined) await readNext(walk, known, read);
        else await pass(walk, earlier(walk.end, gap.to), read);
      }
      const { partial, setAside } = walk;
      return { ...walk.totals, partial, gaps: setAside };
    },

    async retryGaps(signal) {
      const totals = new Totals();
      const due = (await gaps?.due()) ?? [];
      for (const gap of due.slice(0, mostRetried)) {
        try {
          const failure = new ConnectorError('API_FAILED', gap.reason);
          const narrow = await narrowing(failure, { priority: 'backlog', signal }, totals);
          const narrowed = await narrow.again(gap);
          const [failing] = narrowed.failing;
          if (failing !== undefined) await gaps?.stays(gap, failing.reason);
          else if (!narrowed.reading.partial) await gaps?.healed(gap);
        } catch (error) {
          if (!(error instanceof ConnectorError) || error.code === 'STORE_UNUSABLE') throw error;
          gaps?.postpone(gap);
          return totals.read;
        }
      }
      return totals.read;
    },

    apiAheadMs: () => aheadMs,
  };

  /** Reads the next slice, up to a gap that is known. */
  async function readNext(walk: Walk, known: readonly Window[], read: SpanRead): Promise<void> {
    const gap = known.find(({ from }) => from > walk.from)?.from ?? walk.end;
    const slice: Window = { from: walk.from, to: earlier(earlier(walk.end, gap), addMs(walk.from, sliceMs)) };
    const priority = slice.to === walk.end ? read.priority : 'backlog';
    let count = 0;
    const setAsideBefore = walk.setAside;
    let fitted = false;
    for await (const piece of readSlice(slice, { ...read, priority }, walk.totals)) {
      fitted = true;
      for (const failing of piece.failing) await setAside(walk, failing);
      const { asOf } = piece.reading;
      count += piece.reading.count;
      walk.partial ||= piece.reading.partial;
      // Where our clock is ahead, what the API writes from now on lies behind the end: it is not read yet.
      walk.end = earlier(walk.end, asOf ?? walk.end);
      await pass(walk, earlier(piece.window.to, asOf ?? piece.window.to), read);
    }
    if (!fitted) {
      sliceMs = Math.max(shortestSliceMs, Math.round(lengthOf(slice) * oversizeFactor));
      return;
    }
    walk.from = slice.to;
    if (count > 0 && walk.setAside === setAsideBefore) lastGood = slice;
    sliceMs = nextSlice(lengthOf(slice), count);
  }

  /** Moves on to `upTo`; what lies before it has been read, or is set aside. */
  async function pass(walk: Walk, upTo: Instant, { onRead }: SpanRead): Promise<void> {
    if (upTo <= walk.from) return;
    walk.from = upTo;
    if (!walk.partial) await onRead(upTo);
  }

  async function setAside(walk: Walk, failing: Failing): Promise<void> {
    if (walk.setAside === mostGaps) throw new ConnectorError('API_FAILED', tooMany(failing.reason));
    walk.setAside++;
    await gaps?.setAside(failing);
  }

  /**
   * Reads a slice whole; one that fails is narrowed down, and the next is smaller: its answer may be too large. Yields
   * nothing for one that does not fit in one answer and can be cut.
   */
  async function* readSlice(
    window: Window,
    read: Pick<SpanRead, 'priority' | 'signal'>,
    totals: Totals,
  ): AsyncGenerator<Narrowed, void, undefined> {
    try {
      const keepPortion = (records: readonly SourceRecord[]) => keep(records, totals, read.signal);
      const readIt = lengthOf(window) > shortestSliceMs ? readInOneAnswer : readWindow;
      const reading = await readIt(api, window, read.priority, keepPortion, read.signal);
      growPages();
      brieflyUntil = Number.NEGATIVE_INFINITY;
      if (reading !== undefined) yield { window, reading, failing: [] };
    } catch (error) {
      sliceMs = Math.max(shortestSliceMs, Math.round(sliceMs / 4));
      if (gaps === undefined || !mayLieInContent(error) || asksBriefly()) throw error;
      // As backlog: however much fails, other sources of the same quota are read.
      const narrow = await narrowing(error, { ...read, priority: 'backlog' }, totals);
      let setAside = 0;
      try {
        for await (const piece of narrow.pieces(window)) {
          setAside += piece.failing.length;
          yield piece;
        }
      } finally {
        if (narrow.away) brieflyUntil = elapsedMs(clock) + narrowAgainMs;
      }
      // It was the size of the answer: so it will be for the next slices.
      if (setAside === 0) pageSize = Math.min(pageSize, narrow.pageSize);
      slicesSince = 0;
    }
  }

  async function narrowing(
    failure: ConnectorError,
    read: Pick<SpanRead, 'priority' | 'signal'>,
    totals: Totals,
  ): Promise<Narrowing> {
    return new Narrowing(failure, {
      ...read,
      api,
      keep: (records) => keep(records, totals, read.signal),
      accepted: async (records) => (await gaps?.accepted(records)) ?? [],
      lastGood,
      apart: (await gaps?.all()) ?? [],
    });
  }

  function growPages(): void {
    if (pageSize >= options.api.pageSize || ++slicesSince < slicesBeforeGrowing) return;
    pageSize = Math.min(options.api.pageSize, pageSize * 2);
    slicesSince = 0;
  }

  async function keep(records: readonly SourceRecord[], totals: Totals, signal: AbortSignal): Promise<void> {
    totals.read += records.length;
    const wanted = records.filter(options.wanted);
    if (wanted.length === 0) return;
    await options.room(signal);
    const strange = await newStrange(wanted, totals);
    const result = await store.accept({
      source,
      records: wanted,
      updates: options.updates,
      nowMs: clock.now(),
    });
    totals.accepted += result.accepted;
    totals.repeated += result.repeated;
    if (strange.length > 0) options.onUnknownShape?.(strange);
    options.onAccepted(result, wanted);
  }

  /** Returns those whose shape is not known and that were not met before. */
  async function newStrange(records: readonly SourceRecord[], totals: Totals) {
    const strange = records.filter(isOfUnknownShape);
    totals.strange += strange.length;
    if (strange.length === 0 || gaps === undefined) return strange;
    const accepted = await gaps.accepted(strange);
    return strange.filter((_record, index) => accepted[index] !== true);
  }

  /** The next slice holds less than a page: it comes in one answer, and nothing can shift in it. */
  function nextSlice(lastMs: number, count: number): number {
    // One that the end of its span has cut tells nothing of a longer one.
    if (count === 0 && lastMs < sliceMs) return sliceMs;
    const fitting = count === 0 ? longestSliceMs : lastMs * Math.max(1 / 64, (pageSize * fill) / count);
    const next = Math.min(longestSliceMs, fitting, Math.max(sliceMs, lastMs * 4));
    return Math.max(shortestSliceMs, Math.round(next));
  }
}

function lengthOf({ from, to }: Window): number {
  return epochMs(to) - epochMs(from);
}

/** How far a clock is ahead that showed `atMs`, to the second, at some moment between two of ours, ms. */
function aheadOf(atMs: number, beganMs: number, endedMs: number): number {
  if (atMs > endedMs) return atMs - endedMs;
  const began = Math.min(beganMs, endedMs);
  return atMs + 1000 < began ? atMs - began : 0;
}

/** A record that does not say what it is, or in which state: it goes by the hash of its text (`recordOf`). */
function isOfUnknownShape({ id, version }: SourceRecord): boolean {
  return id.startsWith('sha256:') || version.startsWith('sha256:');
}

function tooMany(reason: string): string {
  return `more than ${mostGaps} spans in a row cannot be read while others can: the rest is looked at in the next run. ${reason}`;
}
