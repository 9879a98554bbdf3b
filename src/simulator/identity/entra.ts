import { type Answer, type ApiRequest, jsonAnswer } from '../exchange.ts';
import { readJwt } from '../jwt.ts';
import { type Caller, readAccessToken, type TokenKeys, tokenKeyId } from './access-token.ts';
import { ClientProofs } from './client-proof.ts';
import { readScopes } from './delegated-scopes.ts';
import { deviceCodeLifetimeSeconds, pollIntervalSeconds } from './device-codes.ts';
import { entraError } from './errors.ts';
import type { OidcIssuers } from './oidc-issuers.ts';
import type { Registration, Registrations } from './registration.ts';
import type { SignIns } from './sign-ins.ts';
import { deviceLoginOf, isForeign, type TenantCloud, tenantMetadata } from './tenant-cloud.ts';
import {
  applicationGrant,
  deviceCodeGrant,
  type GrantRequest,
  refreshGrant,
  scopeRefusal,
} from './token-grants.ts';

const paths = {
  token: /^\/([^/]+)\/oauth2\/(v2\.0\/)?token\/?$/i,
  deviceCode: /^\/([^/]+)\/oauth2\/v2\.0\/devicecode\/?$/i,
  configuration: /^\/([^/]+)\/(?:v2\.0\/)?\.well-known\/openid-configuration$/i,
  keys: /^\/([^/]+)\/discovery\/(?:v2\.0\/)?keys$/i,
  discovery: /^\/common\/discovery\/instance$/i,
};
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The grants that the token endpoint knows, and the parameters that each needs beside `client_id`. */
const grants = {
  client_credentials: { delegated: false, answer: applicationGrant, needs: { 1: 'resource', 2: 'scope' } },
  'urn:ietf:params:oauth:grant-type:device_code': {
    delegated: true,
    answer: deviceCodeGrant,
    needs: { 1: 'device_code', 2: 'device_code' },
  },
  refresh_token: {
    delegated: true,
    answer: refreshGrant,
    needs: { 1: 'refresh_token', 2: 'refresh_token' },
  },
} as const;

/** What a tenant's authority is made of. */
export interface EntraParts {
  readonly tenantId: string;
  /** Its verified domains, which stand for its id in paths. */
  readonly domains: readonly string[];
  readonly registrations: Registrations;
  /** With which tokens are signed. */
  readonly keys: TokenKeys;
  readonly cloud: TenantCloud;
  readonly signIns: SignIns;
  readonly issuers: OidcIssuers;
}

/** Entra ID's endpoints for one tenant (API reference §2.1, §11.3). */
export class Entra {
  readonly #parts: EntraParts;
  readonly #proofs: ClientProofs;

  constructor(parts: EntraParts) {
    this.#parts = parts;
    this.#proofs = new ClientProofs([parts.tenantId, ...parts.domains], parts.issuers);
  }

  /** True when `path` is one of the authority's. */
  owns(path: string): boolean {
    return Object.values(paths).some((pattern) => pattern.test(path));
  }

  /** True when `path` is one of those that issue tokens, or begin to: faults of the target `token` strike there. */
  issues(path: string): boolean {
    return paths.token.test(path) || paths.deviceCode.test(path);
  }

  /** Answers a call to the authority. `refusal`: the AADSTS code that a fault demands. */
  answer(request: ApiRequest, refusal: number | undefined): Answer {
    const { tenantId } = this.#parts;
    if (paths.discovery.test(request.path)) return this.#discovery(request);
    const configuration = paths.configuration.exec(request.path);
    if (configuration !== null) return this.#configuration(request, configuration[1] ?? '');
    if (paths.keys.test(request.path)) return this.#keys();
    const [token, deviceCode] = [paths.token.exec(request.path), paths.deviceCode.exec(request.path)];
    if (request.method !== 'POST') return jsonAnswer(404, { error: 'not_found' });
    const form = new URLSearchParams(request.body);
    const app = form.get('client_id') ?? '';
    if (refusal !== undefined) return entraError(request, refusal, { app, tenant: tenantId });
    if (deviceCode !== null) return this.#deviceCode(request, form, deviceCode[1] ?? '');
    return this.#token(request, form, token?.[1] ?? '', token?.[2] === undefined ? 1 : 2);
  }

  /** Returns what a token says; undefined when this authority did not issue it. */
  read(token: string): Caller | undefined {
    return readAccessToken(token, this.#parts.keys.publicKey);
  }

  #discovery(request: ApiRequest): Answer {
    const { host } = new URL(request.origin);
    return jsonAnswer(200, {
      tenant_discovery_endpoint: `${request.origin}/${this.#parts.tenantId}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    });
  }

  #configuration(request: ApiRequest, tenant: string): Answer {
    const { cloud, tenantId } = this.#parts;
    if (!this.#isTenant(tenant, false)) return this.#noSuchTenant(request, tenant);
    return jsonAnswer(200, tenantMetadata(cloud, tenantId, request.origin));
  }

  #keys(): Answer {
    const key = this.#parts.keys.publicKey.export({ format: 'jwk' });
    return jsonAnswer(200, { keys: [{ ...key, use: 'sig', kid: tokenKeyId, x5t: tokenKeyId }] });
  }

  #deviceCode(request: ApiRequest, form: URLSearchParams, tenant: string): Answer {
    const { cloud, signIns, tenantId } = this.#parts;
    if (!this.#isTenant(tenant, true)) return this.#noSuchTenant(request, tenant);
    if (isForeign(cloud)) return entraError(request, 90002, { tenant });
    for (const parameter of ['client_id', 'scope']) {
      if (!form.get(parameter)) return entraError(request, 900144, { parameter });
    }
    const registration = this.#client(request, form.get('client_id') ?? '');
    if ('status' in registration) return registration;
    const wanted = readScopes(form.get('scope') ?? '');
    if ('code' in wanted) return scopeRefusal(request, wanted, tenantId);
    const { deviceCodes } = signIns;
    const begun = deviceCodes.begin(registration.clientId.toLowerCase(), wanted, request.clock);
    if (signIns.approveAtOnce) deviceCodes.settle('approved', begun.userCode);
    const page = deviceLoginOf(cloud);
    return jsonAnswer(200, {
      user_code: begun.userCode,
      device_code: begun.deviceCode,
      verification_uri: page,
      expires_in: deviceCodeLifetimeSeconds,
      interval: pollIntervalSeconds,
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${begun.userCode} to authenticate.`,
    });
  }

  #token(request: ApiRequest, form: URLSearchParams, tenant: string, version: 1 | 2): Answer {
    const type = form.get('grant_type') ?? '';
    const grant = Object.entries(grants).find(([name]) => name === type)?.[1];
    if (!this.#isTenant(tenant, grant?.delegated === true)) return this.#noSuchTenant(request, tenant);
    if (isForeign(this.#parts.cloud)) return entraError(request, 900382);
    const needed = grant?.needs[version] ?? grants.client_credentials.needs[version];
    for (const parameter of ['grant_type', 'client_id', needed]) {
      if (!form.get(parameter)) return entraError(request, 900144, { parameter });
    }
    if (grant === undefined) return entraError(request, 70003, { parameter: type });
    const registration = this.#client(request, form.get('client_id') ?? '');
    if ('status' in registration) return registration;
    const proof = this.#proofs.check(request, form, registration, grant.delegated);
    if ('refusal' in proof) {
      return entraError(request, proof.refusal, { app: registration.clientId, ...assertionFacts(form) });
    }
    const asked: GrantRequest = { request, form, version, registration, proof: proof.proof };
    return grant.answer(asked, this.#parts);
  }

  /** Returns the application, or why it cannot be used in this tenant. */
  #client(request: ApiRequest, clientId: string): Registration | Answer {
    const facts = { app: clientId, tenant: this.#parts.tenantId };
    const registration = this.#parts.registrations.find(clientId, request.clock);
    if (registration === undefined) return entraError(request, 700016, facts);
    if (registration.servicePrincipalId === undefined) return entraError(request, 7000229, facts);
    return registration.enabled ? registration : entraError(request, 7000112, facts);
  }

  #isTenant(tenant: string, anyTenant: boolean): boolean {
    const named = tenant.toLowerCase();
    if (anyTenant && (named === 'organizations' || named === 'common')) return true;
    return [this.#parts.tenantId, ...this.#parts.domains].some((name) => name.toLowerCase() === named);
  }

  #noSuchTenant(request: ApiRequest, tenant: string): Answer {
    if (['common', 'organizations', 'consumers'].includes(tenant.toLowerCase())) {
      return entraError(request, 50059);
    }
    return entraError(request, guid.test(tenant) || tenant.includes('.') ? 90002 : 900023, { tenant });
  }
}

/** What a refused external token says of itself: Entra repeats it, so that it can be compared. */
function assertionFacts(form: URLSearchParams): Readonly<Record<string, string>> {
  const claims = readJwt(form.get('client_assertion') ?? '')?.claims ?? {};
  const { iss, sub, aud } = claims;
  return { issuer: String(iss ?? ''), subject: String(sub ?? ''), audience: [aud].flat().join(' ') };
}
