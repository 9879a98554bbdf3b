import type { FailureCode } from '../errors.ts';
import type { Api } from '../identity/clouds.ts';
import { retirements } from '../identity/retirements.ts';
import { readClaims } from '../identity/token-claims.ts';
import { type ApiAnswer, answeredAt, bodyFault, isPartial } from './api-answer.ts';
import { describeAnswer, licenceRefusal, parseApiError, parseMissingPermission } from './api-error.ts';
import { type HttpResponse, type ReceivedResponse, receivedResponse } from './client.ts';
import { connectionFailure, describeConnectionError } from './connection-error.ts';
import { parseRetryAfter, senderNow } from './retry-after.ts';

/** What an exchange comes to. `words` never hold the token. */
export type Verdict =
  | { readonly kind: 'answer'; readonly answer: ApiAnswer }
  | { readonly kind: 'redirect'; readonly to: string | undefined; readonly words: string }
  /** 401: a fresh token may do. */
  | { readonly kind: 'unauthorised'; readonly words: string }
  /** 403 that the API itself did not write: gateways in between answer so now and then. */
  | { readonly kind: 'blocked'; readonly words: string }
  /** 429: `throttledUntil` reads from the answer for how long. */
  | { readonly kind: 'throttled'; readonly words: string; readonly answer: HttpResponse }
  /** May pass; `waitMs` when the API named a time. */
  | {
      readonly kind: 'passing';
      readonly code: FailureCode;
      readonly words: string;
      readonly waitMs: number | undefined;
      /** No whole answer came in time: to ask again costs as long as the time limit. */
      readonly slow?: boolean;
    }
  /** Does not pass by itself. */
  | { readonly kind: 'final'; readonly code: FailureCode; readonly words: string };

/** What a verdict depends on beside the answer. */
export interface CallFacts {
  readonly api: Api;
  readonly url: string;
  readonly token: string;
  /** Statuses that the caller deals with. */
  readonly expect: readonly number[];
  /** The permission that the call needs, where the caller named one. */
  readonly permission: string | undefined;
  /** The tenant's name in the configuration, for what to do. */
  readonly tenant: string;
  /** Now, ms since 1970. */
  readonly nowMs: number;
}

/** Returns what an answer comes to (reference §2.2, §2.5 and §2.6). Pure. */
export function judgeAnswer(answer: ReceivedResponse, facts: CallFacts): Verdict {
  const { status } = answer;
  if (facts.expect.includes(status)) return whole(answer);
  if (status >= 200 && status < 300) {
    const fault = bodyFault(answer);
    if (fault === undefined) return whole(answer);
    return {
      kind: 'passing',
      code: 'API_FAILED',
      words: `status ${status} with ${fault}`,
      waitMs: undefined,
    };
  }
  const words = describeAnswer(answer, facts.token);
  if (status >= 300 && status < 400) {
    const { location } = answer.headers;
    const to = location === undefined ? undefined : URL.parse(location, facts.url)?.href;
    return { kind: 'redirect', to, words };
  }
  if (status === 401) return unauthorised(answer, words);
  if (status === 403) return forbidden(answer, words, facts);
  if (status === 429) return { kind: 'throttled', words, answer };
  if (facts.api === 'siem' && (status === 404 || status === 410)) return retired(words);
  if (status >= 500 || status === 408) {
    const waitMs = parseRetryAfter(answer.headers['retry-after'], senderNow(answer, facts.nowMs));
    return { kind: 'passing', code: 'API_FAILED', words, waitMs };
  }
  return { kind: 'final', code: 'API_FAILED', words };
}

/** Returns what an exchange without an answer comes to. Pure. */
export function judgeFailure(error: unknown, facts: Pick<CallFacts, 'api' | 'url'>): Verdict {
  const failure = connectionFailure(error);
  const words = describeConnectionError(error, facts.url);
  // The host of a retired API is gone, or refuses (reference §1.1).
  if (facts.api === 'siem' && (failure === 'name-not-found' || failure === 'refused')) return retired(words);
  // Neither a certificate nor a size gets better by asking again.
  if (failure === 'certificate') return { kind: 'final', code: 'API_UNREACHABLE', words };
  if (failure === 'too-large') {
    return { kind: 'final', code: 'API_FAILED', words: `${words}: ask for smaller pages or shorter windows` };
  }
  return {
    kind: 'passing',
    code: 'API_UNREACHABLE',
    words,
    waitMs: undefined,
    slow: failure === 'timeout',
  };
}

function whole(answer: ReceivedResponse): Verdict {
  const facts = { partial: isPartial(answer), asOf: answeredAt(answer) };
  return { kind: 'answer', answer: Object.assign(receivedResponse(answer), facts) };
}

function retired(words: string): Verdict {
  return { kind: 'final', code: 'API_RETIRED', words: `${words}. ${retirements.detections.notice}` };
}

function unauthorised(answer: HttpResponse, words: string): Verdict {
  const licence = licenceRefusal(parseApiError(answer)?.message ?? '');
  if (licence === undefined) return { kind: 'unauthorised', words };
  return { kind: 'final', code: 'PERMISSION_MISSING', words: `${licence}. The API says: ${words}` };
}

function forbidden(answer: HttpResponse, words: string, facts: CallFacts): Verdict {
  const error = parseApiError(answer);
  if (error === undefined) return { kind: 'blocked', words };
  const advice = licenceRefusal(error.message) ?? permissionAdvice(error.code, error.message, facts);
  return { kind: 'final', code: 'PERMISSION_MISSING', words: `${advice}. The API says: ${words}` };
}

function permissionAdvice(code: string, message: string, facts: CallFacts): string {
  if (/DisabledFeature/i.test(code))
    return 'the tenant has not turned this feature on: turn it on in the Defender portal';
  const missing = parseMissingPermission(message);
  const required = facts.permission === undefined ? missing.required : [facts.permission];
  const { roles, scopes } = readClaims(facts.token);
  const granted = missing.granted ?? [...roles, ...scopes];
  const has = granted.length === 0 ? 'the token has none' : `the token has ${granted.join(', ')}`;
  if (required.length === 0) return `a permission is missing (${has}): run \`check --live\` to see which`;
  return `the permission ${required.join(' or ')} is missing (${has}): grant it and its admin consent, or run \`defender-siem provision --tenant ${facts.tenant} --repair\``;
}
