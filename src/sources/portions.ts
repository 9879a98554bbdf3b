import type { SourceRecord } from '../record.ts';

/**
 * A portion has so many records at most, and ends with the one that brings its text to so many characters. Of four times
 * as many each outlives two collections of V8's young objects: to read a page then takes twice the time of the processor.
 */
const mostRecords = 256;
const usualCharacters = 2 ** 18;

/** Keeps some records of a page, before the next ones are parsed. */
export type KeepPortion = (records: readonly SourceRecord[]) => Promise<void>;

/**
 * Keeps the records of a page portion by portion, so that of a page of 60 MB only a portion is objects at a time. Resolves
 * with how many there were; adds each state to `states`. Rejects where the page turns out to be broken: the portions
 * before that are kept by then, which does no harm, since the page is read again.
 */
export async function keepPortions(
  records: Iterable<SourceRecord>,
  keep: KeepPortion,
  states?: Set<string>,
): Promise<number> {
  const walk = records[Symbol.iterator]();
  let count = 0;
  try {
    for (;;) {
      const kept = await keepPortion(walk, keep, states);
      if (kept === 0) return count;
      count += kept;
    }
  } finally {
    walk.return?.();
  }
}

/** A function of its own, so that nothing holds a portion while the next is made. */
async function keepPortion(
  walk: Iterator<SourceRecord>,
  keep: KeepPortion,
  states: Set<string> | undefined,
): Promise<number> {
  const portion: SourceRecord[] = [];
  let characters = 0;
  while (portion.length < mostRecords && characters < usualCharacters) {
    const { done, value } = walk.next();
    if (done) break;
    portion.push(value);
    characters += value.json.length;
  }
  if (portion.length === 0) return 0;
  await keep(portion);
  for (const { id, version } of portion) states?.add(`${id}\n${version}`);
  return portion.length;
}

/** Walks over the records of a page that nobody wants, to see that it can be read; how many there are. */
export function countRecords(records: Iterable<SourceRecord>): number {
  let count = 0;
  for (const _record of records) count++;
  return count;
}
