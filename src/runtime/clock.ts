import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, handed in so that tests neither sleep nor roll dice. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /** Resolves after `ms` milliseconds, or early (without throwing) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest wait that Node's timers take, in ms; longer sleeps are cut to it. */
const longestTimerMs = 2 ** 31 - 1;

/** The host's own clock and randomness. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  async sleep(ms, signal) {
    try {
      await delay(
        Math.min(Math.max(ms, 0), longestTimerMs),
        undefined,
        signal === undefined ? {} : { signal },
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    }
  },
};
