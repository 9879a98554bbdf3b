import { constants, randomUUID, sign } from 'node:crypto';
import type { ClientCertificate } from './client-certificate.ts';

/** How long an assertion holds, seconds: Entra ID takes at most ten minutes (reference §2.1). */
const lifetimeSeconds = 600;

/**
 * Returns the JWT with which a certificate stands in for a client secret (RFC 7523 §3; PS256 and `x5t#S256` as in
 * reference §2.1). `audience` is the token endpoint's URL.
 */
export function signAssertion(
  certificate: ClientCertificate,
  clientId: string,
  audience: string,
  nowMs: number,
): string {
  const now = Math.floor(nowMs / 1000);
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': certificate.thumbprint };
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now,
    iat: now,
    exp: now + lifetimeSeconds,
  };
  const signed = `${base64url(header)}.${base64url(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key: certificate.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${signed}.${signature.toString('base64url')}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
