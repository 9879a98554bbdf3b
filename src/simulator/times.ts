import { type Instant, instantOf } from '../fields/instant.ts';

/** Returns `instant` as Microsoft writes it: trailing zeros of the fraction dropped (API reference §2.4). */
export function trimmed(instant: Instant): string {
  return instant.replace(/\.?0+Z$/, 'Z');
}

/** Returns `ms` since 1970 with `ticks` (0 to 9999, of 100 ns) below the millisecond: a creation time's resolution. */
export function fineInstant(ms: number, ticks: number): Instant {
  const second = Math.floor(ms / 1000);
  return instantIn(second, (ms - second * 1000) * 10_000 + ticks);
}

/**
 * Returns the 1/300 s in which `ms` lies, as a time that went through a SQL datetime: its fraction ends in `3333333`
 * or `6666667` when written with 7 digits (API reference §2.4). Down, never up: an update is not later than now.
 */
export function sqlInstant(ms: number): Instant {
  const second = Math.floor(ms / 1000);
  const steps = Math.floor(((ms - second * 1000) * 300) / 1000);
  const ticks = Math.round((steps * 10_000_000) / 300);
  return instantIn(second, ticks);
}

/** A long history has few days and many instants: only the days are worked out by the calendar. */
const days = new Map<number, string>();

function instantIn(second: number, ticks: number): Instant {
  const day = Math.floor(second / 86_400);
  const date = days.get(day) ?? instantOf(day * 86_400_000).slice(0, 11);
  days.set(day, date);
  const rest = second - day * 86_400;
  const [hours, minutes] = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60];
  return `${date}${two(hours)}:${two(minutes)}:${two(rest % 60)}.${String(ticks).padStart(7, '0')}Z` as Instant;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
