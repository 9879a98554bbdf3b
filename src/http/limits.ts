import type { Api } from '../identity/clouds.ts';

/** What is counted together: the calls of one API family, or its hunting, which Microsoft counts by itself. */
export type Budget = Api | 'graph-hunting' | 'defender-hunting' | 'xdr-hunting';

/** A budget of calls. */
export interface CallLimits {
  readonly perMinute: number;
  /** Undefined where nothing is published. */
  readonly perHour?: number;
  /** Calls under way at the same time; ours, to spare the tenant. */
  readonly concurrency: number;
}

/** Microsoft's published limits (reference §1.4), each the least of its family. */
const published: Readonly<Record<Budget, CallLimits>> = {
  graph: { perMinute: 150, concurrency: 4 },
  'graph-hunting': { perMinute: 45, concurrency: 2 },
  defender: { perMinute: 100, perHour: 1500, concurrency: 4 },
  'defender-hunting': { perMinute: 45, perHour: 1500, concurrency: 2 },
  xdr: { perMinute: 50, perHour: 1500, concurrency: 4 },
  'xdr-hunting': { perMinute: 45, perHour: 1500, concurrency: 2 },
  // Nothing is published; Microsoft says to plan for one call a minute. The mean is twice that, for overlapping
  // reads and `check` beside the polling, and a few may follow at once to catch up.
  siem: { perMinute: 6, perHour: 120, concurrency: 2 },
};

/** Share of a published limit that is used: others may call with the same application, such as a second process. */
const usedShare = 0.9;

/** Returns how many calls we allow ourselves for a budget. */
export function limitsOf(budget: Budget): CallLimits {
  const { perMinute, perHour, concurrency } = published[budget];
  const used = (limit: number) => Math.floor(limit * usedShare);
  return {
    perMinute: used(perMinute),
    ...(perHour === undefined ? {} : { perHour: used(perHour) }),
    concurrency,
  };
}
