import type { Clock } from '../../src/runtime/clock.ts';

/** A clock that stands still until it is moved; `sleep` moves it and returns at once. */
export class FakeClock implements Clock {
  #nowMs: number;
  /** What `random` answers. */
  chance = 0.5;
  /** Every sleep asked for, ms. */
  readonly sleeps: number[] = [];

  constructor(nowMs = Date.parse('2026-11-03T08:00:00Z')) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.chance;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await Promise.resolve();
    if (signal?.aborted === true) return;
    this.sleeps.push(ms);
    this.#nowMs += ms;
  }
}
