import type { TimeText } from '../event.ts';
import { epochMs, parseInstant } from '../fields/instant.ts';

const firstOf13Digits = 1_000_000_000_000;
const lastOf13Digits = 9_999_999_999_999;

/**
 * Returns a time as 13-digit epoch milliseconds (formats reference §1.2), cut down from Microsoft's 7 fractional
 * digits; undefined for what is no time, and for one outside the years 2001 to 2286, whose milliseconds have another
 * number of digits and would be taken for seconds.
 */
export function epochMsText(time: TimeText): string | undefined {
  if (time === undefined) return undefined;
  const instant = parseInstant(time);
  if (instant === undefined) return undefined;
  const ms = epochMs(instant);
  return ms >= firstOf13Digits && ms <= lastOf13Digits ? String(ms) : undefined;
}
