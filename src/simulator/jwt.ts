import { constants, createPublicKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';

/** A JSON Web Token, taken apart but not yet trusted. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** Returns the parts of a token; undefined when it is none (RFC 7519 §7.2). */
export function readJwt(text: string): Jwt | undefined {
  const parts = text.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined)
    return undefined;
  const [readHeader, readClaims] = [object(header), object(claims)];
  if (readHeader === undefined || readClaims === undefined) return undefined;
  return {
    header: readHeader,
    claims: readClaims,
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Returns a token of `claims`, signed with RS256 by the RSA key `key`. */
export function signJwt(claims: Readonly<Record<string, unknown>>, keyId: string, key: KeyObject): string {
  const header = { typ: 'JWT', alg: 'RS256', x5t: keyId, kid: keyId };
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** True when `key` signed the token, by the algorithm of its header: RS256 or PS256 (RFC 7518 §3.3, §3.5). */
export function isSignedBy(jwt: Jwt, key: KeyObject): boolean {
  const data = Buffer.from(jwt.signed);
  if (jwt.header.alg === 'RS256') return verify('sha256', data, key, jwt.signature);
  if (jwt.header.alg !== 'PS256') return false;
  return verify(
    'sha256',
    data,
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    jwt.signature,
  );
}

/** A certificate that is registered on the application. */
export interface RegisteredCertificate {
  readonly key: KeyObject;
  /** base64url of the SHA-1 and of the SHA-256 of its DER, as `x5t` and `x5t#S256` carry them. */
  readonly sha1: string;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Reads a certificate in PEM. Throws what node:crypto throws when it is none. */
export function readCertificate(pem: string): RegisteredCertificate {
  const certificate = new X509Certificate(pem);
  return {
    key: createPublicKey(pem),
    sha1: base64url(certificate.fingerprint),
    sha256: base64url(certificate.fingerprint256),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
  };
}

function base64url(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function object(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
