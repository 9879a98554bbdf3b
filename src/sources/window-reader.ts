import { ConnectorError } from '../errors.ts';
import { epochMs, type Instant, instantOf, nextTick } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { ReadPriority, Window, WindowedApi } from './source.ts';

/** Passes over a changing window before it is halved, so that less can change while it is read. */
const passesBeforeHalving = 3;
/** Passes over a window that cannot be halved before it is given up until the next run. */
const passesBeforeGivingUp = 12;
/** Pages of one pass: more than any window holds, so that a server whose links never end is noticed. */
const mostPagesInPass = 20_000;

/** Keeps the records of a page, before the next one is read. */
export type KeepPage = (records: readonly SourceRecord[]) => Promise<void>;

/**
 * Reads every record of a window, and resolves with how many it saw only when none can have been missed:
 *
 * - One page is one answer: nothing can shift within it.
 * - Over several pages, a record that is updated leaves its place, those behind it move up, and one of them slips
 *   over the edge between two pages unread. Only a record that had been read can do that, and the state that was
 *   read is gone from then on. So a pass is proved when the next one meets every state of it again; until then
 *   passes are repeated, and after three the window is halved.
 * - An answer that was cut without a link to the rest is read again in halves.
 *
 * Pages are kept as they come: what comes twice is known by key and version. Throws a `ConnectorError` when the API
 * fails, answers in part, or does not come to rest; the window is then read again at the next run.
 */
export async function readWindow(
  api: WindowedApi,
  window: Window,
  priority: ReadPriority,
  keep: KeepPage,
  signal: AbortSignal,
): Promise<number> {
  const middle = middleOf(window);
  const indivisible = middle === undefined;
  const halves = async () => {
    if (middle === undefined) throw new ConnectorError('BUG', 'a window of 100 ns cannot be halved');
    const first = await readWindow(api, { from: window.from, to: middle }, priority, keep, signal);
    return first + (await readWindow(api, { from: middle, to: window.to }, priority, keep, signal));
  };

  let previous: Set<string> | undefined;
  for (let passes = 1; ; passes++) {
    const pass = await readPass(api, { window, priority, indivisible }, keep, signal);
    if (pass.cut && !indivisible) return halves();
    if (pass.cut) {
      throw new ConnectorError('API_FAILED', `the API cuts the records of one instant, ${window.from}`);
    }
    const { states } = pass;
    if (pass.pages === 1 || previous?.isSubsetOf(states)) return states.size;
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

interface Pass {
  /** Key and version of every record met. */
  readonly states: Set<string>;
  readonly pages: number;
  readonly cut: boolean;
}

async function readPass(
  api: WindowedApi,
  request: { window: Window; priority: ReadPriority; indivisible: boolean },
  keep: KeepPage,
  signal: AbortSignal,
): Promise<Pass> {
  const states = new Set<string>();
  const links = new Set<string>();
  let link: string | undefined;
  for (let pages = 1; pages <= mostPagesInPass; pages++) {
    const page = await api.read({ ...request, ...(link === undefined ? {} : { link }) }, signal);
    await keep(page.records);
    for (const { id, version } of page.records) states.add(`${id}\n${version}`);
    if (page.partial) {
      throw new ConnectorError(
        'API_FAILED',
        'the API answered in part (206 or a Warning header); the window is read again at the next run',
      );
    }
    if (page.cut) return { states, pages, cut: true };
    link = page.next;
    if (link === undefined) return { states, pages, cut: false };
    if (links.has(link)) break;
    links.add(link);
  }
  throw new ConnectorError('API_FAILED', 'the API gives the same next link again and again');
}

/** Returns an instant between the window's ends, or undefined when only one 100-ns tick lies in it. */
function middleOf(window: Window): Instant | undefined {
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
