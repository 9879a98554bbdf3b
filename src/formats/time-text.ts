import type { TimeText } from '../event.ts';
import { epochMs, parseInstant } from '../fields/instant.ts';

const firstOf13Digits = 1_000_000_000_000;
const lastOf13Digits = 9_999_999_999_999;

const digitZero = 0x30;
const letterZ = 0x5a;

/** `2026-11-03T08:26:10.1234567Z`, with fewer digits or without `Z`: what nearly every time of a record is. */
const commonForm = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,7})?Z?$/;
const fractionAt = 20;

const hourSeconds = 3600;
const daySeconds = 24 * hourSeconds;

/** The time asked for last, and what it came to: a record tells one time in several places. */
let lastTime: TimeText;
let lastText: string | undefined;

/**
 * Returns a time as 13-digit epoch milliseconds (formats reference §1.2), cut down from Microsoft's 7 fractional
 * digits; undefined for what is no time, and for one outside the years 2001 to 2286, whose milliseconds have another
 * number of digits and would be taken for seconds.
 */
export function epochMsText(time: TimeText): string | undefined {
  if (time === undefined) return undefined;
  if (time !== lastTime) {
    lastText = msText(time);
    lastTime = time;
  }
  return lastText;
}

/**
 * Returns a time as ISO 8601 with `Z`, its digits as sent, at most 7 of a second (formats reference §1.2); undefined for
 * what is no time.
 */
export function isoText(time: string): string | undefined {
  if (!commonForm.test(time) || daysSince1970(time) === undefined) return parseInstant(time);
  return time.charCodeAt(time.length - 1) === letterZ ? time : `${time}Z`;
}

function msText(time: string): string | undefined {
  const days = commonForm.test(time) ? daysSince1970(time) : undefined;
  if (days === undefined) return otherFormText(time);
  const ofDay = twoDigits(time, 11) * hourSeconds + twoDigits(time, 14) * 60 + twoDigits(time, 17);
  const seconds = days * daySeconds + ofDay;
  if (seconds < firstOf13Digits / 1000 || seconds * 1000 > lastOf13Digits) return undefined;
  // In two parts, since V8 takes several times as long to write a number of 13 digits.
  return String(seconds) + threeDigits(time);
}

function otherFormText(time: string): string | undefined {
  const instant = parseInstant(time);
  if (instant === undefined) return undefined;
  const ms = epochMs(instant);
  return ms >= firstOf13Digits && ms <= lastOf13Digits ? String(ms) : undefined;
}

/** The month asked for last, as a number: the times of a page fall in few. */
let lastMonth = 0;
let lastMonthStart = 0;
let lastMonthDays = 0;

/**
 * Returns how many days before that of a time in the common form have passed since 1970; undefined for a day that does
 * not exist or lies before it.
 */
function daysSince1970(time: string): number | undefined {
  const year = twoDigits(time, 0) * 100 + twoDigits(time, 2);
  const month = twoDigits(time, 5);
  if (year * 100 + month !== lastMonth) readMonth(year, month);
  const day = twoDigits(time, 8);
  return day >= 1 && day <= lastMonthDays ? lastMonthStart + day - 1 : undefined;
}

function readMonth(year: number, month: number): void {
  lastMonth = year * 100 + month;
  lastMonthStart = Date.UTC(year, month - 1) / (daySeconds * 1000);
  // No day of a month that there is not, or that lies before 1970.
  lastMonthDays =
    month < 1 || month > 12 || year < 1970 ? 0 : new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Returns the milliseconds of a time in the common form, whatever digits of a second it has. */
function threeDigits(time: string): string {
  const fraction = time.slice(fractionAt, fractionAt + 3);
  if (fraction.length === 3 && fraction.charCodeAt(2) !== letterZ) return fraction;
  return fraction.replace('Z', '').padEnd(3, '0');
}

/** Returns the number that two digits make. */
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - digitZero) * 10 + text.charCodeAt(at + 1) - digitZero;
}
