import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, resourceOf } from '../audiences.ts';
import { type Answer, type ApiRequest, jsonAnswer } from '../exchange.ts';
import { applicationToken, type TokenKeys } from './access-token.ts';
import { usualRoles } from './registration.ts';

/** An identity of the machine or of the service that the connector runs on. */
export interface ManagedIdentity {
  readonly clientId: string;
  /** Of its service principal. */
  readonly objectId: string;
  /** Azure's id of the identity, or of the machine where it is the machine's own. */
  readonly resourceId: string;
  readonly systemAssigned: boolean;
  /** Application permissions that were granted to it. */
  roles: Record<Resource, readonly string[]>;
}

/** Returns the machine's own identity and one that a user assigned to it, both with the permissions that every source needs. */
export function usualIdentities(): ManagedIdentity[] {
  const group = '/subscriptions/51515151-0000-4000-8000-0000000005b5/resourcegroups/siem/providers';
  return [
    {
      clientId: '51515151-0000-4000-8000-000000005e1f',
      objectId: '0b1ec700-5151-4000-8000-000000005e1f',
      resourceId: `${group}/Microsoft.Compute/virtualMachines/connector`,
      systemAssigned: true,
      roles: usualRoles(),
    },
    {
      clientId: '51515151-0000-4000-8000-00000000a551',
      objectId: '0b1ec700-5151-4000-8000-00000000a551',
      resourceId: `${group}/Microsoft.ManagedIdentity/userAssignedIdentities/connector`,
      systemAssigned: false,
      roles: usualRoles(),
    },
  ];
}

/** What the endpoint of managed identities is made of. */
export interface ManagedIdentityParts {
  readonly tenantId: string;
  readonly keys: TokenKeys;
  /** Where Azure Arc leaves the files that it asks for. */
  readonly arcDirectory: string;
}

/** Where a token is asked for, by path and version (API reference §2.1). */
type Form = 'imds' | 'app-service' | 'arc';

/** With this audience a managed identity's token has no roles (API reference §1.3). */
const barrenAudience = 'https://api.securitycenter.microsoft.com';
const lifetimeSeconds = 86_400;
/** The platform gives the same token until so little of it is left. */
const renewedBeforeSeconds = 300;

/** A token that the platform keeps, and when it was issued, seconds since 1970. */
interface KeptToken {
  readonly text: string;
  readonly issued: number;
}

/**
 * The endpoints of managed identities (API reference §2.1): an Azure virtual machine's and Azure Arc's at
 * `/metadata/identity/oauth2/token`, told apart by their `api-version`, and App Service's at `/msi/token`; Microsoft's
 * library puts a slash at the end.
 */
export class ManagedIdentities {
  /** Which the machine has; assign roles, add and remove, as an administrator would. */
  readonly identities: ManagedIdentity[];
  /** What App Service gives its programs in `IDENTITY_HEADER`. */
  readonly header = randomBytes(16).toString('hex').toUpperCase();
  readonly #parts: ManagedIdentityParts;
  /** Contents of the files that Azure Arc has asked for and not yet been shown. */
  readonly #challenges = new Set<string>();
  /** By identity and resource. */
  readonly #kept = new WeakMap<ManagedIdentity, Map<string, KeptToken>>();

  constructor(parts: ManagedIdentityParts, identities: ManagedIdentity[]) {
    this.#parts = parts;
    this.identities = identities;
  }

  /** Answers a request for a token. */
  answer(request: ApiRequest): Answer {
    const form = formOf(request);
    if (form === undefined || request.method !== 'GET') return fault(404, 'not_found', 'No such endpoint.');
    const refusal = this.#refusal(request, form);
    if (refusal !== undefined) return refusal;
    const resource = request.query.get('resource');
    if (resource === null || resource === '') {
      return fault(400, 'invalid_request', "Required query variable 'resource' is missing");
    }
    const identity = this.#identity(request);
    if (typeof identity === 'string') return fault(400, 'invalid_request', identity);
    const name = resourceOf(resource);
    if (name === undefined) {
      return fault(
        400,
        'invalid_resource',
        `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${this.#parts.tenantId}.`,
      );
    }
    return this.#token(request, form, identity, resource, name);
  }

  #refusal(request: ApiRequest, form: Form): Answer | undefined {
    if (form === 'app-service') {
      if (request.headers['x-identity-header'] === this.header) return undefined;
      return fault(401, 'unauthorized_client', 'The header X-IDENTITY-HEADER is missing or wrong.');
    }
    if (request.headers.metadata?.toLowerCase() !== 'true') {
      return fault(400, 'invalid_request', 'Required metadata header not specified');
    }
    if (request.headers['x-forwarded-for'] !== undefined) {
      return fault(400, 'invalid_request', 'The request came through a proxy');
    }
    return form === 'arc' ? this.#challenge(request) : undefined;
  }

  /** Azure Arc gives a token to whoever can read a file of its own. */
  #challenge(request: ApiRequest): Answer | undefined {
    const shown = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (shown !== undefined && this.#challenges.delete(shown)) return undefined;
    const content = randomBytes(32).toString('hex');
    const file = join(this.#parts.arcDirectory, `${randomBytes(8).toString('hex')}.key`);
    writeFileSync(file, content, { mode: 0o600 });
    this.#challenges.add(content);
    const answer = fault(401, 'unauthorized', 'Read the file that is named, and show what is in it.');
    return { ...answer, headers: { ...answer.headers, 'www-authenticate': `Basic realm=${file}` } };
  }

  /** Returns the identity that is asked for, or why there is none. */
  #identity({ query }: ApiRequest): ManagedIdentity | string {
    const named = [
      ['clientId', query.get('client_id')],
      ['resourceId', query.get('mi_res_id') ?? query.get('msi_res_id')],
      ['objectId', query.get('object_id') ?? query.get('principal_id')],
    ] as const;
    const wanted = named.filter(([, value]) => value !== null);
    if (wanted.length > 1) return 'Only one of client_id, mi_res_id and object_id may be given';
    const [field, value] = wanted[0] ?? [];
    if (field !== undefined) {
      const found = this.identities.find((identity) => same(identity[field], value ?? ''));
      return found ?? 'Identity not found';
    }
    const own = this.identities.find(({ systemAssigned }) => systemAssigned);
    if (own !== undefined) return own;
    const [only, ...others] = this.identities;
    if (only === undefined) return 'Identity not found';
    if (others.length === 0) return only;
    return 'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request';
  }

  #token(
    request: ApiRequest,
    form: Form,
    identity: ManagedIdentity,
    resource: string,
    name: Resource,
  ): Answer {
    const { text, issued } = this.#tokenOf(request, identity, resource, name);
    const { clientId, resourceId } = identity;
    const now = Math.floor(request.clock / 1000);
    const named = request.query.has('mi_res_id') || request.query.has('msi_res_id');
    return jsonAnswer(200, {
      access_token: text,
      client_id: clientId,
      ...(form === 'arc' && named ? { msi_res_id: resourceId } : {}),
      ...(form === 'app-service' ? {} : { expires_in: String(issued + lifetimeSeconds - now - 1) }),
      expires_on: String(issued + lifetimeSeconds),
      ...(form === 'app-service' ? {} : { not_before: String(issued) }),
      resource,
      token_type: 'Bearer',
    });
  }

  /** The platform keeps its tokens: a role that is granted now shows in the next one, up to a day later. */
  #tokenOf(request: ApiRequest, identity: ManagedIdentity, resource: string, name: Resource): KeptToken {
    const ofIdentity = this.#kept.get(identity) ?? new Map<string, KeptToken>();
    this.#kept.set(identity, ofIdentity);
    const issued = Math.floor(request.clock / 1000);
    const kept = ofIdentity.get(resource);
    if (kept !== undefined && kept.issued + lifetimeSeconds - renewedBeforeSeconds > issued) return kept;
    const { tenantId, keys } = this.#parts;
    const { clientId, objectId, roles } = identity;
    const barren = same(resource.replace(/\/$/, ''), barrenAudience);
    const text = applicationToken(
      { tenantId, clientId, audience: resource, proof: '2', issuedMs: request.clock, lifetimeSeconds },
      objectId,
      barren ? [] : roles[name],
      keys,
    );
    const fresh = { text, issued };
    ofIdentity.set(resource, fresh);
    return fresh;
  }
}

/** Returns how a failure of these endpoints reads. */
export function managedIdentityFault(status: number): Answer {
  const texts: Readonly<Record<number, string>> = {
    404: 'The identity endpoint is not ready yet',
    410: 'The identity endpoint is being updated',
    429: 'Too many requests',
  };
  return fault(
    status,
    status < 500 ? 'invalid_request' : 'server_error',
    texts[status] ?? 'Internal server error',
  );
}

function formOf({ path, query }: ApiRequest): Form | undefined {
  const version = query.get('api-version');
  const endpoint = path.replace(/\/$/, '');
  if (endpoint === '/msi/token') return version === '2019-08-01' ? 'app-service' : undefined;
  if (endpoint !== '/metadata/identity/oauth2/token') return undefined;
  if (version === '2020-06-01') return 'arc';
  return version === '2018-02-01' ? 'imds' : undefined;
}

function fault(status: number, error: string, description: string): Answer {
  return jsonAnswer(status, { error, error_description: description });
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
