import type { Clock } from '../runtime/clock.ts';
import type { HttpResponse } from './client.ts';
import { parseRetryAfter, senderNow } from './retry-after.ts';

const minuteMs = 60_000;
const quarterMs = 900_000;
const hourMs = 3_600_000;
const firstBackoffMs = 15_000;
const longestBackoffMs = 300_000;

/**
 * Returns for how long a 429 asks to make no call, ms (reference §2.6): its Retry-After; else to the end of the minute
 * or hour whose quota its body names; for hunting, whose 429 is also a quota of CPU, to the next quarter of an hour;
 * else a back-off from 15 s to 5 min with jitter. Dates and ends are taken by the API's own clock. `attempt` counts the
 * 429s in a row, from 1.
 */
export function throttledFor(answer: HttpResponse, url: string, attempt: number, clock: Clock): number {
  const nowMs = senderNow(answer, clock.now());
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], nowMs);
  // A Retry-After of 0 after a 429 would have us hammer, and calls made while throttled count (reference §2.6).
  if (retryAfterMs !== undefined) return Math.max(retryAfterMs, 1000);
  const quota = /\bper (\d\d):(\d\d):\d\d/.exec(answer.body);
  if (quota !== null) return leftOf(nowMs, quota[1] === '00' ? minuteMs : hourMs);
  if (/hunting|advancedqueries/i.test(url)) return leftOf(nowMs, quarterMs);
  const ceilingMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt);
  return Math.round(firstBackoffMs + clock.random() * (ceilingMs - firstBackoffMs));
}

function leftOf(nowMs: number, spanMs: number): number {
  return spanMs - (nowMs % spanMs);
}
