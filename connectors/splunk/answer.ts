import type { HttpResponse } from '../../src/http/client.ts';
import type { Verdict } from '../../src/sinks/http-delivery.ts';
import {
  configurationRetryMs,
  deferred,
  excerpt,
  originOf,
  verdictOf,
} from '../../src/sinks/http-verdict.ts';

/** What to do about the codes that speak of the token or the index: no event is at fault (formats reference §5.4). */
const advice: Readonly<Record<number, string>> = {
  1: 'the token is disabled: enable it under Settings, Data inputs, HTTP Event Collector, and enable all tokens in its Global Settings',
  2: 'the token did not arrive: a proxy may drop the Authorization header',
  3: 'the Authorization header was not understood: check `token`, and any proxy in between',
  4: 'the token is unknown: check `token`; a new one takes a while to reach every indexer',
  7: 'the index does not exist, or the token may not write to it: create it, and add it to the allowed indexes of the token, or correct `index`',
  10: 'the token demands indexer acknowledgement: set `acknowledge: true`; where it is set, a proxy drops the header X-Splunk-Request-Channel',
  14: 'the token gives no acknowledgements: enable indexer acknowledgement at the token under Settings, Data inputs, HTTP Event Collector, or set `acknowledge: false` (Splunk Cloud has none)',
  16: 'the token arrived in the query: check `url`, and any proxy in between',
  21: 'the token is unknown: check `token`',
  22: 'the token is disabled: enable it under Settings, Data inputs, HTTP Event Collector',
};

/** Codes that speak of one event: no JSON, no or a blank `event`, bad `fields` or `time`. */
const badEvent: ReadonlySet<number> = new Set([6, 12, 13, 15]);
/** Codes of success; the last two ask for less speed. */
const success: ReadonlySet<number> = new Set([0, 17, 24, 25]);
/** Codes of a receiver that is busy, ill or leaving, and of a channel in whose place there is a new one for the next try. */
const busy: ReadonlySet<number> = new Set([8, 9, 11, 18, 19, 20, 23, 26, 27]);

/** What HEC said, as far as it is HEC that spoke. */
interface HecAnswer {
  readonly code: number | undefined;
  readonly text: string;
  /** 0-based position of the event that was refused; those before it are indexed. */
  readonly invalidEvent: number | undefined;
  /** The id by which the acknowledgement is to be asked for. */
  readonly ackId: number | undefined;
}

/** Returns what an answer of HEC says of the events in its request, by code first, else by status (§5.4). */
export function hecVerdict(response: HttpResponse, url: string, nowMs: number, token: string): Verdict {
  const { code, text, invalidEvent } = readAnswer(response.body);
  if (code === undefined) return foreignVerdict(response, url, nowMs, token);
  const words = `${originOf(url)} answered code ${code}, ${text === '' ? 'without words' : excerpt(text, [token]).slice(2)}`;
  if (success.has(code) && response.status < 300) return { kind: 'accepted' };
  if (busy.has(code)) return deferred(response, words, nowMs);
  if (badEvent.has(code)) {
    if (invalidEvent === undefined) return { kind: 'refused', reason: words };
    return { kind: 'refused-at', index: invalidEvent, reason: words };
  }
  const hint = advice[code];
  if (hint === undefined && response.status >= 500) return deferred(response, words, nowMs);
  // A code that nobody knows says nothing of any event: better to wait for a person than to drop.
  return slowly(`${words}: ${hint ?? 'this code is unknown here'}`);
}

/** Tells whether HEC asks for less speed while it takes everything (codes 24 and 25). */
export function asksToSlowDown(response: HttpResponse): boolean {
  const { code } = readAnswer(response.body);
  return code === 24 || code === 25;
}

/** Returns the code of an answer; undefined when it is not HEC that answered. */
export function hecCode(response: HttpResponse): number | undefined {
  return readAnswer(response.body).code;
}

/** Returns the id of a request's acknowledgement; undefined when there is none to be had. */
export function ackIdOf(response: HttpResponse): number | undefined {
  return readAnswer(response.body).ackId;
}

/** Returns the ids that are acknowledged, of those asked for; undefined when the answer is none to that question. */
export function acksOf(response: HttpResponse): readonly number[] | undefined {
  if (response.status < 200 || response.status > 299) return undefined;
  const { acks } = membersOf(response.body);
  if (typeof acks !== 'object' || acks === null) return undefined;
  return Object.entries(acks).flatMap(([id, done]) => (done === true ? [Number(id)] : []));
}

/** An answer without a code comes from a load balancer, a proxy, or another server altogether. */
function foreignVerdict(response: HttpResponse, url: string, nowMs: number, token: string): Verdict {
  const verdict = verdictOf(response, url, nowMs, [token]);
  const said = excerpt(response.body, [token]);
  const words = `${originOf(url)} answered ${response.status}, but not as an HTTP Event Collector does: check \`url\`${said}`;
  if (verdict.kind === 'accepted') return slowly(words);
  if (verdict.kind === 'refused') return slowly(words);
  return verdict;
}

function slowly(reason: string): Verdict {
  return { kind: 'deferred', reason, retryAfterMs: configurationRetryMs };
}

function readAnswer(body: string): HecAnswer {
  const members = membersOf(body);
  const { code, text } = members;
  return {
    code: typeof code === 'number' ? code : undefined,
    text: typeof text === 'string' ? text : '',
    invalidEvent: countIn(members['invalid-event-number']),
    ackId: countIn(members.ackId),
  };
}

function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function membersOf(body: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    answer = undefined; // Error bodies may be empty or HTML (§5.4).
  }
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
}
