import type { TimeText } from '../event.ts';
import { epochMs, parseInstant } from '../fields/instant.ts';

const firstOf13Digits = 1_000_000_000_000;
const lastOf13Digits = 9_999_999_999_999;

const digitZero = 0x30;
const letterZ = 0x5a;
const secondsEnd = 19;

/**
 * Returns a time as 13-digit epoch milliseconds (formats reference §1.2), cut down from Microsoft's 7 fractional
 * digits; undefined for what is no time, and for one outside the years 2001 to 2286, whose milliseconds have another
 * number of digits and would be taken for seconds.
 */
export function epochMsText(time: TimeText): string | undefined {
  if (time === undefined) return undefined;
  const ms = commonFormMs(time) ?? otherFormMs(time);
  return ms !== undefined && ms >= firstOf13Digits && ms <= lastOf13Digits ? String(ms) : undefined;
}

/**
 * Returns a time as ISO 8601 with `Z`, its digits as sent, at most 7 of a second (formats reference §1.2); undefined for
 * what is no time.
 */
export function isoText(time: string): string | undefined {
  if (commonFormMs(time) === undefined) return parseInstant(time);
  return time.charCodeAt(time.length - 1) === letterZ ? time : `${time}Z`;
}

function otherFormMs(time: string): number | undefined {
  const instant = parseInstant(time);
  return instant === undefined ? undefined : epochMs(instant);
}

/** Reads `2026-11-03T08:26:10.1234567Z`, with fewer digits or without `Z`: what nearly every time of a record is. */
function commonFormMs(time: string): number | undefined {
  const ms = fractionMs(time);
  if (ms < 0 || time[4] !== '-' || time[7] !== '-' || time[10] !== 'T') return undefined;
  if (time[13] !== ':' || time[16] !== ':') return undefined;
  const year = digits(time, 0, 4);
  const month = digits(time, 5, 7);
  const day = digits(time, 8, 10);
  const hour = digits(time, 11, 13);
  const minute = digits(time, 14, 16);
  const second = digits(time, 17, 19);
  if (year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return undefined;
  // Days after the 28th depend on the month: left to the thorough reader when the date would roll over.
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const whole = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  return day > 28 && new Date(whole).getUTCDate() !== day ? undefined : whole;
}

/** Returns the milliseconds of what follows the seconds, or -1 when that is no fraction of 1 to 7 digits and `Z`. */
function fractionMs(time: string): number {
  const end = time.charCodeAt(time.length - 1) === letterZ ? time.length - 1 : time.length;
  if (end === secondsEnd) return 0;
  const count = end - secondsEnd - 1;
  if (count < 1 || count > 7 || time[secondsEnd] !== '.') return -1;
  const fraction = digits(time, secondsEnd + 1, end);
  return fraction < 0 ? -1 : Math.floor((fraction * 1000) / 10 ** count);
}

/** Returns the number that the characters in `[from, to)` make, or -1 when one is no digit. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - digitZero;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}
