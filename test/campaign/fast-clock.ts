import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/** A clock on which time passes `speed` times as fast as on the wall, sleeps included. It begins now. */
export class FastClock implements Clock {
  readonly #speed: number;
  readonly #random: () => number;
  readonly #startMs = Math.floor(Date.now() / 1000) * 1000;
  readonly #began = performance.now();

  constructor(speed: number, random: () => number) {
    this.#speed = speed;
    this.#random = random;
  }

  now(): number {
    return Math.floor(this.#startMs + this.elapsed());
  }

  elapsed(): number {
    return (performance.now() - this.#began) * this.#speed;
  }

  random(): number {
    return this.#random();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
  }
}
