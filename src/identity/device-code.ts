import { z } from 'zod';
import type { HttpClient, HttpResponse } from '../http/client.ts';
import { parseRetryAfter, senderNow } from '../http/retry-after.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Endpoints } from './clouds.ts';
import { parseEntraAnswer } from './entra-errors.ts';
import { type Applicant, IdentityError, nameOf, refusedToken } from './identity-error.ts';
import { parseJson, postForm, readTokenAnswer, type TokenPost } from './token-endpoint.ts';

/** Who is to sign in, for what, and how the code gets to the person. */
export interface DeviceCodeSignIn {
  readonly http: HttpClient;
  readonly endpoints: Pick<Endpoints, 'authority'>;
  /** GUID of the directory, or a verified domain. */
  readonly tenantId: string;
  /** The tenant's name in the configuration, for messages; without it, its id. */
  readonly tenant?: string;
  /** Of a public client. */
  readonly clientId: string;
  /** Such as `https://graph.microsoft.com/.default` and `offline_access`. */
  readonly scopes: readonly string[];
  readonly clock: Clock;
  /** Shows Entra ID's words to the person: where to go, and the code to enter. */
  readonly show: (message: string) => void;
}

/** What a person who signed in leaves. */
export interface SignedIn {
  readonly accessToken: string;
  /** How long it holds from the moment it was asked for, ms. */
  readonly lifetimeMs: number;
  /** Only where `offline_access` was asked for. */
  readonly refreshToken: string | undefined;
  /** Granted delegated permissions. */
  readonly scopes: readonly string[];
}

const codeShape = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(1),
  verification_uri: z.string().min(1),
  // RFC 8628 §3.2: five seconds where it does not say; Entra ID's codes hold for 15 minutes (reference §11.3).
  interval: z.coerce.number().positive().catch(5),
  expires_in: z.coerce.number().positive().catch(900),
  message: z.string().optional().catch(undefined),
});

/** What `slow_down` adds to the pause, ms (RFC 8628 §3.5). */
const slowerByMs = 5_000;

/**
 * Lets a person sign in with a code on another device (RFC 8628, reference §11.3): shows the code, and waits until it is
 * confirmed. Throws IDENTITY_REFUSED with what to do when the person declines, lets the code expire or may not sign in
 * this way; IDENTITY_UNAVAILABLE when the authority cannot be had; or the signal's reason.
 */
export async function signInWithDeviceCode(signIn: DeviceCodeSignIn, signal: AbortSignal): Promise<SignedIn> {
  const { http, clock, clientId, tenantId } = signIn;
  const applicant: Applicant = { tenant: signIn.tenant ?? tenantId, clientId, secrets: [] };
  const base = `${signIn.endpoints.authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0`;
  const askedAtMs = elapsedMs(clock);
  const asked = await postForm(
    {
      url: `${base}/devicecode`,
      form: { client_id: clientId, scope: signIn.scopes.join(' ') },
      applicant,
      http,
      clock,
    },
    signal,
  );
  if (asked.status !== 200) throw refusedToken(applicant, asked, clock.now());
  const code = codeShape.safeParse(parseJson(asked.body)).data;
  if (code === undefined) {
    throw new IdentityError('IDENTITY_UNAVAILABLE', `${nameOf(applicant)}: no device code was given`, {
      retryable: true,
    });
  }
  signIn.show(
    onOneLine(code.message ?? `Open ${code.verification_uri} and enter the code ${code.user_code}.`),
  );
  const post: TokenPost = {
    url: `${base}/token`,
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: clientId,
      device_code: code.device_code,
    },
    applicant: { ...applicant, secrets: [code.device_code] },
    http,
    clock,
  };
  return waitForPerson(post, signal, {
    intervalMs: code.interval * 1000,
    untilMs: askedAtMs + code.expires_in * 1000,
    clock,
  });
}

async function waitForPerson(
  post: TokenPost,
  signal: AbortSignal,
  {
    intervalMs,
    untilMs,
    clock,
  }: { readonly intervalMs: number; readonly untilMs: number; readonly clock: Clock },
): Promise<SignedIn> {
  let pauseMs = intervalMs;
  for (;;) {
    await clock.sleep(pauseMs, signal);
    signal.throwIfAborted();
    const nowMs = elapsedMs(clock);
    if (nowMs >= untilMs) throw expired(post.applicant);
    const answer = await answerOrUndefined(post, signal);
    if (answer?.status === 200) {
      const { token, ...rest } = readTokenAnswer(post, answer);
      return {
        accessToken: token,
        lifetimeMs: rest.lifetimeMs,
        refreshToken: rest.refreshToken,
        scopes: rest.scopes,
      };
    }
    if (answer === undefined) continue;
    const error = parseEntraAnswer(answer.body)?.error;
    const refusal = refusedToken(post.applicant, answer, clock.now());
    if (error === 'slow_down') pauseMs += slowerByMs;
    else if (error !== 'authorization_pending' && !refusal.retryable) throw refusal;
    const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], senderNow(answer, clock.now())) ?? 0;
    if (retryAfterMs > pauseMs) await clock.sleep(retryAfterMs - pauseMs, signal);
  }
}

/** A network that is away for a moment must not cost the person another code. */
async function answerOrUndefined(post: TokenPost, signal: AbortSignal): Promise<HttpResponse | undefined> {
  try {
    return await postForm(post, signal);
  } catch (error) {
    if (error instanceof IdentityError && error.retryable) return undefined;
    throw error;
  }
}

function expired(applicant: Applicant): IdentityError {
  return new IdentityError(
    'IDENTITY_REFUSED',
    `${nameOf(applicant)}: the code was not confirmed in time: start again, and enter the new code within 15 minutes`,
    { retryable: false },
  );
}

/** What comes over the network must not steer the terminal. */
function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}
