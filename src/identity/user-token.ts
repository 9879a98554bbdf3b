import { ConnectorError, messageOf } from '../errors.ts';
import type { Endpoints, TokenAudience } from './clouds.ts';
import type { UserCredential } from './credential.ts';
import { entraCodeMeans, loginAdvice } from './entra-errors.ts';
import { IdentityError, nameOf } from './identity-error.ts';
import { readSignIn } from './sign-in-file.ts';
import type { StoredSignIn } from './sign-in-seal.ts';
import { createSignInTurns, type SignInTurn } from './sign-in-turns.ts';
import { postForToken, type TokenAnswer } from './token-endpoint.ts';
import type { IssuedToken, TokenRequest } from './token-request.ts';

/** A refresh token that Entra ID gave and the disk did not take, and the one that it stands in for. */
interface Unsaved {
  readonly insteadOf: string;
  readonly refreshToken: string;
}

/** By the credential, which the tenants of a group share. */
const unsaved = new WeakMap<UserCredential, Unsaved>();

/** Tries with the newest refresh token after another process or tenant has spent the one that was at hand. */
const mostSpent = 3;

/** Returns what gets tokens in the name of the person who signed in, for any API, by the refresh token in the file. */
export function createUserRequester(
  request: TokenRequest,
  credential: UserCredential,
): (api: TokenAudience, signal: AbortSignal) => Promise<IssuedToken> {
  const { tenant, tenantId, clock } = request;
  const { clientId, cache } = credential;
  const named = nameOf({ tenant, clientId });
  const turns = createSignInTurns(credential, clock);

  async function current(): Promise<StoredSignIn> {
    const signIn = await readSignIn(credential);
    if (signIn === undefined) {
      throw new ConnectorError('IDENTITY_REFUSED', `${named}: nobody has signed in: ${loginAdvice(tenant)}`);
    }
    if (signIn.clientId.toLowerCase() === clientId.toLowerCase()) return signIn;
    throw new ConnectorError(
      'IDENTITY_REFUSED',
      `${named}: the sign-in in ${cache} is that of the application ${signIn.clientId}: ${loginAdvice(tenant)}`,
    );
  }

  /** The refresh token to spend: the newest one, whether the disk has taken it or not. */
  function newest({ refreshToken }: StoredSignIn): string {
    const kept = unsaved.get(credential);
    return kept?.insteadOf === refreshToken ? kept.refreshToken : refreshToken;
  }

  /** Resolves with undefined when another one has spent the refresh token meanwhile, and left a newer one. */
  async function refresh(
    api: TokenAudience,
    last: boolean,
    signal: AbortSignal,
  ): Promise<IssuedToken | undefined> {
    using turn = await turns.take(signal);
    const signIn = await current();
    const spent = newest(signIn);
    let answer: TokenAnswer;
    try {
      answer = await redeem(request, clientId, spent, api, signal);
    } catch (error) {
      if (!(error instanceof IdentityError) || !entraCodeMeans(error.entraCode, 'sign-in')) throw error;
      if (!last && newest(await current()) !== spent) return undefined;
      await noteRefusal(turn, spent, error.message);
      throw error;
    }
    await keep(turn, { signIn, spent, left: answer.refreshToken ?? spent }, signal);
    return { token: answer.token, lifetimeMs: answer.lifetimeMs };
  }

  /** The newest refresh token is on the disk before anyone works with what came beside it: the old one may be spent. */
  async function keep(
    turn: SignInTurn,
    { signIn, spent, left }: { readonly signIn: StoredSignIn; readonly spent: string; readonly left: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (left === signIn.refreshToken && signIn.refusals?.[tenantId] === undefined) return;
    if (newest(signIn) === spent) {
      unsaved.set(credential, { insteadOf: signIn.refreshToken, refreshToken: left });
    }
    try {
      await turn.withFile(async (file) => {
        const held = await file.read();
        if (held === undefined) throw new Error(`${cache} is gone`);
        // Who signed in anew meanwhile, or was quicker to renew the sign-in, has left a newer one.
        const refreshToken = newest(held);
        const { [tenantId]: refused, ...others } = held.refusals ?? {};
        if (refreshToken === held.refreshToken && refused === undefined) return;
        const refusals = refused === undefined ? held.refusals : others;
        await file.write({ ...held, refreshToken, refusals });
        unsaved.delete(credential);
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new IdentityError(
        'IDENTITY_UNAVAILABLE',
        `${named}: the new sign-in cannot be kept, which the next token needs: ${messageOf(error)}: make room there, and check who may write`,
        { retryable: true },
      );
    }
  }

  /** `status` reads it; that it could not be written must not hide the refusal itself. */
  async function noteRefusal(turn: SignInTurn, spent: string, reason: string): Promise<void> {
    const note = turn.withFile(async (file) => {
      const held = await file.read();
      if (held === undefined || newest(held) !== spent || held.refusals?.[tenantId] !== undefined) return;
      const refusals = { ...held.refusals, [tenantId]: { atMs: clock.now(), reason } };
      await file.write({ ...held, refusals });
    });
    await note.catch(() => {});
  }

  return async (api, signal) => {
    for (let tries = 1; ; tries++) {
      const token = await refresh(api, tries === mostSpent, signal);
      if (token !== undefined) return token;
    }
  };
}

/** The SIEM API takes tokens of the v1 endpoint only (reference §3.2); a refresh token serves every API of its client. */
function redeem(
  { tenant, tenantId, endpoints, http, clock }: TokenRequest,
  clientId: string,
  refreshToken: string,
  api: TokenAudience,
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
export function scopesFor(api: TokenAudience, endpoints: Pick<Endpoints, 'audiences'>): readonly string[] {
  return [`${endpoints.audiences[api]}/.default`, 'offline_access'];
}
