import { StopRequest } from '../signals.ts';

/**
 * How `shutdown.grace` is shared out, ms after the signal to stop: delivering ends early enough for the farewell to
 * receivers, and that early enough for the store to be closed and the process to be gone when the grace is over, also
 * on a machine that has much else to do.
 */
export interface GraceShares {
  /** From here on no batch is begun, so that receivers can say what they have read. */
  readonly deliveredMs: number;
  /** From here on nothing is waited for that a receiver may say. */
  readonly overMs: number;
  /** From here on a sink that does not close is left as it is, and the store is closed. */
  readonly closedMs: number;
  /** When the process ends, whatever still hangs then. */
  readonly endMs: number;
  /** The same two after a second signal, which ends the delivering at once, ms after that one. */
  readonly hurried: { readonly closedMs: number; readonly endMs: number };
}

/** The longest part of the grace in which no batch is begun any more, ms. */
const leaveMs = 2_000;
/** What the end of the process is given of the grace: a fifth, between these, ms; half of a short one. */
const leastReserveMs = 500;
const mostReserveMs = 2_000;
/** What closing is given even where the grace is shorter than that, ms. */
const leastClosingMs = 100;
/** The shortest time to the end, however short the grace, ms. */
const leastEndMs = 500;

/** Returns the shares of a grace of so many milliseconds. Below a second, the end may take half a second all the same. */
export function graceShares(graceMs: number): GraceShares {
  const reserveMs = Math.min(graceMs / 2, mostReserveMs, Math.max(leastReserveMs, graceMs / 5));
  const overMs = graceMs - reserveMs;
  const closingMs = Math.max(reserveMs / 4, leastClosingMs);
  const endingMs = Math.max(reserveMs / 2, leastEndMs - overMs);
  return {
    deliveredMs: overMs - Math.min(leaveMs, overMs / 4),
    overMs,
    closedMs: overMs + closingMs,
    endMs: overMs + endingMs,
    hurried: { closedMs: closingMs, endMs: Math.max(endingMs, 2 * leastClosingMs) },
  };
}

/** What is left to do after the signal to stop. */
export interface Grace {
  /** Aborts when no further batch is to be begun. */
  readonly delivered: AbortSignal;
  /** Aborts when delivering and taking leave are over. */
  readonly over: AbortSignal;
  /** Aborts when closing is not waited for any longer. */
  readonly closed: AbortSignal;
}

/** Returns the grace that begins when `stop` is asked for; `hurry` ends the delivering at once. */
export function graceAfter(stop: AbortSignal, graceMs: number, hurry: AbortSignal): Grace {
  const shares = graceShares(graceMs);
  const delivered = new AbortController();
  const over = new AbortController();
  const closed = new AbortController();
  const abortAfter = (controller: AbortController, ms: number) =>
    void setTimeout(() => controller.abort(), ms).unref();
  whenAborted(stop, () => {
    const passedMs = stop.reason instanceof StopRequest ? stop.reason.passedMs : 0;
    abortAfter(delivered, shares.deliveredMs - passedMs);
    abortAfter(over, shares.overMs - passedMs);
    abortAfter(closed, shares.closedMs - passedMs);
  });
  whenAborted(hurry, () => {
    delivered.abort();
    over.abort();
    abortAfter(closed, shares.hurried.closedMs);
  });
  return { delivered: delivered.signal, over: over.signal, closed: closed.signal };
}

/** Settles as `work` does, with true; or with false as soon as `signal` aborts: `work` then goes on unheard. */
export async function endsBefore(signal: AbortSignal, work: Promise<unknown>): Promise<boolean> {
  const { promise: aborted, resolve } = Promise.withResolvers<false>();
  const stop = () => resolve(false);
  whenAborted(signal, stop);
  try {
    return await Promise.race([work.then(() => true), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function whenAborted(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
}
