import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/** A clock that runs many times as fast as the host's: hours pass in seconds, sockets stay real. */
export class FastClock implements Clock {
  readonly #speed: number;
  readonly #startMs: number;
  readonly #started = performance.now();
  readonly #random: () => number;

  constructor(speed: number, startMs: number, random: () => number) {
    this.#speed = speed;
    this.#startMs = startMs;
    this.#random = random;
  }

  now(): number {
    return Math.floor(this.#startMs + (performance.now() - this.#started) * this.#speed);
  }

  random(): number {
    return this.#random();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
  }
}
