import PQueue from 'p-queue';
import { messageOf } from '../errors.ts';
import type { Api, Endpoints } from './clouds.ts';
import type { UserCredential } from './credential.ts';
import { entraCodeMeans, loginAdvice } from './entra-errors.ts';
import { IdentityError, nameOf } from './identity-error.ts';
import { type HeldSignIn, withSignIn } from './sign-in-file.ts';
import type { StoredSignIn } from './sign-in-seal.ts';
import { postForToken, type TokenAnswer } from './token-endpoint.ts';
import type { IssuedToken, TokenRequest } from './token-request.ts';

/** A refresh token that Entra ID gave and the disk did not take, and the one that it stands in for. */
interface Unsaved {
  readonly insteadOf: string;
  readonly refreshToken: string;
}

/** Returns what gets tokens in the name of the person who signed in, for any API, by the refresh token in the file. */
export function createUserRequester(
  request: TokenRequest,
  credential: UserCredential,
): (api: Api, signal: AbortSignal) => Promise<IssuedToken> {
  const { tenant, clock } = request;
  const { clientId, cache } = credential;
  const named = nameOf({ tenant, clientId });
  // One at a time: each request may spend the refresh token that the one before it left.
  const queue = new PQueue({ concurrency: 1 });
  let unsaved: Unsaved | undefined;

  async function refresh(held: HeldSignIn, api: Api, signal: AbortSignal): Promise<IssuedToken> {
    const signIn = await held.read();
    if (signIn === undefined) {
      throw new IdentityError('IDENTITY_REFUSED', `${named}: nobody has signed in: ${loginAdvice(tenant)}`, {
        retryable: false,
      });
    }
    if (signIn.clientId.toLowerCase() !== clientId.toLowerCase()) {
      throw new IdentityError(
        'IDENTITY_REFUSED',
        `${named}: the sign-in in ${cache} is that of the application ${signIn.clientId}: ${loginAdvice(tenant)}`,
        { retryable: false },
      );
    }
    const refreshToken =
      unsaved?.insteadOf === signIn.refreshToken ? unsaved.refreshToken : signIn.refreshToken;
    let answer: TokenAnswer;
    try {
      answer = await redeem(request, clientId, refreshToken, api, signal);
    } catch (error) {
      if (error instanceof IdentityError && entraCodeMeans(error.entraCode, 'sign-in')) {
        await noteRefusal(held, signIn, error.message, clock.now());
      }
      throw error;
    }
    await keep(held, signIn, answer.refreshToken ?? refreshToken);
    return { token: answer.token, lifetimeMs: answer.lifetimeMs };
  }

  /** The newest refresh token is on the disk before anyone works with what came beside it: the old one may be spent. */
  async function keep(held: HeldSignIn, signIn: StoredSignIn, refreshToken: string): Promise<void> {
    const { refused, ...rest } = signIn;
    if (refreshToken === signIn.refreshToken && refused === undefined) return;
    unsaved = { insteadOf: signIn.refreshToken, refreshToken };
    try {
      await held.write({ ...rest, refreshToken });
      unsaved = undefined;
    } catch (error) {
      throw new IdentityError(
        'IDENTITY_UNAVAILABLE',
        `${named}: the new sign-in cannot be kept, which the next token needs: ${messageOf(error)}: make room there, and check who may write`,
        { retryable: true },
      );
    }
  }

  return (api, signal) =>
    queue.add(() => withSignIn(credential, { clock, signal }, (held) => refresh(held, api, signal)));
}

/** `status` reads it; that it could not be written must not hide the refusal itself. */
async function noteRefusal(
  held: HeldSignIn,
  signIn: StoredSignIn,
  reason: string,
  nowMs: number,
): Promise<void> {
  if (signIn.refused !== undefined) return;
  await held.write({ ...signIn, refused: { atMs: nowMs, reason } }).catch(() => {});
}

/** The SIEM API takes tokens of the v1 endpoint only (reference §3.2); a refresh token serves every API of its client. */
function redeem(
  { tenant, tenantId, endpoints, http, clock }: TokenRequest,
  clientId: string,
  refreshToken: string,
  api: Api,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const base = `${endpoints.authority}/${encodeURIComponent(tenantId)}/oauth2`;
  const wanted =
    api === 'siem' ? { resource: endpoints.audiences.siem } : { scope: scopesFor(api, endpoints).join(' ') };
  return postForToken(
    {
      url: api === 'siem' ? `${base}/token` : `${base}/v2.0/token`,
      form: { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken, ...wanted },
      applicant: { tenant, clientId, secrets: [refreshToken] },
      http,
      clock,
    },
    signal,
  );
}

/** Returns the scopes to ask for: all that was consented to for this API, and a refresh token. */
export function scopesFor(api: Api, endpoints: Pick<Endpoints, 'audiences'>): readonly string[] {
  return [`${endpoints.audiences[api]}/.default`, 'offline_access'];
}
