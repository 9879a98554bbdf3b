import { z } from 'zod';
import type { HttpResponse } from '../http/client.ts';
import { describeConnectionError } from '../http/connection-error.ts';
import { signAssertion } from './client-assertion.ts';
import { type Credential, readClientCertificate, readTokenFile } from './credential.ts';
import {
  type Applicant,
  IdentityError,
  nameOf,
  refusedToken,
  unreachableAuthority,
} from './identity-error.ts';
import { type IssuedToken, isBearerToken, type TokenRequest } from './token-request.ts';

/** The v1 endpoint writes its numbers as text, its documentation as numbers (reference §2.1). */
const answerShape = z.object({
  access_token: z.string().refine(isBearerToken),
  expires_in: z.coerce.number().positive(),
});

type ApplicationCredential = Exclude<Credential, { kind: 'managed-identity' }>;

/**
 * Asks the v1 endpoint for a token for `resource`: the SIEM API takes no other, and msal does not speak it. Throws
 * `IdentityError`, CONFIG_INVALID for credential files that cannot be read, or the signal's reason.
 */
export async function requestV1Token(
  request: TokenRequest & { readonly credential: ApplicationCredential },
  resource: string,
  signal: AbortSignal,
): Promise<IssuedToken> {
  const { tenant, credential, endpoints, http, clock } = request;
  const url = `${endpoints.authority}/${encodeURIComponent(request.tenantId)}/oauth2/token`;
  const nowMs = clock.now();
  const proof = proofOf(credential, url, nowMs);
  const applicant: Applicant = { tenant, clientId: credential.clientId, secrets: [proof.secret] };
  const form = { grant_type: 'client_credentials', client_id: credential.clientId, resource, ...proof.form };
  let answer: HttpResponse;
  try {
    answer = await http.request(
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
    throw unreachableAuthority(applicant, describeConnectionError(error, url), error);
  }
  if (answer.status !== 200) throw refusedToken(applicant, answer, nowMs);
  const parsed = answerShape.safeParse(parseJson(answer.body));
  if (parsed.success) {
    return { token: parsed.data.access_token, lifetimeMs: parsed.data.expires_in * 1000 };
  }
  throw new IdentityError(
    'IDENTITY_UNAVAILABLE',
    `${nameOf(applicant)}: the token endpoint answered 200 without a token`,
    {
      retryable: true,
    },
  );
}

function proofOf(
  credential: ApplicationCredential,
  url: string,
  nowMs: number,
): { readonly secret: string; readonly form: Record<string, string> } {
  if (credential.kind === 'client-secret') {
    const secret = credential.secret.read();
    return { secret, form: { client_secret: secret } };
  }
  const assertion =
    credential.kind === 'certificate'
      ? signAssertion(readClientCertificate(credential), credential.clientId, url, nowMs)
      : readTokenFile(credential.tokenFile);
  return {
    secret: assertion,
    form: {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
