import { isSpace } from './byte-walker.ts';
import type { Span } from './json-scanner.ts';
import type { JsonObject } from './json-value.ts';

const openObject = 0x7b;
const quote = 0x22;

/** The first name of a record is looked for in so many bytes. */
const longestName = 256;
/** A record of more bytes than this, and than four times those of the one by which the edge is known, is walked over. */
const usualReach = 65_536;
/** Places in one record that look like its end and are none, before it is left to who looks at each byte. */
const mostLookAlikes = 3;
/**
 * Records that were not found, before the others of the answer are left to who looks at each byte, too: for each, the
 * edge may have been looked for through all of the answer.
 */
const mostMisses = 8;

/** A record, and the place behind it. */
export interface FoundRecord {
  readonly json: string;
  readonly parsed: JsonObject;
  readonly end: number;
}

/**
 * Finds where records end by parsing them: up to each place that looks like the edge between two, which for all records
 * of an answer is the same but by chance. The text of an object has no beginning that is the text of an object, so what
 * can be parsed is the record. Costs 1 us above the parsing, where walking over the bytes costs as much again. What it
 * does not find at once it leaves to the walk: hostile content costs no more than a few attempts.
 */
export class RecordFinder {
  readonly #bytes: Buffer;
  /** The end of a record, what stands between it and the next, and that one's first name: `},{"id"`. */
  #edge: Buffer | undefined;
  #reach = usualReach;
  #misses = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Returns the record that begins here; undefined when that is the last one, none, or not found. */
  find(start: number): FoundRecord | undefined {
    const bytes = this.#bytes;
    const edge = this.#edge;
    if (edge === undefined || this.#misses >= mostMisses || bytes[start] !== openObject) return undefined;
    const furthest = start + this.#reach;
    let end = bytes.indexOf(edge, start) + 1;
    for (let looked = 0; end > 0 && end <= furthest && looked < mostLookAlikes; looked++) {
      const json = bytes.toString('utf8', start, end);
      const parsed = parsedObject(json);
      if (parsed !== undefined) return { json, parsed, end };
      end = bytes.indexOf(edge, end) + 1;
    }
    this.#misses++;
    return undefined;
  }

  /** Learns how the edge between two records looks, and how long they are: one had this span, and `next` is the next. */
  learn({ start, end }: Span, next: number): void {
    const bytes = this.#bytes;
    this.#reach = Math.max(usualReach, 4 * (end - start));
    let name = next + 1;
    while (isSpace(bytes[name])) name++;
    const nameEnd = bytes.subarray(name, name + longestName).indexOf(quote, 1);
    const known = bytes[next] === openObject && bytes[name] === quote && nameEnd > 0;
    this.#edge = known ? bytes.subarray(end - 1, name + nameEnd + 1) : undefined;
  }
}

/** Returns what the text of a beginning of an object parses to; undefined when it does not end there. */
function parsedObject(json: string): JsonObject | undefined {
  try {
    return JSON.parse(json) as JsonObject;
  } catch {
    return undefined;
  }
}
