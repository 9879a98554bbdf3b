import { Control } from './control.ts';
import type { ApiRequest } from './exchange.ts';
import type { FaultBook } from './faults.ts';
import type { Gate } from './gate.ts';
import type { SteeredIdentity } from './identity/control.ts';
import { Entra } from './identity/entra.ts';
import { wellKnownPublicClients } from './identity/public-clients.ts';
import { type Registration, type Registrations, registrationsOf } from './identity/registration.ts';
import { readJwt } from './jwt.ts';
import { Quotas } from './quotas.ts';
import type { RequestCounts } from './request-counts.ts';
import type { Tenant } from './tenant.ts';

/** One tenant, with all that answers for it. */
export interface ServedTenant {
  readonly tenant: Tenant;
  readonly entra: Entra;
  readonly gate: Gate;
  readonly counts: RequestCounts;
  readonly control: Control;
}

/** What one tenant is made of. */
export interface ServedTenantParts {
  readonly tenant: Tenant;
  readonly domains: readonly string[];
  /** The ready-made application, as it is registered in this tenant. */
  readonly registration: Registration;
  readonly registrations: Registrations;
  readonly keys: ConstructorParameters<typeof Entra>[0]['keys'];
  readonly identity: Omit<SteeredIdentity, 'registration'>;
  readonly quota: Gate['quota'];
  readonly faults: FaultBook;
  /** True for a tenant whose control makes faults for itself alone; else they strike all tenants. */
  readonly onlyOwnFaults: boolean;
  readonly counts: RequestCounts;
  now(): number;
  advance(ms: number): void;
}

/** Returns a tenant with its authority, its quotas and its control. */
export function serveTenant(parts: ServedTenantParts): ServedTenant {
  const { tenant, registration, registrations, keys, quota, faults, counts } = parts;
  const identity = { ...parts.identity, registration };
  const publicClients = wellKnownPublicClients(tenant.tenantId, registration.tokenLifetimeSeconds);
  const entra = new Entra({
    ...identity,
    tenantId: tenant.tenantId,
    domains: parts.domains,
    registrations: registrationsOf(registrations, publicClients),
    keys,
  });
  const quotas = new Quotas();
  const control = new Control({
    tenant,
    faults,
    faultsOf: parts.onlyOwnFaults ? tenant.tenantId : undefined,
    quotas,
    counts,
    registration,
    identity,
    now: parts.now,
    advance: parts.advance,
  });
  return { tenant, entra, gate: { entra, quotas, quota }, counts, control };
}

/** The tenants of a simulator. */
export class Tenants {
  /** The tenant that `simulator.credentials` belong to; it answers whoever names no other. */
  readonly first: ServedTenant;
  readonly #byId: ReadonlyMap<string, ServedTenant>;

  constructor(first: ServedTenant, others: readonly ServedTenant[]) {
    this.first = first;
    this.#byId = new Map([first, ...others].map((served) => [served.tenant.tenantId.toLowerCase(), served]));
  }

  /** Returns the tenant with this id, in whatever case. */
  find(tenantId: string): ServedTenant | undefined {
    return this.#byId.get(tenantId.toLowerCase());
  }

  /** Returns the ids of all tenants, the first one's first. */
  ids(): readonly string[] {
    return [...this.#byId.values()].map(({ tenant }) => tenant.tenantId);
  }

  /** Returns whom a call concerns: the tenant that its path begins with, or that its token is of; else the first. */
  of(request: ApiRequest): ServedTenant {
    const inPath = this.find(/^\/([^/]+)/.exec(request.path)?.[1] ?? '');
    if (inPath !== undefined || this.#byId.size === 1) return inPath ?? this.first;
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const tid = token === undefined ? undefined : readJwt(token)?.claims.tid;
    return (typeof tid === 'string' ? this.find(tid) : undefined) ?? this.first;
  }
}
