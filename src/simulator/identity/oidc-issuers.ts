import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type Answer, type ApiRequest, jsonAnswer } from '../exchange.ts';
import { isSignedBy, type Jwt, signJwt } from '../jwt.ts';

/** What an external token is to say. */
export interface FederatedTokenRequest {
  /** The issuer's URL: one of the simulator's own, `{authority}/oidc/{name}`, or any other, which Entra can then reach too. */
  readonly issuer: string;
  /** As in `system:serviceaccount:siem:defender-siem`. */
  readonly subject: string;
  /** Default: `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** Default: an hour. */
  readonly lifetimeSeconds?: number;
}

const paths = /^\/oidc\/([\w-]+)\/(\.well-known\/openid-configuration|openid\/v1\/jwks)$/;
const keyId = 'simulated-cluster-key';

/** The issuers of external tokens, such as a Kubernetes cluster's; all sign with the same key. */
export class OidcIssuers {
  readonly #reachable = new Set<string>();

  /** True when `path` is one of an issuer's. */
  owns(path: string): boolean {
    return paths.test(path);
  }

  /** Answers with the issuer's configuration, or its keys (OpenID Connect Discovery 1.0 §3, RFC 7517 §5). */
  answer(request: ApiRequest): Answer {
    const match = paths.exec(request.path);
    if (match === null || request.method !== 'GET') return jsonAnswer(404, { error: 'not_found' });
    if (match[2] === 'openid/v1/jwks') {
      const key = issuerKeys().publicKey.export({ format: 'jwk' });
      return jsonAnswer(200, { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: keyId }] });
    }
    const issuer = `${request.origin}/oidc/${match[1]}`;
    return jsonAnswer(200, {
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  }

  /** Returns a token of an issuer, valid from `nowMs` on. */
  token(request: FederatedTokenRequest, nowMs: number): string {
    const { issuer, subject, audience = 'api://AzureADTokenExchange', lifetimeSeconds = 3600 } = request;
    this.#reachable.add(issuer);
    const issued = Math.floor(nowMs / 1000);
    const claims = {
      iss: issuer,
      sub: subject,
      aud: [audience],
      iat: issued,
      nbf: issued,
      exp: issued + lifetimeSeconds,
      jti: randomUUID(),
    };
    return signJwt(claims, keyId, issuerKeys().privateKey);
  }

  /** Returns whether the token was signed by the issuer that it names; false for an issuer that cannot be reached. */
  signed(jwt: Jwt, origin: string): boolean {
    const { iss } = jwt.claims;
    if (typeof iss !== 'string') return false;
    const own = iss.startsWith(`${origin}/oidc/`);
    return (own || this.#reachable.has(iss)) && isSignedBy(jwt, issuerKeys().publicKey);
  }
}

/** Made when first needed, since most simulators have no use for it; all of one process share it. */
function issuerKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  made ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return made;
}

let made: ReturnType<typeof issuerKeys> | undefined;
