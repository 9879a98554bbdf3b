import type { SecurityEvent } from '../event.ts';
import { holdsUnclean, isTrimmed } from './clean.ts';
import { encodeText, prefixes, type TextEncoding } from './key-value.ts';
import type { MappingRow } from './mapping.ts';

/** How a format writes text as long as a record holds nothing to clean. */
export interface QuickEncoding extends TextEncoding {
  /** True of a value that holds what this format escapes, what it replaces however common it is, or `reserved`. */
  readonly isSpecial: (value: string) => boolean;
  /** Returns such a value, which has no outer white space, as written. */
  readonly writeSpecial: (value: string) => string;
  /** What no value may hold in a record that is written quickly; undefined for nothing. */
  readonly reserved: string | undefined;
}

/** Returns the fields of an event; undefined when that takes more care. Keys of those that a limit has cut join `cut`. */
export type QuickWriter = (event: SecurityEvent, cut: string[]) => string | undefined;

interface Step {
  readonly value: MappingRow['value'];
  readonly key: string;
  readonly max: number;
  /** Reads a value of a type that refuses what it is not; undefined for text. */
  readonly read: ((value: string) => string | undefined) | undefined;
  /** What stands before the value in the first field, and in a further one. */
  readonly first: string;
  readonly further: string;
}

/** Rows side by side that have nothing to tell without the same part of the event. */
interface Run {
  readonly partOf: MappingRow['partOf'];
  readonly steps: Step[];
}

/**
 * Returns a writer that makes one text of an event's fields in one pass. It looks at each value for what has to be
 * escaped, and for all the rest, which hardly a record holds, at the whole text once: a record with anything to clean is
 * given up, and `encodeFields` writes it.
 */
export function quickWriter(
  mapping: readonly MappingRow[],
  encoding: QuickEncoding,
  separator: string,
): QuickWriter {
  const runs = runsOf(mapping, separator);
  return (event, cut) => {
    let text: string | undefined = '';
    // Counted, here and below: code of V8's middle compiler takes 50 ns for each step of a `for … of`.
    for (let at = 0; at < runs.length && text !== undefined; at++) {
      const run = runs[at];
      if (run === undefined || (run.partOf !== undefined && run.partOf(event) === undefined)) continue;
      text = writeRun(text, run.steps, event, encoding, cut);
    }
    return text === undefined || holdsUnclean(text) ? undefined : text;
  };
}

function writeRun(
  before: string,
  steps: readonly Step[],
  event: SecurityEvent,
  encoding: QuickEncoding,
  cut: string[],
): string | undefined {
  let text = before;
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at];
    const value = step?.value(event);
    if (step === undefined || value === undefined) continue;
    const { read } = step;
    const written = read === undefined ? writeText(value, step, encoding, cut) : (read(value) ?? '');
    if (written === undefined) return undefined;
    if (written !== '') text += (text === '' ? step.first : step.further) + written;
  }
  return text;
}

function writeText(
  value: string,
  { key, max }: Step,
  encoding: QuickEncoding,
  cut: string[],
): string | undefined {
  const special = encoding.isSpecial(value);
  if (special && encoding.reserved !== undefined && value.includes(encoding.reserved)) return undefined;
  if (value.length > max || !isTrimmed(value)) return encodeText(value, max, encoding, key, cut);
  return special ? encoding.writeSpecial(value) : value;
}

function runsOf(mapping: readonly MappingRow[], separator: string): readonly Run[] {
  const runs: Run[] = [];
  const prefix = prefixes(mapping);
  for (const [at, { key, type, value, partOf }] of mapping.entries()) {
    const first = prefix[at] ?? '';
    const { max = Number.POSITIVE_INFINITY } = type;
    const read = type.max === undefined ? type.read : undefined;
    if (at === 0 || runs.at(-1)?.partOf !== partOf) runs.push({ partOf, steps: [] });
    runs.at(-1)?.steps.push({ value, key, max, read, first, further: separator + first });
  }
  return runs;
}
