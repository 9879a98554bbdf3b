import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/**
 * A host's clock on which time passes `speed` times as fast as on the wall, and which can be set like a real one:
 * `set` moves what it shows, while elapsed time and sleeps go on as they were.
 */
export class MovableClock implements Clock {
  readonly #speed: number;
  readonly #random: () => number;
  readonly #startMs = Math.floor(Date.now() / 1000) * 1000;
  readonly #began = performance.now();
  #passedMs = 0;
  #setMs = 0;

  constructor(speed: number, random: () => number) {
    this.#speed = speed;
    this.#random = random;
  }

  now(): number {
    return Math.floor(this.trueMs() + this.#setMs);
  }

  elapsed(): number {
    return (performance.now() - this.#began) * this.#speed + this.#passedMs;
  }

  /** The time that a clock shows which nobody sets, ms since 1970. */
  trueMs(): number {
    return Math.floor(this.#startMs + this.elapsed());
  }

  random(): number {
    return this.#random();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
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
