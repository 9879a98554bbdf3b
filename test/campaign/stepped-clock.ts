import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/**
 * A clock that its owner moves, while sleeps end after a moment of real time: real sockets get their turn, and nobody
 * waits for long. It begins now, so that certificates are valid.
 */
export class SteppedClock implements Clock {
  #nowMs = Math.floor(Date.now() / 1000) * 1000;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  now(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#random();
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(Math.min(ms, 2), signal);
  }
}
