import { isUtcText, msOfUtcText, utcTextOf } from './utc-text.ts';

declare const instantBrand: unique symbol;

/**
 * A point in time as fixed-width UTC text, `2026-11-03T08:26:10.1234567Z`: always 7 fractional digits, so that two
 * instants compare as text at Microsoft's resolution of 100 ns, which a JavaScript Date would cut to milliseconds
 * (API reference §2.4).
 */
export type Instant = string & { readonly [instantBrand]: true };

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?)?\s*(Z|z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;

/** The span in which a year has four digits, ms since 1970: outside it, text would no longer sort as time. */
const firstMs = Date.parse('0000-01-01T00:00:00Z');
const lastMs = Date.parse('9999-12-31T23:59:59Z');

/**
 * Reads an ISO 8601 time with 0 to 12 fractional digits (cut to 7), with `Z`, an offset, or neither (then UTC, as the
 * SIEM API means it), or a date alone. Returns undefined for anything else, and for a time that does not exist.
 */
export function parseInstant(text: string): Instant | undefined {
  if (isUtcText(text)) return fullWidth(text);
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  // 24:00 is the end of its day (ISO 8601:2004 §4.2.3): the next one's midnight.
  const endsDay = hour === '24' && Number(`${minute}${second}${fraction}`) === 0;
  const wholeSeconds = `${year}-${month}-${day}T${endsDay ? '00' : hour}:${minute}:${second}`;
  const ms = Date.parse(`${wholeSeconds}Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== wholeSeconds) return undefined;
  const utcMs = ms + (endsDay ? 86_400_000 : 0) - offsetMs(zone);
  if (utcMs < firstMs || utcMs > lastMs) return undefined;
  return secondsText(utcMs, fraction.slice(0, 7).padEnd(7, '0'));
}

const noTicks = '.0000000Z';

/** A UTC text with all of its 7 digits. */
function fullWidth(text: string): Instant {
  if (text.length === 28) return text as Instant;
  if (text.length === 20) return `${text.slice(0, 19)}${noTicks}` as Instant;
  return `${text.slice(0, -1)}${noTicks.slice(text.length - 20)}` as Instant;
}

/** Returns the instant of `ms` milliseconds since 1970; the first or last of the four-digit years beyond them. */
export function instantOf(ms: number): Instant {
  if (ms >= firstMs && ms <= lastMs) return `${utcTextOf(Math.floor(ms))}0000Z` as Instant;
  const whole = Math.floor(ms / 1000) * 1000;
  return secondsText(whole, `${String(Math.floor(ms) - whole).padStart(3, '0')}0000`);
}

/** Returns milliseconds since 1970, cut down (never rounded) from the instant's 100 ns. */
export function epochMs(instant: Instant): number {
  return msOfUtcText(instant);
}

/** Returns the instant moved by whole milliseconds, its 100-ns digits kept. */
export function addMs(instant: Instant, ms: number): Instant {
  return `${instantOf(epochMs(instant) + ms).slice(0, 23)}${instant.slice(23)}` as Instant;
}

/** Returns the next instant, 100 ns later. */
export function nextTick(instant: Instant): Instant {
  const ticks = Number(instant.slice(20, 27)) + 1;
  if (ticks < 10_000_000) return `${instant.slice(0, 20)}${String(ticks).padStart(7, '0')}Z` as Instant;
  return secondsText(Date.parse(`${instant.slice(0, 19)}Z`) + 1000, '0000000');
}

/** Returns the later of two instants. */
export function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** Returns the earlier of two instants. */
export function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

function offsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
}

function secondsText(ms: number, ticks: string): Instant {
  const within = Math.min(Math.max(ms, firstMs), lastMs);
  return `${new Date(within).toISOString().slice(0, 19)}.${ticks}Z` as Instant;
}
