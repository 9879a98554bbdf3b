/** The longest wait that a `Retry-After` is followed for, ms: a day. What asks for more is taken as a day. */
const longestMs = 86_400_000;

/**
 * Returns the sender's own time when it answered (`Date`, RFC 9110 §6.6.1), ms since 1970; `nowMs` where it does not
 * tell. A date that it names is to be measured against this clock, since ours may be hours off.
 */
export function senderNow(
  answer: { readonly headers: Readonly<Record<string, string>> },
  nowMs: number,
): number {
  const ms = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(ms) ? nowMs : ms;
}

/**
 * Returns how long a `Retry-After` header asks to wait, in ms from `nowMs` (ms since 1970, by the sender's clock): whole or fractional
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
