/** Time and chance, handed in so that tests neither sleep nor roll dice. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that only run forward, whatever the clock is set to; a clock without it is never set. */
  elapsed?(): number;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /** Resolves after `ms` milliseconds, or early (without throwing) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Returns milliseconds since some moment, for waits and spans: setting the clock does not move them. */
export function elapsedMs(clock: Clock): number {
  return clock.elapsed?.() ?? clock.now();
}

/** The longest wait that Node's timers take, in ms; longer sleeps are cut to it. */
const longestTimerMs = 2 ** 31 - 1;

/** The host's own clock and randomness. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  sleep(ms, signal) {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(Math.max(ms, 0), longestTimerMs));
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
};
