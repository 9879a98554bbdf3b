import type { Quota } from './api.ts';

/** Which quota a call went over. */
export interface Excess {
  readonly allowed: number;
  readonly per: 'minute' | 'hour';
  /** Until calls are taken again, seconds, at least 1. */
  readonly waitSeconds: number;
}

const spans = { minute: 60_000, hour: 3_600_000 } as const;

/**
 * Counts calls by caller and API in minutes and hours of the clock. Calls that are refused count too: hammering keeps
 * the throttle up (API reference §2.6).
 */
export class Quotas {
  readonly #counts = new Map<string, { slot: number; calls: number }>();

  /** Counts a call of `caller` at `now` (ms since 1970). Returns the quota that it goes over, if any. */
  count(caller: string, quota: Quota, now: number): Excess | undefined {
    const minute = this.#over(caller, 'minute', quota.perMinute, now);
    const hour = this.#over(caller, 'hour', quota.perHour, now);
    return hour ?? minute;
  }

  /** Forgets all counts. */
  clear(): void {
    this.#counts.clear();
  }

  #over(
    caller: string,
    per: 'minute' | 'hour',
    allowed: number | undefined,
    now: number,
  ): Excess | undefined {
    if (allowed === undefined) return undefined;
    const key = `${per} ${caller}`;
    const slot = Math.floor(now / spans[per]);
    const known = this.#counts.get(key);
    const count = known?.slot === slot ? known : { slot, calls: 0 };
    count.calls += 1;
    this.#counts.set(key, count);
    if (count.calls <= allowed) return undefined;
    return { allowed, per, waitSeconds: Math.max(1, Math.ceil(((slot + 1) * spans[per] - now) / 1000)) };
  }
}
