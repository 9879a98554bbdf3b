import { messageOf } from '../errors.ts';
import { NotSent } from '../sinks/not-sent.ts';
import type { Outcome, Sink } from '../sinks/sink.ts';
import type { Delivery, OwnDeadLetter } from './batch.ts';

/** What came of sending some deliveries once. */
export interface Attempt {
  readonly accepted: readonly Delivery[];
  readonly rejected: readonly OwnDeadLetter[];
  /** To be sent again, in their order. */
  readonly deferred: readonly Delivery[];
  /** How many of the deferred the receiver may have all the same. */
  readonly inDoubt: number;
  /** Why the first of the deferred was; empty when none is. */
  readonly reason: string;
  /** The longest wait that the receiver asked for, ms. */
  readonly retryAfterMs: number;
  /** Whether the receiver refuses the deferred: further events beside them may show which is at fault. */
  readonly refused: boolean;
}

/**
 * Sends the deliveries once and sorts them by outcome. A sink that throws anything but `NotSent`, or that does not
 * answer for each, leaves all of them in doubt. Returns undefined when `hardStop` aborted first: nothing is known then. Never throws.
 */
export async function attemptDelivery(
  sink: Pick<Sink, 'send'>,
  deliveries: readonly Delivery[],
  nowMs: () => number,
  hardStop: AbortSignal,
): Promise<Attempt | undefined> {
  const payloads = deliveries.map(({ payload }) => payload);
  try {
    const outcomes = await unlessAborted(hardStop, () => sink.send(payloads, hardStop));
    if (outcomes === undefined) return undefined;
    if (outcomes.length !== deliveries.length) {
      throw new Error(`the sink answered for ${outcomes.length} of ${deliveries.length} events`);
    }
    return sortOutcomes(deliveries, outcomes, nowMs());
  } catch (error) {
    if (hardStop.aborted) return undefined;
    const reason = messageOf(error);
    const inDoubt = error instanceof NotSent ? 0 : deliveries.length;
    const deferred = deliveries;
    return { accepted: [], rejected: [], deferred, inDoubt, reason, retryAfterMs: 0, refused: false };
  }
}

function sortOutcomes(deliveries: readonly Delivery[], outcomes: readonly Outcome[], atMs: number): Attempt {
  const accepted: Delivery[] = [];
  const rejected: OwnDeadLetter[] = [];
  const deferred: Delivery[] = [];
  let reason = '';
  let retryAfterMs = 0;
  let inDoubt = 0;
  let refused = false;
  for (const [index, delivery] of deliveries.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind === 'accepted') accepted.push(delivery);
    else if (outcome?.kind === 'rejected') {
      rejected.push({ entry: delivery.entry, reason: outcome.reason, atMs });
    } else {
      if (deferred.length === 0) reason = outcome?.reason ?? 'the sink did not answer';
      retryAfterMs = Math.max(retryAfterMs, outcome?.retryAfterMs ?? 0);
      if (outcome?.inDoubt === true) inDoubt++;
      if (outcome?.refused === true) refused = true;
      deferred.push(delivery);
    }
  }
  return { accepted, rejected, deferred, inDoubt, reason, retryAfterMs, refused };
}

/** Returns what `work` comes to, or undefined as soon as `signal` aborts: a sink that ignores it holds up no stop. */
async function unlessAborted<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  if (signal.aborted) return undefined;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
