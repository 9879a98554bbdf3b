import type { TokenAudience } from './clouds.ts';
import type { ApplicationCredential, Credential } from './credential.ts';
import { entraCodeMeans } from './entra-errors.ts';
import { IdentityError } from './identity-error.ts';
import { requestMsalToken } from './msal-token.ts';
import { createProofSource, type Proof, sameProof } from './proof.ts';
import type { IssuedToken, TokenRequest } from './token-request.ts';
import { createUserRequester } from './user-token.ts';
import { requestV1Token } from './v1-token.ts';

/**
 * Asks once for a token. Rejects with `IdentityError`, CONFIG_INVALID for credential files that cannot be
 * read, or the signal's reason.
 */
export type TokenRequester = (api: TokenAudience, signal: AbortSignal) => Promise<IssuedToken>;

/** Returns what asks for a tenant's tokens in the way of its credential. */
export function createTokenRequester(
  tenant: TokenRequest & { readonly credential: Credential },
): TokenRequester {
  const { credential, ...request } = tenant;
  const { endpoints } = request;
  switch (credential.kind) {
    case 'managed-identity':
      return (api, signal) =>
        requestMsalToken(
          { ...request, identity: credential },
          endpoints.managedIdentityAudiences[api],
          signal,
        );
    case 'user':
      return createUserRequester(request, credential);
    default:
      return applicationRequester(request, credential);
  }
}

function applicationRequester(request: TokenRequest, credential: ApplicationCredential): TokenRequester {
  const { endpoints } = request;
  const { clientId } = credential;
  const proofs = createProofSource(credential, request.clock);

  function requestWith(proof: Proof, api: TokenAudience, signal: AbortSignal): Promise<IssuedToken> {
    const whole = { ...request, clientId, proof };
    // The SIEM API takes tokens of the v1 endpoint only (reference §3.2).
    if (api === 'siem') return requestV1Token(whole, endpoints.audiences.siem, signal);
    return requestMsalToken(whole, endpoints.audiences[api], signal);
  }

  return async (api, signal) => {
    const proof = await proofs.read();
    try {
      return await requestWith(proof, api, signal);
    } catch (error) {
      if (!(error instanceof IdentityError) || !entraCodeMeans(error.entraCode, 'credential')) throw error;
      const fresh = await proofs.read(true);
      if (sameProof(proof, fresh)) throw error;
      return requestWith(fresh, api, signal);
    }
  };
}
