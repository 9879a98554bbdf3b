import type { Clock } from '../runtime/clock.ts';
import type { HttpResponse } from './client.ts';
import { parseRetryAfter } from './retry-after.ts';

const minuteMs = 60_000;
const quarterMs = 900_000;
const hourMs = 3_600_000;
const firstBackoffMs = 15_000;
const longestBackoffMs = 300_000;

/**
 * Returns until when a 429 asks to make no call, ms since 1970 (reference §2.6): its Retry-After; else the end of the
 * minute or hour whose quota its body names; for hunting, whose 429 is also a quota of CPU, the next quarter of an
 * hour; else a back-off from 15 s to 5 min with jitter. `attempt` counts the 429s in a row, from 1.
 */
export function throttledUntil(answer: HttpResponse, url: string, attempt: number, clock: Clock): number {
  const nowMs = clock.now();
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], nowMs);
  // A Retry-After of 0 after a 429 would have us hammer, and calls made while throttled count (reference §2.6).
  if (retryAfterMs !== undefined) return nowMs + Math.max(retryAfterMs, 1000);
  const quota = /\bper (\d\d):(\d\d):\d\d/.exec(answer.body);
  if (quota !== null) return boundaryAfter(nowMs, quota[1] === '00' ? minuteMs : hourMs);
  if (/hunting|advancedqueries/i.test(url)) return boundaryAfter(nowMs, quarterMs);
  const ceilingMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt);
  return nowMs + Math.round(firstBackoffMs + clock.random() * (ceilingMs - firstBackoffMs));
}

function boundaryAfter(nowMs: number, spanMs: number): number {
  return (Math.floor(nowMs / spanMs) + 1) * spanMs;
}
