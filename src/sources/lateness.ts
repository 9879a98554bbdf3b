import { z } from 'zod';

/** Buckets to each doubling: a bucket's upper edge is at most 9 % above what lies in it. */
const bucketsPerDoubling = 8;
/** The upper edge of the first bucket, ms: what is on time, or later by less than this, lies in it. */
const firstEdgeMs = 1000;
/** The last bucket takes all that is later: beyond a year nothing is told apart. */
const lastBucket = 25 * bucketsPerDoubling;
/** What was seen counts half as much after this time, ms: what an API did last week says little of today. */
const halfLifeMs = 2 * 86_400_000;
/** A pause, or a clock that jumps, makes the past count less by this much time at most, ms. */
const longestDecayMs = 86_400_000;
/** How often what was seen is made to count less, ms. */
const decayEveryMs = 600_000;
/** What counts less than this is forgotten: one record, after eight days. */
const leastWeight = 1 / 16;

const kept = z.object({
  version: z.literal(1),
  atMs: z.number(),
  weights: z.array(z.tuple([z.number().int().min(0).max(lastBucket), z.number().positive()])),
});

/**
 * How late records come: a histogram whose buckets grow by a ninth part, and in which the past fades. It holds some
 * 200 numbers, however much it has seen.
 */
export class LatenessHistogram {
  readonly #weights = new Map<number, number>();
  #atMs: number;

  /** An empty one; `nowMs` is when the fading begins. */
  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Returns the histogram of a text that `toText` made; an empty one where it is none. */
  static ofText(text: string, nowMs: number): LatenessHistogram {
    const histogram = new LatenessHistogram(nowMs);
    const parsed = kept.safeParse(parsedJson(text));
    if (!parsed.success) return histogram;
    histogram.#atMs = parsed.data.atMs;
    for (const [bucket, weight] of parsed.data.weights) histogram.#weights.set(bucket, weight);
    return histogram;
  }

  /** Counts `count` records that came `latenessMs` late; 0 for those that came on time. */
  add(latenessMs: number, nowMs: number, count = 1): void {
    if (count <= 0) return;
    this.#fade(nowMs);
    const bucket = bucketOf(latenessMs);
    this.#weights.set(bucket, (this.#weights.get(bucket) ?? 0) + count);
  }

  /** Returns what 999 of 1000 records do not exceed, ms: `exceededByOneIn(1000)`. */
  p999Ms(nowMs: number): number {
    return this.exceededByOneIn(1000, nowMs);
  }

  /**
   * Returns what only one of so many records exceeds, ms, rounded up to its bucket's edge; the largest that was seen
   * where there are fewer, of whom none can be left out; 0 when none was late.
   */
  exceededByOneIn(records: number, nowMs: number): number {
    this.#fade(nowMs);
    const buckets = [...this.#weights].sort(([a], [b]) => a - b);
    const total = buckets.reduce((sum, [, weight]) => sum + weight, 0);
    const wanted = total < records ? total : total * (1 - 1 / records);
    let below = 0;
    for (const [bucket, weight] of buckets) {
      below += weight;
      if (below >= wanted) return edgeMs(bucket);
    }
    return edgeMs(buckets.at(-1)?.[0] ?? 0);
  }

  /** Returns the histogram as text, a few kilobytes at most. */
  toText(): string {
    const weights = [...this.#weights]
      .sort(([a], [b]) => a - b)
      .map(([bucket, weight]) => [bucket, Number(weight.toPrecision(5))]);
    return JSON.stringify({ version: 1, atMs: this.#atMs, weights });
  }

  #fade(nowMs: number): void {
    const passedMs = nowMs - this.#atMs;
    if (passedMs >= 0 && passedMs < decayEveryMs) return;
    this.#atMs = nowMs;
    if (passedMs < 0) return;
    const factor = 0.5 ** (Math.min(passedMs, longestDecayMs) / halfLifeMs);
    for (const [bucket, weight] of this.#weights) {
      if (weight * factor < leastWeight) this.#weights.delete(bucket);
      else this.#weights.set(bucket, weight * factor);
    }
  }
}

function bucketOf(latenessMs: number): number {
  if (latenessMs <= 0) return 0;
  const bucket = 1 + Math.ceil(bucketsPerDoubling * Math.log2(latenessMs / firstEdgeMs) - 1e-9);
  return Math.min(lastBucket, Math.max(1, bucket));
}

/** The first bucket holds what was on time. */
function edgeMs(bucket: number): number {
  return bucket === 0 ? 0 : Math.round(firstEdgeMs * 2 ** ((bucket - 1) / bucketsPerDoubling));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
