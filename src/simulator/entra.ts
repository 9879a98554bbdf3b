import { type KeyObject, randomUUID, timingSafeEqual } from 'node:crypto';
import { audiences, type Resource } from './audiences.ts';
import { checkAssertion } from './client-assertion.ts';
import { entraError } from './entra-errors.ts';
import { type Answer, type ApiRequest, jsonAnswer } from './exchange.ts';
import { isSignedBy, readJwt, signJwt } from './jwt.ts';
import type { Registration, Registrations } from './registration.ts';

/** What a valid access token says. */
export interface Caller {
  readonly clientId: string;
  readonly tenantId: string;
  readonly audience: string;
  readonly roles: readonly string[];
  /** Object id of the person, or of the application's service principal. */
  readonly objectId: string;
  /** Object id of the person in whose name the application calls, and the delegated permissions; undefined without one. */
  readonly userId: string | undefined;
  readonly scopes: readonly string[];
  /** Template ids of the person's Entra roles. */
  readonly entraRoles: readonly string[];
  /** Seconds since 1970. */
  readonly expires: number;
}

const paths = {
  token: /^\/([^/]+)\/oauth2\/(v2\.0\/)?token\/?$/i,
  configuration: /^\/([^/]+)\/(?:v2\.0\/)?\.well-known\/openid-configuration$/i,
  discovery: /^\/common\/discovery\/instance$/i,
};
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const keyId = 'simulated-signing-key';

/** What a tenant's authority is made of. */
export interface EntraParts {
  readonly tenantId: string;
  readonly registrations: Registrations;
  /** With which access tokens are signed. */
  readonly keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

/** Entra ID's token endpoints for one tenant (API reference §2.1). */
export class Entra {
  readonly #tenantId: string;
  readonly #registrations: Registrations;
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #usedAssertions = new Map<string, number>();

  constructor({ tenantId, registrations, keys }: EntraParts) {
    this.#tenantId = tenantId;
    this.#registrations = registrations;
    this.#key = keys.privateKey;
    this.#publicKey = keys.publicKey;
  }

  /** True when `path` is one of the authority's. */
  owns(path: string): boolean {
    return Object.values(paths).some((pattern) => pattern.test(path));
  }

  /** Answers a call to the authority. `refusal`: the AADSTS code that a fault demands. */
  answer(request: ApiRequest, refusal: number | undefined): Answer {
    if (paths.discovery.test(request.path)) return this.#discovery(request);
    const configuration = paths.configuration.exec(request.path);
    if (configuration !== null) return this.#configuration(request, configuration[1] ?? '');
    const token = paths.token.exec(request.path);
    if (token === null || request.method !== 'POST') return jsonAnswer(404, { error: 'not_found' });
    const app = new URLSearchParams(request.body).get('client_id') ?? '';
    const facts = { app, tenant: this.#tenantId };
    if (refusal !== undefined) return entraError(request, refusal, facts);
    return this.#token(request, token[1] ?? '', token[2] === undefined ? 1 : 2);
  }

  /** Returns what a token says; undefined when this authority did not issue it. */
  read(token: string): Caller | undefined {
    const jwt = readJwt(token);
    if (jwt === undefined || !isSignedBy(jwt, this.#publicKey)) return undefined;
    const { aud, appid, tid, exp, roles, oid, scp, wids } = jwt.claims;
    if (typeof aud !== 'string' || typeof appid !== 'string' || typeof tid !== 'string') return undefined;
    return {
      audience: aud,
      clientId: appid,
      tenantId: tid,
      expires: Number(exp),
      roles: Array.isArray(roles) ? roles.map(String) : [],
      objectId: String(oid),
      userId: typeof scp === 'string' ? String(oid) : undefined,
      scopes: typeof scp === 'string' ? scp.split(' ') : [],
      entraRoles: Array.isArray(wids) ? wids.map(String) : [],
    };
  }

  #discovery(request: ApiRequest): Answer {
    const host = new URL(request.origin).host;
    return jsonAnswer(200, {
      tenant_discovery_endpoint: `${request.origin}/${this.#tenantId}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    });
  }

  #configuration(request: ApiRequest, tenant: string): Answer {
    if (!this.#isTenant(tenant)) return this.#noSuchTenant(request, tenant);
    const base = `${request.origin}/${tenant}`;
    return jsonAnswer(200, {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      response_types_supported: ['code', 'id_token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      tenant_region_scope: 'EU',
      cloud_instance_name: new URL(request.origin).host,
    });
  }

  #token(request: ApiRequest, tenant: string, version: 1 | 2): Answer {
    if (!this.#isTenant(tenant)) return this.#noSuchTenant(request, tenant);
    const form = new URLSearchParams(request.body);
    const facts = { app: form.get('client_id') ?? '', tenant };
    const wanted = version === 1 ? 'resource' : 'scope';
    for (const parameter of ['grant_type', 'client_id', wanted]) {
      if (!form.get(parameter)) return entraError(request, 900144, { parameter });
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return entraError(request, 70003, { parameter: form.get('grant_type') ?? '' });
    }
    const registration = this.#registrations.find(facts.app, request.clock);
    if (registration === undefined) return entraError(request, 700016, facts);
    if (registration.servicePrincipalId === undefined) return entraError(request, 7000229, facts);
    if (!registration.enabled) return entraError(request, 7000112, facts);
    const refusal = this.#credentialFault(request, form, registration);
    if (refusal !== undefined) return entraError(request, refusal, facts);
    return this.#issue(request, registration, form.get(wanted) ?? '', version, form.has('client_assertion'));
  }

  #credentialFault(
    request: ApiRequest,
    form: URLSearchParams,
    registration: Registration,
  ): number | undefined {
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      return checkAssertion(assertion, {
        type: form.get('client_assertion_type') ?? '',
        clientId: registration.clientId,
        certificates: registration.certificates,
        audiences: ['oauth2/v2.0/token', 'oauth2/token', 'v2.0'].map(
          (rest) => `${request.origin}/${this.#tenantId}/${rest}`,
        ),
        now: request.clock,
        used: this.#usedAssertions,
      });
    }
    const secret = form.get('client_secret');
    if (secret === null || secret === '') return 7000218;
    return secretFault(registration, secret, request.clock);
  }

  #issue(
    request: ApiRequest,
    registration: Registration,
    wanted: string,
    version: 1 | 2,
    byAssertion: boolean,
  ): Answer {
    const facts = { resource: wanted, tenant: this.#tenantId };
    if (version === 2 && /\s/.test(wanted.trim())) return entraError(request, 70011, facts);
    if (version === 2 && !wanted.endsWith('/.default')) return entraError(request, 1002012, facts);
    const audience = version === 2 ? wanted.slice(0, -'/.default'.length) : wanted;
    const plain = audience.replace(/\/$/, '').toLowerCase();
    const resource = (Object.keys(audiences) as Resource[]).find((name) => audiences[name].includes(plain));
    if (resource === undefined || registration.missingResources.includes(resource)) {
      return entraError(request, 500011, { ...facts, resource: audience });
    }
    const lifetime = registration.tokenLifetimeSeconds;
    const issued = Math.floor(request.clock / 1000);
    const roles = registration.roles[resource];
    const token = signJwt(
      {
        aud: audience.replace(/\/$/, ''),
        iss: `https://sts.windows.net/${this.#tenantId}/`,
        iat: issued,
        nbf: issued,
        exp: issued + lifetime,
        appid: registration.clientId,
        appidacr: byAssertion ? '2' : '1',
        oid: registration.servicePrincipalId,
        sub: registration.servicePrincipalId,
        tid: this.#tenantId,
        ...(roles.length === 0 ? {} : { roles }),
        uti: randomUUID(),
        ver: '1.0',
      },
      keyId,
      this.#key,
    );
    const headers = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' };
    const seconds = Math.max(0, lifetime - 1);
    if (version === 2) {
      return jsonAnswer(
        200,
        { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token: token },
        headers,
      );
    }
    return jsonAnswer(
      200,
      {
        token_type: 'Bearer',
        expires_in: String(seconds),
        ext_expires_in: String(seconds),
        expires_on: String(issued + lifetime),
        not_before: String(issued),
        resource: wanted,
        access_token: token,
      },
      headers,
    );
  }

  #isTenant(tenant: string): boolean {
    return tenant.toLowerCase() === this.#tenantId.toLowerCase();
  }

  #noSuchTenant(request: ApiRequest, tenant: string): Answer {
    if (['common', 'organizations', 'consumers'].includes(tenant.toLowerCase())) {
      return entraError(request, 50059);
    }
    return entraError(request, guid.test(tenant) || tenant.includes('.') ? 90002 : 900023, { tenant });
  }
}

/** Returns the AADSTS code for which a secret is refused; undefined when it is good. */
function secretFault(registration: Registration, secret: string, nowMs: number): number | undefined {
  const { expiredSecrets, secrets } = registration;
  const held = secrets.map((known) =>
    typeof known === 'string' ? { text: known, endsAtMs: Infinity } : known,
  );
  const same = held.filter(({ text }) => sameText(text, secret));
  if (same.some(({ endsAtMs }) => endsAtMs > nowMs)) return undefined;
  return same.length > 0 || expiredSecrets.includes(secret) ? 7000222 : 7000215;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
