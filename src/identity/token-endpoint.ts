import { z } from 'zod';
import type { HttpClient, HttpResponse } from '../http/client.ts';
import { describeConnectionError } from '../http/connection-error.ts';
import { scrub } from '../http/scrub.ts';
import type { Clock } from '../runtime/clock.ts';
import {
  type Applicant,
  IdentityError,
  nameOf,
  refusedToken,
  unreachableAuthority,
} from './identity-error.ts';
import { isBearerToken } from './token-request.ts';

/** A token with what came beside it. */
export interface TokenAnswer {
  readonly token: string;
  /** How long it holds from the moment it was asked for, ms. */
  readonly lifetimeMs: number;
  /** The next refresh token, in grants that have one. */
  readonly refreshToken: string | undefined;
  /** Delegated permissions, as the endpoint names them. */
  readonly scopes: readonly string[];
}

/** What a form is posted with. */
export interface TokenPost {
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly applicant: Applicant;
  readonly http: HttpClient;
  readonly clock: Pick<Clock, 'now'>;
}

/** The v1 endpoint writes its numbers as text, its documentation as numbers (reference §2.1). */
const answerShape = z.object({
  access_token: z.string().refine(isBearerToken),
  expires_in: z.coerce.number().positive(),
  refresh_token: z.string().min(1).optional().catch(undefined),
  scope: z.string().optional().catch(undefined),
});

/**
 * Posts a form to a token endpoint and returns the token it answers with. Throws `IdentityError`, or the signal's
 * reason.
 */
export async function postForToken(post: TokenPost, signal: AbortSignal): Promise<TokenAnswer> {
  return readTokenAnswer(post, await postForm(post, signal));
}

/** Returns the token in an answer to `post`. Throws `IdentityError` when there is none. */
export function readTokenAnswer({ applicant, clock }: TokenPost, answer: HttpResponse): TokenAnswer {
  if (answer.status !== 200) throw refusedToken(applicant, answer, clock.now());
  const parsed = answerShape.safeParse(parseJson(answer.body)).data;
  if (parsed === undefined) {
    throw new IdentityError(
      'IDENTITY_UNAVAILABLE',
      `${nameOf(applicant)}: the token endpoint answered 200 without a token`,
      { retryable: true },
    );
  }
  return {
    token: parsed.access_token,
    lifetimeMs: parsed.expires_in * 1000,
    refreshToken: parsed.refresh_token,
    scopes: parsed.scope?.split(' ').filter((scope) => scope !== '') ?? [],
  };
}

/** Posts a form to an endpoint of the authority, whatever it answers. Throws as `postForToken` does, but for refusals. */
export async function postForm(
  { url, form, applicant, http }: TokenPost,
  signal: AbortSignal,
): Promise<HttpResponse> {
  try {
    return await http.request(
      {
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
        body: new URLSearchParams(form).toString(),
      },
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw unreachableAuthority(
      applicant,
      scrub(describeConnectionError(error, url), applicant.secrets),
      error,
    );
  }
}

/** Returns the JSON of an answer; undefined when it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
