import type { Clock } from '../runtime/clock.ts';

/** A wait that can be cut short by a ring, also by one that came just before it. */
export interface Doorbell {
  /** Ends the wait that is under way, or the next one at once. */
  ring(): void;
  /** True when it rang, false when `ms` passed or `signal` aborted first. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** Makes a doorbell; one waits at it at a time. */
export function createDoorbell(clock: Clock): Doorbell {
  let rung = false;
  let waiting: AbortController | undefined;
  return {
    ring() {
      rung = true;
      waiting?.abort();
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted) {
        // Not AbortSignal.any: on a signal as long-lived as the process it would gather one dependant a wait.
        const controller = new AbortController();
        const stop = () => controller.abort();
        signal.addEventListener('abort', stop, { once: true });
        waiting = controller;
        try {
          await clock.sleep(ms, controller.signal);
        } finally {
          waiting = undefined;
          signal.removeEventListener('abort', stop);
        }
      }
      const rang = rung;
      rung = false;
      return rang;
    },
  };
}
