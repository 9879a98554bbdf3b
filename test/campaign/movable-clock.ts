import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/**
 * A host's clock that can be set like a real one: `set` moves what it shows, while elapsed time goes on as it was. Who
 * sleeps makes the time pass: hours go by in a moment, and how fast the machine is makes no difference.
 */
export class MovableClock implements Clock {
  readonly #random: () => number;
  readonly #startMs = Math.floor(Date.now() / 1000) * 1000;
  readonly #began = performance.now();
  #passedMs = 0;
  #setMs = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  now(): number {
    return this.trueMs() + this.#setMs;
  }

  elapsed(): number {
    return performance.now() - this.#began + this.#passedMs;
  }

  /** The time that a clock shows which nobody sets, ms since 1970. */
  trueMs(): number {
    return Math.floor(this.#startMs + this.elapsed());
  }

  random(): number {
    return this.#random();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await systemClock.sleep(Math.min(ms, 1), signal);
    if (signal?.aborted !== true) this.#passedMs += ms;
  }

  /** Lets time pass while nothing happens. */
  pass(ms: number): void {
    this.#passedMs += ms;
  }

  /** Sets the clock ahead (or back, below 0) by so much. */
  set(ms: number): void {
    this.#setMs += ms;
  }
}
