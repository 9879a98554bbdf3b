import { messageOf } from '../errors.ts';
import { configurationRetryMs } from './http-verdict.ts';
import { NotSent } from './not-sent.ts';
import { Refusals } from './refusals.ts';
import { RequestLimit } from './request-limit.ts';
import type { Outcome, Payload, SinkContext } from './sink.ts';

/** What one answer says of the payloads of its request. */
export type Verdict =
  /** The receiver has all of them. */
  | { readonly kind: 'accepted' }
  /** Try all of them again later. */
  | Extract<Outcome, { kind: 'deferred' }>
  /** Something in them is refused for good; which one is not told. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Those before `index` have arrived, that one is refused for good, those behind it were not looked at. */
  | { readonly kind: 'refused-at'; readonly index: number; readonly reason: string }
  /** Together they are more than the receiver takes in one request. */
  | { readonly kind: 'too-large'; readonly reason: string };

/** What an answer says that tells of each payload: the outcomes of the request's payloads, in their order. */
export interface ItemVerdicts {
  readonly kind: 'items';
  readonly outcomes: readonly Outcome[];
}

/** Sends one request with these payloads; throws when there is no answer. */
export type Exchange = (payloads: readonly Payload[], signal: AbortSignal) => Promise<Verdict | ItemVerdicts>;

/** How payloads are put into requests. */
export interface Requests {
  readonly exchange: Exchange;
  /** Bytes that a payload takes in a request. */
  readonly bytesOf: (payload: Payload) => number;
  /** Largest request; one payload alone may be larger. */
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/**
 * Brings batches to a receiver that answers each request. What it refuses without saying which is halved until the
 * refused payload stands alone, so that one bad record takes no good one with it (formats reference §9.4); whether
 * that one is given up is for `Refusals` to say. A receiver that takes only small requests gets only such.
 */
export class HttpDelivery {
  readonly #requests: Requests;
  readonly #context: SinkContext;
  readonly #refusals = new Refusals();
  readonly #limit = new RequestLimit();
  /** Into how many payloads each the rest of the last batch was cut when it was put off; it begins with `head`. */
  #cut: { readonly head: Payload | undefined; readonly sizes: readonly number[] } | undefined;

  constructor(requests: Requests, context: SinkContext) {
    this.#requests = requests;
    this.#context = context;
  }

  /**
   * Returns one outcome per payload, by as many requests as it takes. Once the receiver says "later", no further
   * request is made. Throws only when not one payload is settled.
   */
  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    this.#refusals.begin();
    const settled: Outcome[] = [];
    const waiting = this.#split(this.#cutAsBefore(payloads));
    this.#cut = undefined;
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const verdict = await this.#ask(batch, waiting, settled.length > 0, signal);
      if (verdict.kind === 'deferred') {
        const later = notSent(verdict);
        return this.#judge(settled, [...batch.map(() => verdict), ...waiting.flat().map(() => later)]);
      }
      if (verdict.kind === 'too-large' && batch.length > 1) this.#learn(batch);
      const { outcomes, again } = settle(batch, verdict);
      const before = settled.length;
      settled.push(...outcomes);
      waiting.unshift(...again.filter((part) => part.length > 0));
      const witnessed = outcomes.some(({ kind }) => kind === 'accepted');
      const suspects = witnessed ? lastRefused(settled, before, this.#refusals.taken()) : [];
      // Where each has an outcome of its own, one that was taken is a witness for all beside it, whatever their order.
      const unwitnessed = verdict.kind === 'items' && witnessed ? [] : outcomes;
      const later =
        (await this.#askAgain(payloads, settled, suspects, signal)) ??
        this.#noUse(unwitnessed) ??
        firstPutOff(outcomes);
      if (later !== undefined)
        return this.#judge(
          settled,
          waiting.flat().map(() => later),
        );
    }
    return this.#judge(settled, []);
  }

  /** Notes what was refused; returns an outcome for all that follows when it is no use to go on. */
  #noUse(outcomes: readonly Outcome[]): Outcome | undefined {
    let later: Outcome | undefined;
    for (const outcome of outcomes)
      if (outcome.kind === 'rejected' && !this.#refusals.refused()) later = keptBack(outcome.reason);
    return later;
  }

  /** Returns all outcomes, with those of the refused that are to be kept back made such. */
  #judge(settled: readonly Outcome[], left: readonly Outcome[]): readonly Outcome[] {
    const kept = lastRefused(settled, settled.length, this.#refusals.end());
    if (kept.length > 0) this.#cut = undefined;
    const outcomes = settled.map((outcome, index) =>
      kept.includes(index) && outcome.kind === 'rejected' ? keptBack(outcome.reason) : outcome,
    );
    return [...outcomes, ...left];
  }

  /**
   * Asks once more for each of the payloads at these positions, that were refused before the receiver took another;
   * returns an outcome for all that follows when it wants to be left alone.
   */
  async #askAgain(
    payloads: readonly Payload[],
    settled: Outcome[],
    suspects: readonly number[],
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    for (const [nth, index] of suspects.entries()) {
      const verdict = await this.#ask(payloads.slice(index, index + 1), [], true, signal);
      const outcome = verdict.kind === 'items' ? verdict.outcomes[0] : verdict;
      if (outcome?.kind === 'accepted') settled[index] = outcome;
      if (outcome?.kind !== 'deferred') continue;
      this.#cut = undefined;
      const later = notSent(outcome);
      for (const unasked of suspects.slice(nth)) settled[unasked] = later;
      settled[index] = outcome;
      return later;
    }
    return undefined;
  }

  /** Returns the verdict; a failure defers when others of the batch are settled, since those must not be sent again. */
  async #ask(
    batch: readonly Payload[],
    waiting: readonly (readonly Payload[])[],
    partlySettled: boolean,
    signal: AbortSignal,
  ): Promise<Verdict | ItemVerdicts> {
    const putOff = () => {
      // The search for a bad one goes on where it was, or a receiver that is ill now and then would see it begin for ever.
      this.#cut = { head: batch[0], sizes: [batch, ...waiting].map(({ length }) => length) };
    };
    try {
      signal.throwIfAborted();
      const verdict = await this.#requests.exchange(batch, signal);
      if (verdict.kind === 'deferred') putOff();
      return verdict;
    } catch (error) {
      putOff();
      if (!partlySettled) throw error;
      const deferred = { kind: 'deferred', reason: messageOf(error) } as const;
      return error instanceof NotSent ? deferred : { ...deferred, inDoubt: true };
    }
  }

  #cutAsBefore(payloads: readonly Payload[]): readonly (readonly Payload[])[] {
    if (this.#cut === undefined || this.#cut.head !== payloads[0]) return [payloads];
    const parts: (readonly Payload[])[] = [];
    let start = 0;
    for (const size of this.#cut.sizes) {
      parts.push(payloads.slice(start, start + size));
      start += size;
    }
    return [...parts, payloads.slice(start)];
  }

  #split(parts: readonly (readonly Payload[])[]): (readonly Payload[])[] {
    const { bytesOf, maxBytes, maxEvents } = this.#requests;
    const most = Math.min(maxBytes, this.#limit.at(this.#context.clock.now()));
    return parts.flatMap((part) => splitRequests(part, bytesOf, most, maxEvents));
  }

  #learn(batch: readonly Payload[]): void {
    const bytes = batch.reduce((sum, payload) => sum + this.#requests.bytesOf(payload), 0);
    const most = this.#limit.tooLarge(bytes, this.#context.clock.now());
    this.#context.log.info(
      { sink: this.#context.name, bytes, most },
      'the receiver takes no request of so many bytes: they are made smaller for an hour; a smaller `batch.maxBytes` spares the attempts',
    );
  }
}

/** Returns the positions, in order, of the last so many that were refused among the first `end` outcomes. */
function lastRefused(settled: readonly Outcome[], end: number, count: number): readonly number[] {
  const positions: number[] = [];
  for (let index = end - 1; index >= 0 && positions.length < count; index--)
    if (settled[index]?.kind === 'rejected') positions.unshift(index);
  return positions;
}

/** Returns the outcome of all that was to follow when one of these is put off: whoever asks for time gets it. */
function firstPutOff(outcomes: readonly Outcome[]): Outcome | undefined {
  const putOff = outcomes.find((outcome) => outcome.kind === 'deferred');
  return putOff === undefined ? undefined : notSent(putOff);
}

/** Returns the outcome of those that were to follow one that is put off, and were not sent. */
function notSent(putOff: Extract<Outcome, { kind: 'deferred' }>): Extract<Outcome, { kind: 'deferred' }> {
  const { inDoubt: _, ...later } = putOff;
  return later;
}

/** Returns the outcome of what is refused like everything else so far. */
export function keptBack(reason: string): Outcome {
  return {
    kind: 'deferred',
    reason: `${reason}; nothing was taken since, so nothing is given up: the events wait, tried again each minute, until the receiver takes one. Check the options of this sink and what the receiver expects`,
    retryAfterMs: configurationRetryMs,
    refused: true,
  };
}

/** Returns the outcomes of the first payloads, and what is to be sent again, in order. */
function settle(
  batch: readonly Payload[],
  verdict: Exclude<Verdict, { kind: 'deferred' }> | ItemVerdicts,
): { readonly outcomes: readonly Outcome[]; readonly again: readonly (readonly Payload[])[] } {
  if (verdict.kind === 'accepted') return { outcomes: batch.map(() => verdict), again: [] };
  if (verdict.kind === 'items') return { outcomes: verdict.outcomes, again: [] };
  const rejected: Outcome = { kind: 'rejected', reason: verdict.reason };
  if (verdict.kind === 'refused-at' && verdict.index < batch.length) {
    const before = batch.slice(0, verdict.index).map((): Outcome => ({ kind: 'accepted' }));
    return { outcomes: [...before, rejected], again: [batch.slice(verdict.index + 1)] };
  }
  if (batch.length === 1) return { outcomes: [rejected], again: [] };
  const middle = Math.ceil(batch.length / 2);
  return { outcomes: [], again: [batch.slice(0, middle), batch.slice(middle)] };
}

/** Splits payloads, in order, so that no part has more than so many, or more bytes unless one alone has. */
export function splitRequests(
  payloads: readonly Payload[],
  bytesOf: (payload: Payload) => number,
  maxBytes: number,
  maxEvents: number,
): readonly (readonly Payload[])[] {
  const parts: Payload[][] = [];
  let bytes = 0;
  for (const payload of payloads) {
    const more = bytesOf(payload);
    if (parts.length === 0 || bytes + more > maxBytes || parts.at(-1)?.length === maxEvents) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(payload);
    bytes += more;
  }
  return parts;
}
