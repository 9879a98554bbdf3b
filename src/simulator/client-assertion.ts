import { isSignedBy, type RegisteredCertificate, readJwt } from './jwt.ts';

/** What an assertion is held against. */
export interface AssertionRules {
  readonly type: string;
  readonly clientId: string;
  readonly certificates: readonly RegisteredCertificate[];
  /** Token endpoints, any of which may be the `aud`. */
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Expiry (seconds) of the assertions that were taken, by `jti`; the checked one is added. */
  readonly used: Map<string, number>;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** `exp` is at most 10 minutes ahead (API reference §2.1); clocks may differ by 5. */
const longestValiditySeconds = 600;
const clockSkewSeconds = 300;

/** Returns the AADSTS code for which a client assertion is refused; undefined when it is good, and then used up. */
export function checkAssertion(assertion: string, rules: AssertionRules): number | undefined {
  if (rules.type !== assertionType) return 900144;
  const jwt = readJwt(assertion);
  if (jwt === undefined) return 50027;
  const certificate = rules.certificates.find(
    (candidate) => candidate.sha256 === jwt.header['x5t#S256'] || candidate.sha1 === jwt.header.x5t,
  );
  if (certificate === undefined || !isSignedBy(jwt, certificate.key)) return 700027;
  if (certificate.validFrom > rules.now || certificate.validTo < rules.now) return 1000502;
  const { aud, iss, sub, exp, nbf, jti } = jwt.claims;
  if (iss !== rules.clientId || sub !== rules.clientId) return 700021;
  if (typeof aud !== 'string' || !rules.audiences.includes(aud)) return 700023;
  const seconds = rules.now / 1000;
  if (typeof exp !== 'number' || exp < seconds - clockSkewSeconds) return 700024;
  if (exp > seconds + longestValiditySeconds + clockSkewSeconds) return 700024;
  if (typeof nbf === 'number' && nbf > seconds + clockSkewSeconds) return 700024;
  if (typeof jti !== 'string' || rules.used.has(jti)) return 50027;
  for (const [name, expires] of rules.used) {
    if (expires < seconds - clockSkewSeconds) rules.used.delete(name);
  }
  rules.used.set(jti, exp);
  return undefined;
}
