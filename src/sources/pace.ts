/** What the pace of a source goes by. Times are milliseconds. */
export interface PaceOptions {
  /** The time between two runs while nothing comes: `every` of the configuration. */
  readonly everyMs: number;
  /**
   * Returns the least time between two runs that the API's quota bears: `busy` leaves half of it to others, `usual` is 0
   * unless so much of it is used up that the rest would not last.
   */
  readonly quota: (callsPerRun: number) => { readonly busyMs: number; readonly usualMs: number };
}

/** What one run came to. */
export interface PacedRun {
  /** True when it brought something new. */
  readonly brought: boolean;
  /** Calls of the API that it made. */
  readonly calls: number;
}

/** How long a source waits from the beginning of one run to that of the next. */
export interface Pace {
  ran(run: PacedRun): void;
  waitMs(): number;
}

/** Never sooner than this, ms. */
const leastMs = 1000;
/** Never more often than this many times as often as configured: who writes `every: 5m` does not mean seconds. */
const mostTimesAsOften = 10;
/** How much the last run counts in the mean of calls. */
const weight = 1 / 4;

/**
 * Returns a pace between `every` and a floor: after a run that brought something the next one comes in half the time,
 * after one that did not in twice the time. So an alert by itself costs one call more, and a stream of them is soon
 * read as often as the quota bears. Where the quota would not last even for `every`, it waits longer.
 */
export function createPace({ everyMs, quota }: PaceOptions): Pace {
  let waitMs = everyMs;
  let callsPerRun = 1;
  return {
    ran({ brought, calls }) {
      callsPerRun += weight * (Math.max(1, calls) - callsPerRun);
      if (!brought) waitMs = Math.min(everyMs, waitMs * 2);
      else {
        const floorMs = Math.max(leastMs, everyMs / mostTimesAsOften, quota(callsPerRun).busyMs);
        waitMs = Math.min(everyMs, Math.max(floorMs, waitMs / 2));
      }
    },
    waitMs: () => Math.max(waitMs, quota(callsPerRun).usualMs),
  };
}
