import type { Clock } from '../../src/runtime/clock.ts';

/**
 * A clock for tests with real sockets: time stands still, and a sleep ends only when its signal aborts or when
 * `passes` says so for its length; nothing depends on how fast the machine is.
 */
export class HeldClock implements Clock {
  nowMs: number;
  /** Which sleeps end by themselves, by their length in ms. */
  passes: (ms: number) => boolean;

  constructor(passes: (ms: number) => boolean = () => false, nowMs = Date.UTC(2026, 10, 3, 8, 0, 0)) {
    this.passes = passes;
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  random(): number {
    return 0.5;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || this.passes(ms)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }
}
