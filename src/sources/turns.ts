import { type Clock, elapsedMs } from '../runtime/clock.ts';

/** How many run at a time, and for how long that counts. Times are milliseconds. */
export interface TurnsOptions {
  /** Runs at the same time of those that are usually quick. */
  readonly places: number;
  /** Runs at the same time of those whose last run outlasted `patienceMs`. */
  readonly slowPlaces: number;
  /** A run that takes longer gives up its place, and goes on without one. */
  readonly patienceMs: number;
  /** Resolves when work may begin. Who waits for it keeps its place: what holds up all is no one's slowness. */
  readonly ready?: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/** Lets many sources take turns, so that all of them together take little memory and each gets on. */
export interface Turns {
  /**
   * Runs the work of `who` when it is its turn: first come, first served. A run that takes long (its API hangs, throttles,
   * or shows very much) gives up its place to the next, so that no number of them holds up the others; the next runs of
   * its like wait among themselves until one is quick again. Resolves and rejects as the work does, as `ready` does, or
   * with the signal's reason while it waits.
   */
  run<T>(who: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Makes the turns of one process. */
export function createTurns({ places, slowPlaces, patienceMs, ready, clock }: TurnsOptions): Turns {
  const quickLane = createLane(places);
  const slowLane = createLane(slowPlaces);
  const slow = new Set<string>();
  return {
    async run(who, work, signal) {
      const lane = slow.has(who) ? slowLane : quickLane;
      await lane.enter(signal);
      const ended = new AbortController();
      let beganAt = elapsedMs(clock);
      let placed = true;
      const leave = () => {
        if (placed) lane.leave();
        placed = false;
      };
      try {
        await ready?.(signal);
        beganAt = elapsedMs(clock);
        void clock.sleep(patienceMs, ended.signal).then(leave);
        return await work();
      } finally {
        ended.abort();
        leave();
        if (elapsedMs(clock) - beganAt >= patienceMs) slow.add(who);
        else slow.delete(who);
      }
    },
  };
}

/** A number of places, and who waits for one. */
function createLane(places: number) {
  let free = places;
  const waiting = new Set<() => void>();
  return {
    async enter(signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const turn = () => {
          signal.removeEventListener('abort', abort);
          resolve();
        };
        const abort = () => {
          waiting.delete(turn);
          reject(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(turn);
      });
    },
    leave(): void {
      const [next] = waiting;
      if (next === undefined) free++;
      else {
        waiting.delete(next);
        next();
      }
    },
  };
}
