import { type Instant, instantOf } from '../fields/instant.ts';

/** Returns `instant` as Microsoft writes it: trailing zeros of the fraction dropped (API reference §2.4). */
export function trimmed(instant: Instant): string {
  return instant.replace(/\.?0+Z$/, 'Z');
}

/** Returns `ms` since 1970 with `ticks` (0 to 9999, of 100 ns) below the millisecond: a creation time's resolution. */
export function fineInstant(ms: number, ticks: number): Instant {
  return `${instantOf(ms).slice(0, 23)}${String(ticks).padStart(4, '0')}Z` as Instant;
}

/**
 * Returns the 1/300 s in which `ms` lies, as a time that went through a SQL datetime: its fraction ends in `3333333`
 * or `6666667` when written with 7 digits (API reference §2.4). Down, never up: an update is not later than now.
 */
export function sqlInstant(ms: number): Instant {
  const second = Math.floor(ms / 1000);
  const steps = Math.floor(((ms - second * 1000) * 300) / 1000);
  const ticks = Math.round((steps * 10_000_000) / 300);
  return `${instantOf(second * 1000).slice(0, 20)}${String(ticks).padStart(7, '0')}Z` as Instant;
}
