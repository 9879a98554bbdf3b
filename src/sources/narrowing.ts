import { ConnectorError, messageOf } from '../errors.ts';
import { addMs, earlier, epochMs, type Instant, nextTick, parseInstant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import { countRecords, type KeepPortion, keepPortions } from './portions.ts';
import type { Page, ReadPriority, ReadRequest, Window, WindowedApi } from './source.ts';
import { stepThrough } from './stepping.ts';
import { middleOf, readWindow, type WindowReading, without } from './window-reader.ts';

/** Records in one answer while it is found out what fails: few enough to be put together in a short time. */
const mostRecordsAsked = 50;
/** So many objects of a window are asked for by id; a window with more is halved before. */
const mostById = 25;
/** A window this short is not halved any more, ms: what is in it is asked for by its place. */
const shortestMs = 1000;
/** Objects that may fail by their ids, while none has come, before another way is taken. */
const mostFailingById = 5;
/** Calls that may fail, and calls in all, to narrow down one failure: the rest waits for the next run. */
const mostFailing = 40;
const mostCalls = 300;
/** A day; where a record may be found that shows that the API answers, before a window, in days. */
const dayMs = 86_400_000;
const known: readonly (readonly [from: number, to: number])[] = [
  [1, 0],
  [30, 1],
  [180, 30],
];
/** So many windows are looked at for a record that shows that the API answers. */
const mostProbes = 8;
/** So many of them may fail: each may hold an object that fails too, and in an outage every call is one too many. */
const mostFailingProbes = 4;

/** A part of a window for which the API keeps failing while it answers others. */
export interface Failing {
  readonly window: Window;
  readonly reason: string;
}

/** What was read of a window, and what of it keeps failing. */
export interface Narrowed {
  readonly window: Window;
  readonly reading: WindowReading;
  readonly failing: readonly Failing[];
}

/** What narrowing works with. */
export interface NarrowingOptions {
  readonly api: WindowedApi;
  readonly keep: KeepPortion;
  /** For each record, in order: whether it has been accepted. */
  readonly accepted: (records: readonly SourceRecord[]) => Promise<readonly boolean[]>;
  readonly priority: ReadPriority;
  readonly signal: AbortSignal;
  /** A window that was read a moment ago and has records; undefined when there is none. */
  readonly lastGood: Window | undefined;
  /** What is known to fail: nothing is learned from it. */
  readonly apart: readonly Window[];
}

/**
 * Returns whether a failure may lie in what was asked for: the API failed or broke off. A refusal of identity,
 * permission or pace does not, nor does anything of ours.
 */
export function mayLieInContent(error: unknown): error is ConnectorError {
  if (!(error instanceof ConnectorError)) return false;
  if (error.code !== 'API_FAILED' && error.code !== 'API_UNREACHABLE') return false;
  return error.status !== 401 && error.status !== 403 && error.status !== 429;
}

/**
 * Finds out which object or instant an API fails for, and reads all the rest: whole windows in smaller pages; where the
 * list without its parts still names the objects, each by id; else in halves down to a second, and there one by one. It
 * throws the failure again when the API answers nothing else either, which is an outage and no matter of one object,
 * and when its calls are used up; what was read before stays read.
 */
export class Narrowing {
  readonly #options: NarrowingOptions;
  readonly #failure: ConnectorError;
  readonly #api: WindowedApi;
  #lastGood: Window | undefined;
  readonly #failing: Window[] = [];
  #pageSize: number;
  #calls = 0;
  #failed = 0;
  #away = false;

  constructor(failure: ConnectorError, options: NarrowingOptions) {
    this.#options = options;
    this.#failure = failure;
    this.#lastGood = options.lastGood;
    const { api } = options;
    this.#pageSize = Math.min(Math.max(1, Math.floor(api.pageSize / 2)), mostRecordsAsked);
    this.#api = {
      pageSize: this.#pageSize,
      read: (request, signal) => this.#counted(() => this.#ask(request, signal)),
    };
  }

  /** The page size with which windows are read here. */
  get pageSize(): number {
    return this.#pageSize;
  }

  /** True when the API has answered nothing at all: then the failure was thrown again. */
  get away(): boolean {
    return this.#away;
  }

  /** Yields the window piece by piece, from its beginning to its end. */
  async *pieces(window: Window): AsyncGenerator<Narrowed, void, undefined> {
    if (await this.#answers(window)) {
      await this.#fitPages(this.#lastGood ?? window);
      yield* this.#halves(window);
    } else yield await this.#withoutParts(window);
  }

  /** Reads a window that was set aside before; `failing` is empty once all of it can be read. */
  async again(window: Window): Promise<Narrowed> {
    const whole = await this.#whole(window);
    if (whole.failing.length === 0) return whole;
    if (!(await this.#answers(window))) return this.#withoutParts(window);
    return (await this.#byId(window, mostById)) ?? (await this.#oneByOne(window));
  }

  async *#halves(window: Window): AsyncGenerator<Narrowed, void, undefined> {
    const whole = await this.#whole(window);
    const middle = epochMs(window.to) - epochMs(window.from) > shortestMs ? middleOf(window) : undefined;
    if (whole.failing.length === 0) {
      yield whole;
      return;
    }
    const byId = await this.#byId(window, mostById);
    if (byId !== undefined) yield await this.#confirmed(byId);
    else if (middle === undefined) yield await this.#confirmed(await this.#oneByOne(window));
    else {
      yield* this.#halves({ from: window.from, to: middle });
      yield* this.#halves({ from: middle, to: window.to });
    }
  }

  async #whole(window: Window): Promise<Narrowed> {
    try {
      const reading = await this.#readWhole(window);
      if (reading === undefined) return failed(window, this.#failure);
      if (reading.count > 0) this.#lastGood = window;
      return { window, reading, failing: [] };
    } catch (error) {
      return failed(window, this.#content(error));
    }
  }

  /** Reads a window in one answer, where the rest could be had by its places; undefined when it does not fit in one. */
  async #readWhole(window: Window): Promise<WindowReading | undefined> {
    const { keep, priority, signal, api } = this.#options;
    if (api.furthestSkip === undefined) return readWindow(this.#api, window, priority, keep, signal);
    const page = await this.#api.read({ window, priority }, signal);
    const count = await keepPortions(page.records, keep);
    const { next, cut, partial, asOf } = page;
    return next === undefined && !cut ? { count, partial, asOf } : undefined;
  }

  /** Reads what the list names without its parts, each object by its id; undefined where that leads nowhere. */
  async #byId(window: Window, most: number): Promise<Narrowed | undefined> {
    const { api, priority, signal, keep } = this.#options;
    const readOne = api.readOne?.bind(api);
    if (readOne === undefined) return undefined;
    const named: SourceRecord[] = [];
    let reading: WindowReading;
    try {
      const collect = async (records: readonly SourceRecord[]) => void named.push(...records);
      const bare: WindowedApi = {
        pageSize: this.#pageSize,
        read: (request, stop) => this.#api.read({ ...request, bare: true }, stop),
      };
      reading = await readWindow(bare, window, priority, collect, signal);
    } catch (error) {
      this.#content(error);
      return undefined;
    }
    const wanted = await this.#unknownOf(named);
    if (wanted.length > most) return undefined;
    const failing: Failing[] = [];
    let came = 0;
    for (const record of wanted) {
      try {
        const whole = await this.#counted(() => readOne(record.id, priority, signal));
        if (whole !== undefined) await keep([whole]);
        came++;
      } catch (error) {
        const reason = `${record.id}: ${messageOf(this.#content(error))}`;
        failing.push({ window: momentOf(record, window), reason });
        // Where nothing at all comes by id, the list is the better way.
        if (came === 0 && failing.length === mostFailingById) return undefined;
      }
    }
    return { window, reading, failing };
  }

  /** Of what was listed, each object once, without those that were accepted in this state. */
  async #unknownOf(named: readonly SourceRecord[]): Promise<readonly SourceRecord[]> {
    const each = [...new Map(named.map((record) => [record.id, record])).values()];
    const accepted = await this.#options.accepted(each);
    return each.filter((_record, index) => accepted[index] !== true);
  }

  /** When no list with its parts is answered any more, but those without are: all objects come by id. */
  async #withoutParts(window: Window): Promise<Narrowed> {
    const byId = await this.#byId(window, Number.POSITIVE_INFINITY);
    if (byId !== undefined) return byId;
    this.#away = true;
    throw this.#failure;
  }

  /** Asks for the objects of a window that is not halved any more by their place in the list. */
  async #oneByOne(window: Window): Promise<Narrowed> {
    const { api, ...stepping } = this.#options;
    if (api.furthestSkip === undefined) return failed(window, this.#failure);
    const list: WindowedApi = { ...this.#api, pageSize: this.#pageSize, furthestSkip: api.furthestSkip };
    const reasonOf = (error: unknown) => messageOf(this.#content(error));
    const { reading, reason } = await stepThrough(list, window, { ...stepping, reasonOf });
    return { window, reading, failing: reason === undefined ? [] : [{ window, reason }] };
  }

  /** Nothing is set aside while the API answers nothing at all: it may have gone down meanwhile. */
  async #confirmed(narrowed: Narrowed): Promise<Narrowed> {
    if (narrowed.failing.length > 0 && !(await this.#answers(narrowed.window))) {
      this.#away = true;
      throw this.#failure;
    }
    this.#failing.push(...narrowed.failing.map(({ window }) => window));
    return narrowed;
  }

  /** Finds out how large a page may be: not all that fails lies in one object. */
  async #fitPages(window: Window): Promise<void> {
    const { priority, signal } = this.#options;
    const usual = this.#pageSize;
    for (const size of [usual, Math.ceil(usual / 4), Math.ceil(usual / 16), 1]) {
      this.#pageSize = size;
      try {
        const page = await this.#api.read({ window, priority }, signal);
        countRecords(page.records);
        return;
      } catch (error) {
        this.#content(error);
      }
    }
    this.#pageSize = usual;
  }

  /** Whether the API still gives records that are not in the window; true also when it has no others. */
  async #answers({ from, to }: Window): Promise<boolean> {
    const lastGood = this.#lastGood;
    this.#lastGood = undefined;
    const before = known.map(([first, last]) => ({
      from: addMs(from, -first * dayMs),
      to: addMs(from, -last * dayMs),
    }));
    // The last good window, too, may have had what fails now: it is asked for what lies beside that.
    const apart = [{ from, to }, ...this.#options.apart, ...this.#failing];
    const besides = (windows: readonly Window[]) => windows.flatMap((window) => without(window, apart));
    const good = lastGood === undefined ? [] : besides([lastGood]).slice(0, 1);
    const others = besides([...before, { from: to, to: addMs(to, dayMs) }]).slice(0, mostProbes);
    let failures = 0;
    for (const window of [...good, ...others]) {
      try {
        const { priority, signal } = this.#options;
        const page = await this.#api.read({ window, priority, pageSize: 1 }, signal);
        if (countRecords(page.records) === 0) continue;
        this.#lastGood = window;
        return true;
      } catch (error) {
        this.#content(error);
        if (++failures === mostFailingProbes) return false;
      }
    }
    return failures === 0;
  }

  #ask(request: ReadRequest, signal: AbortSignal): Promise<Page> {
    return this.#options.api.read({ pageSize: this.#pageSize, brief: true, ...request }, signal);
  }

  async #counted<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls >= mostCalls || this.#failed >= mostFailing) throw new CallsUsedUp(this.#failure);
    this.#calls++;
    return call();
  }

  /** Counts and returns a failure of content, be it of the call or of what it brought; throws anything else. */
  #content(error: unknown): ConnectorError {
    if (error instanceof CallsUsedUp) throw error.cause;
    if (!mayLieInContent(error)) throw error;
    this.#failed++;
    return error;
  }
}

class CallsUsedUp extends Error {
  constructor(cause: ConnectorError) {
    super('the calls to narrow down a failure are used up', { cause });
  }
}

function failed(window: Window, error: ConnectorError): Narrowed {
  const reading = { count: 0, partial: false, asOf: undefined };
  return { window, reading, failing: [{ window, reason: messageOf(error) }] };
}

/** The tick at which an object was updated; the whole window when it does not say, or says one outside of it. */
function momentOf({ updated }: SourceRecord, window: Window): Window {
  const from: Instant | undefined = updated === undefined ? undefined : parseInstant(updated);
  if (from === undefined || from < window.from || from >= window.to) return window;
  return { from, to: earlier(nextTick(from), window.to) };
}
