import { type KeepPortion, keepPortions } from './portions.ts';
import type { Page, ReadPriority, Window, WindowedApi } from './source.ts';
import { earliest, type WindowReading } from './window-reader.ts';

/** Objects of a window that may fail before the rest of it is left for the next time. */
const mostFailing = 5;
/** So often at most a window is stepped through, until nothing new comes. */
const mostPasses = 4;

/** What came of a window that was stepped through. */
export interface Stepped {
  readonly reading: WindowReading;
  /** Why some of it did not come; undefined when all did. */
  readonly reason: string | undefined;
}

/** How a window is stepped through. */
export interface Stepping {
  readonly priority: ReadPriority;
  readonly signal: AbortSignal;
  readonly keep: KeepPortion;
  /** Returns why a read failed, where that may lie in what was asked for; throws anything else. */
  readonly reasonOf: (error: unknown) => string;
}

/**
 * Reads the objects of a window by their place in the list: page by page, and within a page that fails one by one, so
 * that all come but the failing ones. No links are followed. When one of them is updated meanwhile, places change and
 * another may be passed over: so it is repeated until a pass meets nothing new, and where nothing failed until two in a
 * row do, as windows are read elsewhere.
 */
export async function stepThrough(api: WindowedApi, window: Window, stepping: Stepping): Promise<Stepped> {
  let last = await pass(api, window, stepping);
  let proofs = 0;
  for (let passes = 1; passes < mostPasses && proofs < (last.reason === undefined ? 2 : 1); passes++) {
    const next = await pass(api, window, stepping);
    proofs = next.states.isSubsetOf(last.states) ? proofs + 1 : 0;
    last = next;
  }
  const { reading, reason } = last;
  return {
    reading,
    reason: reason ?? (proofs === 0 ? 'its records keep changing while they are read' : undefined),
  };
}

interface Pass extends Stepped {
  readonly states: ReadonlySet<string>;
}

async function pass(api: WindowedApi, window: Window, stepping: Stepping): Promise<Pass> {
  const { priority, signal, keep, reasonOf } = stepping;
  const states = new Set<string>();
  let reading: WindowReading = { count: 0, partial: false, asOf: undefined };
  let reason: string | undefined;
  let failing = 0;
  let singlyUntil = 0;
  let skip = 0;
  while (skip <= (api.furthestSkip ?? 0)) {
    const pageSize = skip < singlyUntil ? 1 : api.pageSize;
    try {
      const page = await api.read({ window, priority, pageSize, skip }, signal);
      const count = await keepPortions(page.records, keep, states);
      reading = joined(reading, page, count);
      if (count < pageSize && page.next === undefined) return { states, reading, reason };
      skip += Math.max(1, count);
    } catch (error) {
      const words = reasonOf(error);
      if (pageSize > 1) {
        singlyUntil = skip + pageSize;
        continue;
      }
      reason = words;
      if (++failing === mostFailing) return { states, reading, reason };
      skip++;
    }
  }
  return { states, reading, reason: reason ?? `more than ${skip} records at one time` };
}

function joined(reading: WindowReading, page: Page, count: number): WindowReading {
  return {
    count: reading.count + count,
    partial: reading.partial || page.partial,
    asOf: earliest(reading.asOf, page.asOf),
  };
}
