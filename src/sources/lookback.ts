import { addMs, earlier, epochMs, type Instant, instantOf, later } from '../fields/instant.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Overlap } from './overlap.ts';

/** What a run reads again behind its watermark. */
export interface Lookback {
  /** From here on it reads before anything else. */
  readonly from: Instant;
  /** Here the overlap begins, counted from what was read last of all of it. */
  readonly farFrom: Instant;
  /** From here on lies nearly all that is still to come: each run reads it. */
  readonly nearFrom: Instant;
  /** Returns how far behind the watermark a record lay when a run had last read its time without meeting it, ms. */
  latenessMs(updated: Instant): number;
}

/** A reading of the far part, of which a run may do no more than a piece. */
export interface FarReading {
  /** Up to here it was read: to be moved on. */
  from: Instant;
  readonly to: Instant;
  /** Where the watermark stood when it began. */
  readonly mark: Instant;
  /** Records met so far: to be counted up. */
  records: number;
}

/** The far part is read anew whenever this part of the overlap has passed. */
const farEvery = 1 / 5;
/** An overlap that holds no more than this part of a page takes nobody's time: each run reads all of it. */
const fewPart = 1 / 10;
/** One that holds no more than this comes in one answer with what is new: it costs no call of its own. */
const fittingPart = 1 / 2;

/**
 * Returns the name of the counter that says where a source's watermark stood when its overlap was last read to the
 * end, ms since 1970; 0 before. The overlap is counted from there: what came since within it is still to be met.
 */
export const overlapReadCounter = (source: string): string => `overlap-read/${source}`;

/**
 * Says which run reads how much of the overlap again. Where that is little each reads all of it. Else each reads what is
 * near, where 99 of 100 late records lie, and the far part is read every fifth of the overlap, from where the watermark
 * stood at the reading before: so what shows itself within the overlap is always met, and at most that much later.
 */
export class Lookbacks {
  readonly #overlap: Overlap;
  readonly #clock: Clock;
  readonly #pageSize: number;
  #mark: Instant | undefined;
  #keptMark: Instant | undefined;
  /** When the overlap was last begun to be read, by elapsed time, and how wide it was then, ms; undefined in a new process. */
  #began: { readonly at: number; readonly overlapMs: number } | undefined;
  /** How many records the overlap held when it was last read. */
  #records = Number.POSITIVE_INFINITY;
  #underWay: FarReading | undefined;
  /** When the run in hand began, by elapsed time. */
  #runAt = 0;

  /** `pageSize`: how many records come in one answer. */
  constructor(overlap: Overlap, pageSize: number, clock: Clock) {
    this.#overlap = overlap;
    this.#clock = clock;
    this.#pageSize = pageSize;
  }

  /** Takes up the value of the counter. */
  restore(markMs: number): void {
    if (markMs === 0 || this.#keptMark !== undefined) return;
    this.#keptMark = instantOf(markMs);
    this.#mark ??= this.#keptMark;
  }

  /** The mark that the store has: no reading goes back further than the widest overlap behind it. */
  get keptMark(): Instant | undefined {
    return this.#keptMark;
  }

  /** Returns what the run that begins now reads again behind its watermark; undefined while there is none. */
  next(watermark: Instant | undefined): Lookback | undefined {
    this.#runAt = elapsedMs(this.#clock);
    if (watermark === undefined) return undefined;
    const mark = earlier(this.#mark ?? watermark, watermark);
    const farFrom = addMs(mark, -this.#overlap.currentMs());
    const nearMs = this.#overlap.nearMs();
    const nearFrom = later(farFrom, addMs(watermark, -nearMs));
    return {
      from: this.#takesAll() ? farFrom : nearFrom,
      farFrom,
      nearFrom,
      latenessMs: (updated) =>
        updated >= nearFrom ? msBetween(updated, watermark) : Math.max(nearMs, msBetween(updated, mark)),
    };
  }

  /** Takes note that a run has read all, up to this watermark, and met so many records. */
  readAll(watermark: Instant, records: number): void {
    this.#underWay = undefined;
    this.#begin();
    this.#end(watermark, records);
  }

  /** Returns the reading of the far part that a run goes on with, or begins with the watermark here; undefined while none is due. */
  far({ farFrom, nearFrom }: Lookback, watermark: Instant): FarReading | undefined {
    if (this.#underWay === undefined && this.#isDue()) {
      this.#begin();
      this.#underWay = { from: farFrom, to: nearFrom, mark: watermark, records: 0 };
    }
    return this.#underWay;
  }

  /** Takes note that the reading of the far part is at its end. */
  farRead({ mark, records }: FarReading): void {
    this.#underWay = undefined;
    this.#end(mark, records);
  }

  /** Returns the mark, ms since 1970, when it is time to keep it. */
  toKeep(): number | undefined {
    if (this.#mark === undefined) return undefined;
    const markMs = Math.floor(epochMs(this.#mark));
    const kept = this.#keptMark;
    if (kept !== undefined && markMs - epochMs(kept) < this.#farEveryMs()) return undefined;
    return markMs;
  }

  /** Takes note that the store has this mark now. */
  kept(markMs: number): void {
    this.#keptMark = instantOf(markMs);
  }

  /** Whether the next run begins with all of the overlap. */
  #takesAll(): boolean {
    if (this.#began === undefined || this.#records <= this.#pageSize * fewPart) return true;
    return this.#underWay === undefined && this.#isDue() && this.#records <= this.#pageSize * fittingPart;
  }

  #begin(): void {
    this.#began = { at: this.#runAt, overlapMs: this.#overlap.currentMs() };
  }

  #end(mark: Instant, records: number): void {
    this.#mark = mark;
    this.#records = records;
  }

  #isDue(): boolean {
    if (this.#began === undefined) return true;
    const { at, overlapMs } = this.#began;
    return this.#overlap.currentMs() > overlapMs || this.#runAt - at >= this.#farEveryMs();
  }

  #farEveryMs(): number {
    return this.#overlap.currentMs() * farEvery;
  }
}

/** How long after `from` an instant lies, ms; 0 where it lies before. */
function msBetween(from: Instant, to: Instant): number {
  return Math.max(0, epochMs(to) - epochMs(from));
}
