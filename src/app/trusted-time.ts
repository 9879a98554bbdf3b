import { epochMs } from '../fields/instant.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';

/** Returns a time, ms since 1970, that is surely not ahead of the true one. */
export type TrustedTime = () => Promise<number>;

/**
 * Returns the time by which old rows are deleted. A host's clock that jumps ahead for a minute would delete what is
 * kept for days, so it is believed no further than to the latest watermark, which the API's own clock has bounded, and
 * the time that has run since that one came. 0 before the first watermark: nothing is old enough then.
 */
export function createTrustedTime(store: Pick<Store, 'progress'>, clock: Clock): TrustedTime {
  let attestedMs = 0;
  let attestedAtMs = 0;
  return async () => {
    const { sources } = await store.progress();
    const latest = Math.max(0, ...sources.flatMap(({ watermark }) => watermark ?? []).map(epochMs));
    if (latest > attestedMs) {
      attestedMs = latest;
      attestedAtMs = elapsedMs(clock);
    }
    if (attestedMs === 0) return 0;
    return Math.min(clock.now(), attestedMs + elapsedMs(clock) - attestedAtMs);
  };
}
