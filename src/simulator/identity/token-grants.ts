import { resourceOf } from '../audiences.ts';
import { type Answer, type ApiRequest, jsonAnswer } from '../exchange.ts';
import {
  applicationToken,
  delegatedToken,
  idToken,
  type TokenFacts,
  type TokenKeys,
} from './access-token.ts';
import { readResource, readScopes, type ScopeFault, type WantedScopes } from './delegated-scopes.ts';
import { entraError, oauthError } from './errors.ts';
import type { Registration } from './registration.ts';
import type { SignIns } from './sign-ins.ts';

/** A token request whose application is known and has proved itself. */
export interface GrantRequest {
  readonly request: ApiRequest;
  readonly form: URLSearchParams;
  /** Of the endpoint. */
  readonly version: 1 | 2;
  readonly registration: Registration;
  readonly proof: '0' | '1' | '2';
}

/** What grants are answered with. */
export interface GrantParts {
  readonly tenantId: string;
  readonly keys: TokenKeys;
  readonly signIns: SignIns;
}

/** A token for an application by itself: `client_credentials` (API reference §2.1). */
export function applicationGrant(grant: GrantRequest, { tenantId, keys }: GrantParts): Answer {
  const { request, form, version, registration } = grant;
  const wanted = form.get(version === 1 ? 'resource' : 'scope') ?? '';
  const facts = { resource: wanted, tenant: tenantId };
  if (version === 2 && /\s/.test(wanted.trim())) return entraError(request, 70011, facts);
  if (version === 2 && !wanted.endsWith('/.default')) return entraError(request, 1002012, facts);
  const audience = version === 2 ? wanted.slice(0, -'/.default'.length) : wanted;
  const resource = resourceOf(audience);
  if (resource === undefined || registration.missingResources.includes(resource)) {
    return entraError(request, 500011, { ...facts, resource: audience });
  }
  const token = applicationToken(
    factsOf(grant, tenantId, audience),
    registration.servicePrincipalId ?? '',
    registration.roles[resource],
    keys,
  );
  return tokenAnswer(grant, { access_token: token }, wanted);
}

/** A token for a person whose device code is confirmed (API reference §11.3). */
export function deviceCodeGrant(grant: GrantRequest, parts: GrantParts): Answer {
  const { request, form, registration } = grant;
  const { person, deviceCodes, consents } = parts.signIns;
  const poll = deviceCodes.poll(form.get('device_code') ?? '', registration.clientId, request.clock);
  if ('error' in poll) {
    return poll.code === undefined
      ? oauthError(request, poll.error, 'The client polls too fast: wait 5 seconds longer.')
      : entraError(request, poll.code, {}, poll.error);
  }
  const { wanted } = poll.signIn;
  const asked = wanted.all ? registration.requestedScopes[wanted.resource] : wanted.names;
  const refusal = person.refusal ?? consents.ask(registration, person, wanted.resource, asked);
  if (refusal !== undefined) return entraError(request, refusal, { app: registration.clientId });
  const answer = personAnswer(grant, wanted, parts);
  if (answer.status === 200) poll.signIn.state = 'redeemed';
  return answer;
}

/** A token for a person by the refresh token of an earlier one, also for another resource (API reference §3.2). */
export function refreshGrant(grant: GrantRequest, parts: GrantParts): Answer {
  const { request, form, version, registration } = grant;
  const { person, refreshTokens } = parts.signIns;
  if (person.refusal !== undefined) return entraError(request, person.refusal);
  const { clientId } = registration;
  const held = refreshTokens.redeem(form.get('refresh_token') ?? '', clientId, request.clock);
  if (typeof held === 'number') return entraError(request, held, { app: clientId });
  const asked = form.get(version === 1 ? 'resource' : 'scope');
  const read = version === 1 ? readResource : readScopes;
  const wanted = asked === null || asked === '' ? held.wanted : read(asked);
  if ('code' in wanted) return scopeRefusal(request, wanted, parts.tenantId);
  return personAnswer(grant, { ...wanted, offline: true }, parts);
}

/** Returns the refusal of a `scope` or `resource` parameter. */
export function scopeRefusal(request: ApiRequest, { code, about }: ScopeFault, tenant: string): Answer {
  return entraError(request, code, { resource: about, tenant });
}

function personAnswer(grant: GrantRequest, wanted: WantedScopes, parts: GrantParts): Answer {
  const { request, registration } = grant;
  const { person, consents, refreshTokens } = parts.signIns;
  const { resource, audience, all, names } = wanted;
  if (registration.missingResources.includes(resource)) {
    return entraError(request, 500011, { resource: audience, tenant: parts.tenantId });
  }
  const granted = consents.granted(registration, person, resource);
  const lacking = names.some((name) => !granted.includes(name)) || (all && granted.length === 0);
  if (lacking) return entraError(request, 65001, { app: registration.clientId });
  const facts = factsOf(grant, parts.tenantId, audience);
  const scopes = granted.length === 0 ? ['User.Read'] : granted;
  const { clientId } = registration;
  const id = () => idToken(facts, person, `${request.origin}/${parts.tenantId}/v2.0`, parts.keys);
  const refresh = () => refreshTokens.issue({ clientId: clientId.toLowerCase(), wanted }, request.clock);
  return tokenAnswer(
    grant,
    {
      scope: scopes.map((scope) => `${audience.replace(/\/$/, '')}/${scope}`).join(' '),
      access_token: delegatedToken(facts, person, scopes, parts.keys),
      ...(wanted.offline ? { refresh_token: refresh() } : {}),
      ...(wanted.openId ? { id_token: id() } : {}),
    },
    audience,
  );
}

function factsOf(
  { request, registration, proof }: GrantRequest,
  tenantId: string,
  audience: string,
): TokenFacts {
  return {
    tenantId,
    clientId: registration.clientId,
    audience,
    proof,
    issuedMs: request.clock,
    lifetimeSeconds: registration.tokenLifetimeSeconds,
  };
}

/** The v1 endpoint writes its numbers as text, and says when the token ends (API reference §2.1). */
function tokenAnswer(
  { request, registration, version }: GrantRequest,
  issued: Readonly<Record<string, string>>,
  resource: string,
): Answer {
  const lifetime = registration.tokenLifetimeSeconds;
  const seconds = Math.max(0, lifetime - 1);
  const now = Math.floor(request.clock / 1000);
  const times =
    version === 2
      ? { expires_in: seconds, ext_expires_in: seconds }
      : {
          expires_in: String(seconds),
          ext_expires_in: String(seconds),
          expires_on: String(now + lifetime),
          not_before: String(now),
          resource,
        };
  const headers = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' };
  return jsonAnswer(200, { token_type: 'Bearer', ...times, ...issued }, headers);
}
