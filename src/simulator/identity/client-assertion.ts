import { isSignedBy, type Jwt, type RegisteredCertificate, readJwt } from '../jwt.ts';
import type { OidcIssuers } from './oidc-issuers.ts';
import type { FederatedTrust } from './registration.ts';

/** What an assertion is held against. */
export interface AssertionRules {
  readonly type: string;
  readonly clientId: string;
  readonly certificates: readonly RegisteredCertificate[];
  readonly federated: readonly FederatedTrust[];
  readonly issuers: OidcIssuers;
  /** The authority's, `https://host:port`. */
  readonly origin: string;
  /** Token endpoints in lower case, any of which may be the `aud` of the application's own assertion. */
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Expiry (seconds) of the application's own assertions that were taken, by `jti`; the checked one is added. */
  readonly used: Map<string, number>;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** `exp` is at most 10 minutes ahead (API reference §2.1); clocks may differ by 5. */
const longestValiditySeconds = 600;
const clockSkewSeconds = 300;

/**
 * Returns the AADSTS code for which a client assertion is refused; undefined when it is good, and then used up: one that
 * the application signed itself, or a token of an issuer that its registration trusts.
 */
export function checkAssertion(assertion: string, rules: AssertionRules): number | undefined {
  if (rules.type !== assertionType) return 900144;
  const jwt = readJwt(assertion);
  if (jwt === undefined) return 50027;
  const { iss } = jwt.claims;
  const external = typeof iss === 'string' && iss.startsWith('https://');
  return external ? externalFault(jwt, iss, rules) : ownFault(jwt, rules);
}

/** An external token may be shown as often as it is valid: the platform changes it at its leisure. */
function externalFault(jwt: Jwt, issuer: string, rules: AssertionRules): number | undefined {
  const { aud, sub, exp, nbf } = jwt.claims;
  const audiences = [aud].flat();
  const ofIssuer = rules.federated.filter((trust) => trust.issuer === issuer);
  if (ofIssuer.length === 0) return 700211;
  const ofSubject = ofIssuer.filter((trust) => trust.subject === sub);
  if (ofSubject.length === 0) return 700213;
  if (!ofSubject.some((trust) => trust.audiences.some((audience) => audiences.includes(audience)))) {
    return 700212;
  }
  if (!rules.issuers.signed(jwt, rules.origin)) return 50013;
  return timeFault(exp, nbf, rules.now / 1000);
}

function ownFault(jwt: Jwt, rules: AssertionRules): number | undefined {
  const certificate = rules.certificates.find(
    (candidate) => candidate.sha256 === jwt.header['x5t#S256'] || candidate.sha1 === jwt.header.x5t,
  );
  if (certificate === undefined || !isSignedBy(jwt, certificate.key)) return 700027;
  if (certificate.validFrom > rules.now || certificate.validTo < rules.now) return 1000502;
  const { aud, iss, sub, exp, nbf, jti } = jwt.claims;
  if (!isClient(iss, rules) || !isClient(sub, rules)) return 700021;
  if (typeof aud !== 'string' || !rules.audiences.includes(aud.toLowerCase())) return 700023;
  const seconds = rules.now / 1000;
  const untimely = timeFault(exp, nbf, seconds);
  if (untimely !== undefined) return untimely;
  if (Number(exp) > seconds + longestValiditySeconds + clockSkewSeconds) return 700024;
  if (typeof jti !== 'string' || rules.used.has(jti)) return 50027;
  for (const [name, expires] of rules.used) {
    if (expires < seconds - clockSkewSeconds) rules.used.delete(name);
  }
  rules.used.set(jti, Number(exp));
  return undefined;
}

function timeFault(exp: unknown, nbf: unknown, seconds: number): number | undefined {
  if (typeof exp !== 'number' || exp < seconds - clockSkewSeconds) return 700024;
  return typeof nbf === 'number' && nbf > seconds + clockSkewSeconds ? 700024 : undefined;
}

function isClient(value: unknown, { clientId }: AssertionRules): boolean {
  return typeof value === 'string' && value.toLowerCase() === clientId.toLowerCase();
}
