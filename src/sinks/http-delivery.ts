import { messageOf } from '../errors.ts';
import { NotSent } from './not-sent.ts';
import type { Outcome, Payload } from './sink.ts';

/** What one answer says of the payloads of its request. */
export type Verdict =
  /** The receiver has all of them. */
  | { readonly kind: 'accepted' }
  /** Try all of them again later. */
  | Extract<Outcome, { kind: 'deferred' }>
  /** Something in them is refused for good; which one is not told. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Those before `index` have arrived, that one is refused for good, those behind it were not looked at. */
  | { readonly kind: 'refused-at'; readonly index: number; readonly reason: string };

/** Sends one request with these payloads; throws when there is no answer. */
export type Exchange = (payloads: readonly Payload[], signal: AbortSignal) => Promise<Verdict>;

/**
 * Returns one outcome per payload, by as many requests as it takes: what is refused without saying which is halved
 * until the refused payload stands alone, so that one bad record takes no good one with it (formats reference §9.4).
 * Once the receiver says "later", no further request is made. Throws only when not one payload is settled.
 */
export async function deliver(
  batches: readonly (readonly Payload[])[],
  exchange: Exchange,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...batches];
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    const verdict = await ask(exchange, batch, outcomes.length > 0, signal);
    if (verdict.kind === 'deferred') {
      const { inDoubt: _, ...notSent } = verdict;
      return [...outcomes, ...batch.map(() => verdict), ...waiting.flat().map(() => notSent)];
    }
    const { settled, again } = settle(batch, verdict);
    outcomes.push(...settled);
    waiting.unshift(...again.filter((part) => part.length > 0));
  }
  return outcomes;
}

/** Returns the verdict; a failure defers when others of the batch are settled, since those must not be sent again. */
async function ask(
  exchange: Exchange,
  batch: readonly Payload[],
  partlySettled: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    signal.throwIfAborted();
    return await exchange(batch, signal);
  } catch (error) {
    if (!partlySettled) throw error;
    const deferred = { kind: 'deferred', reason: messageOf(error) } as const;
    return error instanceof NotSent ? deferred : { ...deferred, inDoubt: true };
  }
}

/** Returns the outcomes of the first payloads, and what is to be sent again, in order. */
function settle(
  batch: readonly Payload[],
  verdict: Exclude<Verdict, { kind: 'deferred' }>,
): { readonly settled: readonly Outcome[]; readonly again: readonly (readonly Payload[])[] } {
  if (verdict.kind === 'accepted') return { settled: batch.map(() => verdict), again: [] };
  const rejected: Outcome = { kind: 'rejected', reason: verdict.reason };
  if (verdict.kind === 'refused-at' && verdict.index < batch.length) {
    const before = batch.slice(0, verdict.index).map((): Outcome => ({ kind: 'accepted' }));
    return { settled: [...before, rejected], again: [batch.slice(verdict.index + 1)] };
  }
  if (batch.length === 1) return { settled: [rejected], again: [] };
  const middle = Math.ceil(batch.length / 2);
  return { settled: [], again: [batch.slice(0, middle), batch.slice(middle)] };
}

/** Splits payloads, in order, so that no part's texts exceed `maxBytes` bytes, unless one alone does. */
export function splitByBytes(
  payloads: readonly Payload[],
  bytesOf: (payload: Payload) => number,
  maxBytes: number,
): readonly (readonly Payload[])[] {
  const parts: Payload[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const payload of payloads) {
    const more = bytesOf(payload);
    if (bytes + more > maxBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(payload);
    bytes += more;
  }
  return parts;
}
