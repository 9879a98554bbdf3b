import { ConnectorError, type FailureCode } from '../errors.ts';
import type { HttpResponse } from '../http/client.ts';
import { parseRetryAfter, senderNow } from '../http/retry-after.ts';
import { scrub } from '../http/scrub.ts';
import { entraAdvice, parseEntraAnswer } from './entra-errors.ts';

/** A token that could not be had, and whether asking again may help. */
export class IdentityError extends ConnectorError {
  readonly retryable: boolean;
  /** How long the authority asked to wait, ms; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;
  /** The AADSTS code of the refusal; undefined where there was none. */
  readonly entraCode: number | undefined;
  /** The sentence of the message that says what to do, where the refusal has one. */
  readonly advice: string | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: {
      retryable: boolean;
      retryAfterMs?: number | undefined;
      entraCode?: number | undefined;
      advice?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(code, message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IdentityError';
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.entraCode = options.entraCode;
    this.advice = options.advice;
  }
}

/** Whose token was asked for: for messages. */
export interface Applicant {
  readonly tenant: string;
  /** Client id; undefined for a system-assigned managed identity, and for a question that needs no identity. */
  readonly clientId: string | undefined;
  /** The platform's own endpoint is asked (managed identity), not Entra ID. */
  readonly managed?: boolean;
  /** What must never be printed: the secret or assertion of this request. */
  readonly secrets: readonly string[];
}

/**
 * Returns the error for a token request that was answered, but with no token: IDENTITY_REFUSED with what to do for a
 * refusal (by the code, never by the prose: reference §2.1), IDENTITY_UNAVAILABLE for a passing trouble.
 */
export function refusedToken(applicant: Applicant, answer: HttpResponse, nowMs: number): IdentityError {
  const { status } = answer;
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], senderNow(answer, nowMs));
  const entra = parseEntraAnswer(answer.body);
  const advice = entra?.code === undefined ? undefined : entraAdvice(entra.code, applicant.tenant);
  // The platform's endpoint answers 404 and 410 while it starts or is updated (reference §2.1, "Managed identity").
  const starting = applicant.managed === true && (status === 404 || status === 410);
  const transient = status === 429 || status >= 500 || starting || advice?.transient === true;
  const say = (code: FailureCode, words: string) =>
    new IdentityError(code, words, {
      retryable: transient,
      retryAfterMs,
      entraCode: entra?.code,
      advice: advice?.advice,
    });
  if (entra === undefined) {
    const what = `${nameOf(applicant)}: the token endpoint answered ${status} without Entra ID's error JSON`;
    const next = transient
      ? 'it is asked again'
      : 'check `endpoints.authority`, the proxy, and that the identity exists';
    return say(transient ? 'IDENTITY_UNAVAILABLE' : 'IDENTITY_REFUSED', `${what}: ${next}`);
  }
  const quote = (text: string) => fitToTell(text, applicant.secrets);
  const named = entra.code === undefined ? quote(entra.error ?? String(status)) : `AADSTS${entra.code}`;
  const own = entra.description === undefined ? '' : ` Entra ID: "${quote(entra.description)}"`;
  const sentence =
    advice === undefined
      ? `${quote(entra.error ?? '')}.${own}`
      : `${advice.advice}${advice.verbatim ? own : ''}`;
  const ids = `(trace id ${quote(entra.traceId ?? 'unknown')}, correlation id ${quote(entra.correlationId ?? 'unknown')})`;
  const failed = transient ? 'gave no token' : 'refused the identity';
  return say(
    transient ? 'IDENTITY_UNAVAILABLE' : 'IDENTITY_REFUSED',
    `${nameOf(applicant)}: Entra ID ${failed}: ${named}: ${sentence} ${ids}`,
  );
}

/** The longest piece of an answer that a message quotes, characters. */
const longestQuote = 800;

/** Returns what a peer said, without secrets, on one line and cut: it may repeat what it was sent, and steer a terminal. */
function fitToTell(text: string, secrets: readonly string[]): string {
  const line = scrub(text, secrets)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return line.length <= longestQuote ? line : `${line.slice(0, longestQuote).toWellFormed()}…`;
}

/** Returns the error for a token request without an answer; `words` say why. It may be tried again. */
export function unreachableAuthority(applicant: Applicant, words: string, cause: unknown): IdentityError {
  return new IdentityError(
    'IDENTITY_UNAVAILABLE',
    scrub(`${nameOf(applicant)}: the token endpoint could not be reached: ${words}`, applicant.secrets),
    { retryable: true, cause },
  );
}

/** Returns `tenant contoso, application 1111…`, as every message about an identity begins. */
export function nameOf({ tenant, clientId, managed }: Omit<Applicant, 'secrets'>): string {
  if (clientId !== undefined) return `tenant ${tenant}, application ${clientId}`;
  return managed === true ? `tenant ${tenant}, managed identity` : `tenant ${tenant}`;
}
