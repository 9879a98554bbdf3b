import type { SourceRecord } from '../record.ts';

/**
 * A portion has so many records at most, and ends with the one that brings its text to so many characters. Of four times
 * as many each outlives two collections of V8's young objects: to read a page then takes twice the time of the processor.
 */
const mostRecords = 256;
const usualCharacters = 2 ** 18;

/** Portions on their way into the store at a time: while it waits for the disk, the next ones are parsed. */
const mostUnderWay = 2;

/** Keeps some records of a page, while the next ones are parsed. */
export type KeepPortion = (records: readonly SourceRecord[]) => Promise<void>;

/**
 * Keeps the records of a page portion by portion, so that of a page of 60 MB only some portions are objects at a time.
 * Resolves with how many there were, when all of them are kept; adds each state to `states`. Rejects where the page turns
 * out to be broken: the portions before that are kept by then, which does no harm, since the page is read again.
 */
export async function keepPortions(
  records: Iterable<SourceRecord>,
  keep: KeepPortion,
  states?: Set<string>,
): Promise<number> {
  const walk = records[Symbol.iterator]();
  const underWay: Promise<number>[] = [];
  let count = 0;
  try {
    for (;;) {
      const portion = keepPortion(walk, keep, states);
      if (portion === undefined) break;
      // It may fail while an older one is waited for; who waits for it hears of it all the same.
      portion.catch(() => {});
      underWay.push(portion);
      const [oldest] = underWay;
      if (underWay.length < mostUnderWay || oldest === undefined) continue;
      count += await oldest;
      underWay.shift();
    }
    for (const kept of await Promise.all(underWay)) count += kept;
    return count;
  } finally {
    walk.return?.();
    // When one fails, the others are still on their way: who reads the page again comes after them.
    await Promise.allSettled(underWay);
  }
}

/** A function of its own, so that nothing holds a portion while the next is made. Undefined when there is none left. */
function keepPortion(
  walk: Iterator<SourceRecord>,
  keep: KeepPortion,
  states: Set<string> | undefined,
): Promise<number> | undefined {
  const portion: SourceRecord[] = [];
  let characters = 0;
  while (portion.length < mostRecords && characters < usualCharacters) {
    const { done, value } = walk.next();
    if (done) break;
    portion.push(value);
    characters += value.json.length;
  }
  return portion.length === 0 ? undefined : kept(portion, keep, states);
}

async function kept(
  portion: readonly SourceRecord[],
  keep: KeepPortion,
  states: Set<string> | undefined,
): Promise<number> {
  for (const { id, version } of portion) states?.add(`${id}\n${version}`);
  await keep(portion);
  return portion.length;
}

/** Walks over the records of a page that nobody wants, to see that it can be read; how many there are. */
export function countRecords(records: Iterable<SourceRecord>): number {
  let count = 0;
  for (const _record of records) count++;
  return count;
}
