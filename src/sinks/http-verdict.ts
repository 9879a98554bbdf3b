import type { HttpResponse } from '../http/client.ts';
import { parseRetryAfter, senderNow } from '../http/retry-after.ts';
import { scrub } from '../http/scrub.ts';
import type { Verdict } from './http-delivery.ts';

/**
 * How long to wait when the answer points to the configuration rather than to the load, ms: a person has to act, and
 * credential files are read again within a minute (design §5).
 */
export const configurationRetryMs = 60_000;

/** Statuses that speak of the sink's options, whatever the record; so no record may become a dead letter for them. */
const advice: Readonly<Record<number, string>> = {
  401: 'the credentials are missing or wrong: check `auth` and `headers`',
  402: 'the receiver wants to be paid: check the subscription there',
  403: 'the credentials are known but not allowed to write: check the permissions there',
  404: 'there is nothing at this address: check `url`',
  405: 'the address does not take this method: check `url` and `method`',
  407: 'the proxy wants credentials: check `proxy`',
  410: 'the receiver says that this address is gone for good: check `url`',
  415: 'the receiver does not take this content type: check `body` and `format`',
  421: 'the server does not serve this host: check `url`',
  426: 'the receiver wants another protocol: check `url`',
  431: 'the receiver finds the headers too large: check `headers`',
};

/** Statuses by which a receiver asks to try again (formats reference §9.4). */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Returns what an answer says of the payloads, by its status alone (formats reference §9.4). `secrets` are struck out
 * where the answer repeats them.
 */
export function verdictOf(
  response: HttpResponse,
  url: string,
  nowMs: number,
  secrets: readonly string[] = [],
): Verdict {
  const { status } = response;
  const said = excerpt(response.body, secrets);
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status >= 300 && status < 400) return redirected(response, url);
  const words = `${originOf(url)} answered ${status}`;
  if (later.has(status) || status >= 500) return deferred(response, `${words}${said}`, nowMs);
  if (status === 413) return { kind: 'too-large', reason: `${words}: larger than the receiver takes` };
  const hint = advice[status];
  if (hint === undefined) return { kind: 'refused', reason: `${words}${said}` };
  return { kind: 'deferred', reason: `${words}: ${hint}${said}`, retryAfterMs: configurationRetryMs };
}

/** Returns "later", with the time of the answer's Retry-After if it names one. */
export function deferred(
  response: HttpResponse,
  reason: string,
  nowMs: number,
): Extract<Verdict, { kind: 'deferred' }> {
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], senderNow(response, nowMs));
  return { kind: 'deferred', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Returns scheme, host and port of a URL: what a message may tell of it. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}

/** Credentials must not follow a redirect, nor events one that nobody has checked; so a person decides. */
function redirected(response: HttpResponse, url: string): Verdict {
  const target = URL.parse(response.headers.location ?? '', url);
  const where = target === null ? 'nowhere' : `${target.host}`;
  const reason = `${originOf(url)} answered ${response.status}, a redirect to ${where}, which is not followed: set \`url\` to the final address`;
  return { kind: 'deferred', reason, retryAfterMs: configurationRetryMs };
}

/** The beginning of an answer's body on one line, led by a colon, for whoever has to find out why; `` when empty. */
export function excerpt(body: string, secrets: readonly string[]): string {
  const text = scrub(body, secrets)
    .slice(0, 2_000)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return text === '' ? '' : `: ${Array.from(text).slice(0, 200).join('')}`;
}
