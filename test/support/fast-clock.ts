import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/**
 * A clock that runs many times as fast as the host's: hours pass in seconds, sockets stay real. No wait is shorter than
 * `leastMs` of the host's time (nor longer than it was), so that loops which look often do not take the whole processor.
 */
export class FastClock implements Clock {
  readonly #speed: number;
  readonly #startMs: number;
  readonly #started = performance.now();
  readonly #random: () => number;
  readonly #leastMs: number;

  constructor(speed: number, startMs: number, random: () => number, leastMs = 0) {
    this.#leastMs = leastMs;
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
    return systemClock.sleep(Math.max(ms / this.#speed, Math.min(ms, this.#leastMs)), signal);
  }
}
