import PQueue from 'p-queue';
import { type Clock, elapsedMs } from '../runtime/clock.ts';

/** How many calls pass a gate. */
export interface GateLimits {
  /** Calls under way behind the gate at the same time; no bound when not given. */
  readonly concurrency?: number;
  /** Calls that may start in any span of `spanMs`. */
  readonly calls: number;
  readonly spanMs: number;
}

/** How a call wants to pass; of those that wait, the one with the higher `rank` goes first. */
export interface Passage {
  readonly rank: number;
  readonly signal: AbortSignal;
}

/**
 * A gate that calls pass one after the other: never more in a sliding span than its limit, none while it is paused. It
 * lives by elapsed time: setting the clock neither closes it longer nor opens it early. It keeps a timer only while a
 * call waits, so that it keeps no program alive.
 */
export class QuotaGate {
  readonly #queue: PQueue;
  readonly #limits: GateLimits;
  readonly #clock: Clock;
  /** When the calls of the last span started, the oldest first. */
  readonly #starts: number[] = [];
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #waiting = 0;
  #sleep: AbortController | undefined;

  constructor(limits: GateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#queue = new PQueue(limits.concurrency === undefined ? {} : { concurrency: limits.concurrency });
  }

  /** Runs the call once it may pass; resolves and rejects as it does, or rejects with the signal's reason before. */
  async pass<T>(call: () => Promise<T>, { rank, signal }: Passage): Promise<T> {
    let waits = true;
    const leave = () => {
      if (!waits) return;
      waits = false;
      this.#waiting--;
      if (this.#waiting === 0) this.#sleep?.abort();
    };
    const start = () => {
      leave();
      this.#starts.push(elapsedMs(this.#clock));
      this.#openOrClose();
      return call();
    };
    this.#waiting++;
    try {
      this.#openOrClose();
      return await this.#queue.add(start, { signal, priority: rank });
    } finally {
      leave();
    }
  }

  /** Lets no call start for so long, ms; never shortens a pause. */
  pauseFor(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, elapsedMs(this.#clock) + ms);
    this.#openOrClose();
  }

  /**
   * Returns how long to wait between two calls for those that are left to last until the first of the span fall out of
   * it, ms; 0 while less than half of them are used.
   */
  lastingMs(): number {
    const { calls, spanMs } = this.#limits;
    this.#forgetOld();
    const [oldest] = this.#starts;
    const used = this.#starts.length;
    if (oldest === undefined || used < calls / 2) return 0;
    return Math.ceil((oldest + spanMs - elapsedMs(this.#clock)) / Math.max(calls - used, 1));
  }

  #openOrClose(): void {
    if (this.#closedForMs() <= 0) {
      this.#queue.start();
      return;
    }
    this.#queue.pause();
    if (this.#waiting > 0 && this.#sleep === undefined) void this.#sleepOut();
  }

  /** Sleeps until the gate opens, or nobody waits any more. */
  async #sleepOut(): Promise<void> {
    const sleep = new AbortController();
    this.#sleep = sleep;
    for (let leftMs = this.#closedForMs(); leftMs > 0 && this.#waiting > 0; leftMs = this.#closedForMs()) {
      await this.#clock.sleep(leftMs, sleep.signal);
      if (sleep.signal.aborted) break;
    }
    this.#sleep = undefined;
    this.#openOrClose();
  }

  #closedForMs(): number {
    const { calls, spanMs } = this.#limits;
    const now = elapsedMs(this.#clock);
    this.#forgetOld();
    const [oldest = now] = this.#starts;
    const full = this.#starts.length >= calls;
    return Math.max(full ? oldest + spanMs - now : 0, this.#pausedUntil - now);
  }

  #forgetOld(): void {
    const now = elapsedMs(this.#clock);
    while ((this.#starts[0] ?? now) + this.#limits.spanMs <= now) this.#starts.shift();
  }
}
