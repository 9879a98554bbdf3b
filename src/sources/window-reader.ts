import { ConnectorError } from '../errors.ts';
import { earlier, epochMs, type Instant, instantOf, nextTick } from '../fields/instant.ts';
import { type KeepPortion, keepPortions } from './portions.ts';
import type { Page, ReadPriority, ReadRequest, Window, WindowedApi } from './source.ts';

/** Passes over a changing window before it is halved, so that less can change while it is read. */
const passesBeforeHalving = 3;
/** Passes in a row that must each meet all that the one before it met. */
const proofsWanted = 2;
/** A pass is begun anew so often because a link had expired, before the window is halved, so that fewer are needed. */
const mostExpiries = 3;
/** Passes over a window that cannot be halved before it is given up until the next run. */
const passesBeforeGivingUp = 12;
/** Pages of one pass: more than any window holds, so that a server whose links never end is noticed. */
const mostPagesInPass = 20_000;
/** Records of one pass, since it remembers each of them: a window with more is read in halves. */
const mostRecordsInPass = 20_000;

/** What was read of a window. */
export interface WindowReading {
  /** How many states of records. */
  readonly count: number;
  /** True when a provider behind the API was missing: the window must be read again. */
  readonly partial: boolean;
  /** The API's own clock at its first answer; undefined when it does not tell. */
  readonly asOf: Instant | undefined;
}

/**
 * Reads every record of a window, and resolves only when none can have been missed, or the reading says `partial`:
 *
 * - One page is one answer: nothing can shift within it.
 * - Over several pages, a record that is updated leaves its place, those behind it move up, and one of them slips
 *   over the edge between two pages unread. If it had been read, its state is gone from then on: the next pass does
 *   not meet it again. If it had come and gone unread, only another pass tells. So a window is proved when two passes
 *   in a row each meet every state of the one before; until then passes are repeated, and after three it is halved.
 * - Where the API no longer takes a link that it gave, the window is begun anew.
 * - An answer that was cut without a link to the rest is read again in halves, and so is a window of too many records.
 * - Where an answer came in part all the rest is read as well, so that what is there does not wait for what is not.
 *
 * Pages are kept portion by portion as they come: what comes twice is known by key and version. Throws a
 * `ConnectorError` when the API fails or does not come to rest; the window is then read again at the next run.
 */
export async function readWindow(
  api: WindowedApi,
  window: Window,
  priority: ReadPriority,
  keep: KeepPortion,
  signal: AbortSignal,
): Promise<WindowReading> {
  const middle = middleOf(window);
  const indivisible = middle === undefined;
  const halves = async () => {
    if (middle === undefined) throw new ConnectorError('BUG', 'a window of 100 ns cannot be halved');
    const first = await readWindow(api, { from: window.from, to: middle }, priority, keep, signal);
    const second = await readWindow(api, { from: middle, to: window.to }, priority, keep, signal);
    return {
      count: first.count + second.count,
      partial: first.partial || second.partial,
      asOf: earliest(first.asOf, second.asOf),
    };
  };

  let previous: Set<string> | undefined;
  let proofs = 0;
  for (let passes = 1; ; passes++) {
    const pass = await readPass(api, { window, priority, indivisible }, keep, signal);
    if (pass.cut && !indivisible) return halves();
    if (pass.cut) {
      throw new ConnectorError('API_FAILED', `the API cuts the records of one instant, ${window.from}`);
    }
    const { states, partial, asOf } = pass;
    proofs = previous?.isSubsetOf(states) ? proofs + 1 : 0;
    if (partial || pass.pages === 1 || proofs === proofsWanted) {
      return { count: states.size, partial, asOf };
    }
    previous = states;
    if (passes >= passesBeforeHalving && !indivisible) return halves();
    if (passes >= passesBeforeGivingUp) {
      throw new ConnectorError(
        'API_FAILED',
        `the records updated at ${window.from} keep changing while they are read; they are read again at the next run`,
      );
    }
  }
}

/**
 * Reads a window with one call, where that brings all of it; undefined where there is more: what came is kept, and the
 * window is to be read in smaller ones. Throws as `readWindow` does.
 */
export async function readInOneAnswer(
  api: WindowedApi,
  window: Window,
  priority: ReadPriority,
  keep: KeepPortion,
  signal: AbortSignal,
): Promise<WindowReading | undefined> {
  const states = new Set<string>();
  const request = { window, priority, indivisible: false, link: undefined };
  const { next, cut, partial, asOf } = await keepPage(api, request, { keep, states, signal });
  return next === undefined && !cut ? { count: states.size, partial, asOf } : undefined;
}

interface Pass {
  /** Key and version of every record met. */
  readonly states: Set<string>;
  readonly pages: number;
  /** The API left records out, or there are too many to remember. */
  readonly cut: boolean;
  readonly partial: boolean;
  readonly asOf: Instant | undefined;
}

interface PassRequest {
  readonly window: Window;
  readonly priority: ReadPriority;
  readonly indivisible: boolean;
}

/** Reads the window once; where its links keep expiring, it counts as cut. */
async function readPass(
  api: WindowedApi,
  request: PassRequest,
  keep: KeepPortion,
  signal: AbortSignal,
): Promise<Pass> {
  for (let expiries = 1; ; expiries++) {
    try {
      return await followLinks(api, request, keep, signal);
    } catch (error) {
      if (!(error instanceof LinkExpired)) throw error;
      if (expiries < mostExpiries) continue;
      if (request.indivisible) throw error.cause;
      return { states: new Set(), pages: 1, cut: true, partial: false, asOf: undefined };
    }
  }
}

async function followLinks(
  api: WindowedApi,
  request: PassRequest,
  keep: KeepPortion,
  signal: AbortSignal,
): Promise<Pass> {
  const states = new Set<string>();
  const links = new Set<string>();
  let link: string | undefined;
  let partial = false;
  let asOf: Instant | undefined;
  for (let pages = 1; pages <= mostPagesInPass; pages++) {
    const page = await keepPage(api, { ...request, link }, { keep, states, signal });
    partial ||= page.partial;
    asOf = earliest(asOf, page.asOf);
    if (page.cut) return { states, pages, cut: true, partial, asOf };
    link = page.next;
    if (link === undefined) return { states, pages, cut: false, partial, asOf };
    if (states.size > mostRecordsInPass && !request.indivisible) {
      return { states, pages, cut: true, partial, asOf };
    }
    if (links.has(link)) break;
    links.add(link);
  }
  throw new ConnectorError('API_FAILED', 'the API gives the same next link again and again');
}

/**
 * Reads a page, the first one without a link, and keeps its records. Of its answer nothing is left in what it returns:
 * what waits for the next page would hold it meanwhile, for each of hundreds of sources.
 */
async function keepPage(
  api: WindowedApi,
  { link, ...request }: PassRequest & { readonly link: string | undefined },
  into: { readonly keep: KeepPortion; readonly states: Set<string>; readonly signal: AbortSignal },
): Promise<Omit<Page, 'records'>> {
  const { keep, states, signal } = into;
  const page = await (link === undefined
    ? api.read(request, signal)
    : follow(api, { ...request, link }, signal));
  await keepPortions(page.records, keep, states);
  const { next, cut, partial, asOf } = page;
  return { next, cut, partial, asOf };
}

class LinkExpired extends Error {
  constructor(cause: ConnectorError) {
    super('a next link is no longer taken', { cause });
  }
}

/** Reads the page behind a link. 400, 404 and 410 say that the API does not know its own link any more. */
async function follow(api: WindowedApi, request: ReadRequest, signal: AbortSignal): Promise<Page> {
  try {
    return await api.read(request, signal);
  } catch (error) {
    const status = error instanceof ConnectorError ? error.status : undefined;
    if (status === 400 || status === 404 || status === 410) throw new LinkExpired(error as ConnectorError);
    throw error;
  }
}

/** Returns the earlier of two instants, of which either may not be there. */
export function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || b === undefined ? (a ?? b) : earlier(a, b);
}

/** Returns an instant between the window's ends, or undefined when only one 100-ns tick lies in it. */
export function middleOf(window: Window): Instant | undefined {
  if (nextTick(window.from) >= window.to) return undefined;
  const middle = instantOf((epochMs(window.from) + epochMs(window.to)) / 2);
  if (middle > window.from && middle < window.to) return middle;
  return middleTick(window);
}

/** The middle of a window whose ends lie within about a millisecond: counted in ticks from the lower end's second. */
function middleTick(window: Window): Instant {
  const second = `${window.from.slice(0, 19)}Z`;
  const ticksOf = (instant: Instant) =>
    Number(instant.slice(20, 27)) + (Date.parse(`${instant.slice(0, 19)}Z`) - Date.parse(second)) * 10_000;
  const ticks = Math.floor((ticksOf(window.from) + ticksOf(window.to)) / 2);
  const whole = instantOf(Date.parse(second) + Math.floor(ticks / 10_000_000) * 1000);
  return `${whole.slice(0, 20)}${String(ticks % 10_000_000).padStart(7, '0')}Z` as Instant;
}

/** Returns what is left of a window without others. */
export function without(window: Window, others: readonly Window[]): readonly Window[] {
  return others.reduce<readonly Window[]>(
    (parts, other) =>
      parts.flatMap((part) => {
        if (other.to <= part.from || other.from >= part.to) return [part];
        const sides = [
          { from: part.from, to: other.from },
          { from: other.to, to: part.to },
        ];
        return sides.filter(({ from, to }) => from < to);
      }),
    [window],
  );
}
