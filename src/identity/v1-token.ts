import { signAssertion } from './client-assertion.ts';
import type { Proof } from './proof.ts';
import { postForToken } from './token-endpoint.ts';
import type { ApplicationTokenRequest, IssuedToken } from './token-request.ts';

/**
 * Asks the v1 endpoint for a token for `resource`: the SIEM API takes no other, and msal does not speak it. Throws
 * `IdentityError`, or the signal's reason.
 */
export async function requestV1Token(
  request: ApplicationTokenRequest,
  resource: string,
  signal: AbortSignal,
): Promise<IssuedToken> {
  const { tenant, clientId, proof, endpoints, http, clock } = request;
  const url = `${endpoints.authority}/${encodeURIComponent(request.tenantId)}/oauth2/token`;
  const { secret, form } = proofForm(proof, clientId, url, clock.now());
  return postForToken(
    {
      url,
      form: { grant_type: 'client_credentials', client_id: clientId, resource, ...form },
      applicant: { tenant, clientId, secrets: [secret] },
      http,
      clock,
    },
    signal,
  );
}

function proofForm(
  proof: Proof,
  clientId: string,
  url: string,
  nowMs: number,
): { readonly secret: string; readonly form: Readonly<Record<string, string>> } {
  if (proof.kind === 'secret') return { secret: proof.secret, form: { client_secret: proof.secret } };
  const assertion =
    proof.kind === 'certificate' ? signAssertion(proof.certificate, clientId, url, nowMs) : proof.assertion;
  return {
    secret: assertion,
    form: {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  };
}
