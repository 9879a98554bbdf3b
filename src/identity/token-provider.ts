import { messageOf } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createCloudCheck } from './cloud-check.ts';
import { type Endpoints, type TokenAudience, tokenAudiences } from './clouds.ts';
import type { Credential } from './credential.ts';
import { entraCodeMeans } from './entra-errors.ts';
import { IdentityError } from './identity-error.ts';
import { TokenCache } from './token-cache.ts';
import { readClaims, type TokenClaims } from './token-claims.ts';
import type { IssuedToken } from './token-request.ts';
import { createTokenRequester } from './token-requester.ts';

/** Tokens of one tenant, one for each API, and one for Azure Monitor. */
export interface TokenProvider {
  /**
   * Returns a token that holds now, from the cache where there is one. Throws IDENTITY_REFUSED with what to do,
   * IDENTITY_UNAVAILABLE when the authority cannot be had, CONFIG_INVALID for credential files that cannot be
   * read, or the signal's reason.
   */
  token(api: TokenAudience, signal?: AbortSignal): Promise<string>;
  /** After a 401: forgets this token, if it is still the one at hand; the next call gets a fresh one. */
  invalidate(api: TokenAudience, token: string): void;
  /** Returns what the API's token says of itself, for diagnostics; gets one if there is none. Throws as `token` does. */
  claims(api: TokenAudience, signal?: AbortSignal): Promise<TokenClaims>;
}

/** What a provider works with. */
export interface TokenProviderOptions {
  readonly tenant: {
    readonly name: string;
    /** GUID of the directory. */
    readonly id: string;
  };
  readonly credential: Credential;
  readonly endpoints: Endpoints;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends what is under way, when the program stops. */
  readonly signal?: AbortSignal;
}

/** Tries for one token before its failure is told. */
const attempts = 4;
const firstBackoffMs = 1000;
const longestBackoffMs = 20_000;
/** A longer Retry-After is not waited for here: the failure is told, and the caller's own back-off holds. */
const longestRetryAfterMs = 120_000;

/** Nobody who answers for the authority may silence a tenant for longer, ms. */
const longestPauseMs = 3_600_000;
/** How long nothing is asked after Entra ID has seen a loop (AADSTS50196), ms: more requests would prolong it. */
const loopPauseMs = 300_000;

/** Returns the provider of a tenant's tokens. Asks for nothing until a token is wanted. */
export function createTokenProvider(options: TokenProviderOptions): TokenProvider {
  const { tenant, credential, endpoints, http, clock, log } = options;
  const signal = options.signal ?? new AbortController().signal;
  const request = createTokenRequester({
    tenant: tenant.name,
    tenantId: tenant.id,
    credential,
    endpoints,
    http,
    clock,
  });
  const cloud = createCloudCheck({ tenant, endpoints, http, log });
  /** What the authority said when it asked for a wait: all APIs of the tenant keep to it. */
  let paused: { readonly error: unknown; readonly untilMs: number } | undefined;
  const acquire = async (api: TokenAudience): Promise<IssuedToken> => {
    if (paused !== undefined && elapsedMs(clock) < paused.untilMs) throw paused.error;
    try {
      const token = await withRetries(() => request(api, signal), clock, signal);
      cloud.confirm(signal);
      return token;
    } catch (error) {
      const told = hasNoCloud(error, credential) ? error : await cloud.explain(error, signal);
      const pauseMs = pauseAfter(error);
      if (pauseMs > 0) paused = { error: told, untilMs: elapsedMs(clock) + pauseMs };
      throw told;
    }
  };
  const cacheFor = (api: TokenAudience) =>
    new TokenCache({
      clock,
      acquire: () => acquire(api),
      onRenewalFailed: (error, validForMs) => {
        if (signal.aborted) return;
        log.warn(
          { tenant: tenant.name, api, reason: messageOf(error), validForMs },
          'token renewal failed; the old token still holds',
        );
      },
    });
  const caches: ReadonlyMap<TokenAudience, TokenCache> = new Map(
    tokenAudiences.map((api) => [api, cacheFor(api)]),
  );
  const cacheOf = (api: TokenAudience): TokenCache => caches.get(api) ?? cacheFor(api);
  return {
    token: (api, callerSignal) => cacheOf(api).token(callerSignal),
    invalidate: (api, token) => cacheOf(api).invalidate(token),
    claims: async (api, callerSignal) => readClaims(await cacheOf(api).token(callerSignal)),
  };
}

/** A platform's own refusal has nothing to do with where the tenant lives. */
function hasNoCloud(error: unknown, { kind }: Credential): boolean {
  return kind === 'managed-identity' && error instanceof IdentityError && error.entraCode === undefined;
}

/** Returns for how long nobody asks again after this failure, ms. */
function pauseAfter(error: unknown): number {
  if (!(error instanceof IdentityError)) return 0;
  const atLeastMs = entraCodeMeans(error.entraCode, 'loop') ? loopPauseMs : 0;
  return Math.min(Math.max(error.retryAfterMs ?? 0, atLeastMs), longestPauseMs);
}

async function withRetries(
  request: () => Promise<IssuedToken>,
  clock: Clock,
  signal: AbortSignal,
): Promise<IssuedToken> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof IdentityError) || !error.retryable || attempt === attempts) throw error;
      const ceilingMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt);
      const waitMs = error.retryAfterMs ?? clock.random() * ceilingMs;
      if (waitMs > longestRetryAfterMs) throw error;
      await clock.sleep(waitMs, signal);
      signal.throwIfAborted();
    }
  }
}
