/** The longest wait that a `Retry-After` is followed for, ms: a day. What asks for more is taken as a day. */
const longestMs = 86_400_000;

/**
 * Returns how long a `Retry-After` header asks to wait, in ms from `nowMs` (ms since 1970): whole or fractional
 * seconds, or an HTTP date (RFC 9110 §10.2.3). A date that has passed is 0. Undefined when the header is missing or
 * neither, so that the caller's own back-off holds.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), longestMs);
  // `Date.parse` takes a bare number or '-5' for a year: only what starts with a weekday is an HTTP date.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  // The asctime form names no zone and means UTC; `Date.parse` would take it for local time.
  const atMs = Date.parse(/\d$/.test(text) ? `${text} GMT` : text);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(atMs - nowMs, 0), longestMs);
}
