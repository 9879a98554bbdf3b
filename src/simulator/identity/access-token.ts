import { type KeyObject, randomUUID } from 'node:crypto';
import { isSignedBy, readJwt, signJwt } from '../jwt.ts';
import { type Person, widsOf } from './person.ts';

/** With which a tenant's tokens are signed and recognised. */
export interface TokenKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The id of the signing key, as tokens and the key set name it. */
export const tokenKeyId = 'simulated-signing-key';

/** What a valid access token says. */
export interface Caller {
  readonly clientId: string;
  readonly tenantId: string;
  readonly audience: string;
  /** Object id of the person, or of the application's service principal. */
  readonly objectId: string;
  /** Application permissions; empty where a person calls. */
  readonly roles: readonly string[];
  /** Object id of the person; undefined where an application calls by itself. */
  readonly userId: string | undefined;
  /** Delegated permissions, and template ids of the person's Entra roles; empty where an application calls by itself. */
  readonly scopes: readonly string[];
  readonly entraRoles: readonly string[];
  /** Seconds since 1970. */
  readonly expires: number;
}

/** What every access token says, whoever it is for. */
export interface TokenFacts {
  readonly tenantId: string;
  readonly clientId: string;
  /** As asked for. */
  readonly audience: string;
  /** How the client proved itself: not at all, by secret, by an assertion (API reference §2.1). */
  readonly proof: '0' | '1' | '2';
  /** Milliseconds since 1970. */
  readonly issuedMs: number;
  readonly lifetimeSeconds: number;
}

/** Returns the token of an application that calls by itself; `roles` are missing from it when none is granted. */
export function applicationToken(
  facts: TokenFacts,
  objectId: string,
  roles: readonly string[],
  keys: TokenKeys,
): string {
  const granted = roles.length === 0 ? {} : { roles };
  const own = { appidacr: facts.proof, idtyp: 'app', oid: objectId, sub: objectId, ...granted };
  return signJwt({ ...commonClaims(facts), ...own }, tokenKeyId, keys.privateKey);
}

/** Returns the token of a person who calls through an application. */
export function delegatedToken(
  facts: TokenFacts,
  person: Person,
  scopes: readonly string[],
  keys: TokenKeys,
): string {
  const claims = {
    ...commonClaims(facts),
    acr: '1',
    amr: ['pwd', 'mfa'],
    appidacr: facts.proof,
    idtyp: 'user',
    name: person.displayName,
    oid: person.objectId,
    scp: scopes.join(' '),
    sub: pairwiseSubject(facts.clientId, person),
    unique_name: person.userPrincipalName,
    upn: person.userPrincipalName,
    wids: widsOf(person.roles),
  };
  return signJwt(claims, tokenKeyId, keys.privateKey);
}

/** Returns the token that tells the client who signed in. `issuer`: of the v2 endpoint. */
export function idToken(facts: TokenFacts, person: Person, issuer: string, keys: TokenKeys): string {
  const { aud: _aud, appid: _appid, ...common } = commonClaims(facts);
  const claims = {
    ...common,
    aud: facts.clientId,
    iss: issuer,
    name: person.displayName,
    oid: person.objectId,
    preferred_username: person.userPrincipalName,
    sub: pairwiseSubject(facts.clientId, person),
    ver: '2.0',
  };
  return signJwt(claims, tokenKeyId, keys.privateKey);
}

/** Returns what an access token says; undefined when it was signed with another key. */
export function readAccessToken(token: string, key: KeyObject): Caller | undefined {
  const jwt = readJwt(token);
  if (jwt === undefined || !isSignedBy(jwt, key)) return undefined;
  const { aud, appid, tid, exp, oid, roles, scp, wids } = jwt.claims;
  if (typeof aud !== 'string' || typeof appid !== 'string' || typeof tid !== 'string') return undefined;
  const objectId = String(oid);
  return {
    audience: aud,
    clientId: appid,
    tenantId: tid,
    objectId,
    expires: Number(exp),
    roles: Array.isArray(roles) ? roles.map(String) : [],
    userId: typeof scp === 'string' ? objectId : undefined,
    scopes: typeof scp === 'string' ? scp.split(' ') : [],
    entraRoles: Array.isArray(wids) ? wids.map(String) : [],
  };
}

function commonClaims({ tenantId, clientId, audience, issuedMs, lifetimeSeconds }: TokenFacts) {
  const issued = Math.floor(issuedMs / 1000);
  return {
    aud: audience.replace(/\/$/, ''),
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: issued,
    nbf: issued,
    exp: issued + lifetimeSeconds,
    appid: clientId,
    tid: tenantId,
    uti: randomUUID(),
    ver: '1.0',
  };
}

/** Another for each application, as Entra's subjects of people are. */
function pairwiseSubject(clientId: string, person: Person): string {
  return Buffer.from(`${clientId.slice(0, 8)}${person.objectId}`).toString('base64url');
}
