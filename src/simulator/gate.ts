import type { Quota, SimulatedApi } from './api.ts';
import type { Answer, ApiRequest } from './exchange.ts';
import type { Caller } from './identity/access-token.ts';
import type { Entra } from './identity/entra.ts';
import { seesAlerts } from './identity/person.ts';
import type { Excess, Quotas } from './quotas.ts';
import type { Tenant } from './tenant.ts';

/** What every call passes before its API answers. */
export interface Gate {
  readonly entra: Entra;
  readonly quotas: Quotas;
  /** The quota that holds for an API: Microsoft's, another, or none. */
  quota(api: SimulatedApi): Quota;
}

/** Returns the answer of `api`, or the refusal: 401, 403 or 429 in the form of its family (API reference §2.5, §2.6). */
export function authorised(api: SimulatedApi, request: ApiRequest, tenant: Tenant, gate: Gate): Answer {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return api.errors.unauthorized(request, 'missing');
  const caller = gate.entra.read(token);
  if (caller === undefined) return api.errors.unauthorized(request, 'invalid');
  if (!api.audiences.includes(caller.audience.toLowerCase())) {
    return api.errors.unauthorized(request, 'audience');
  }
  if (caller.expires * 1000 <= request.clock) return api.errors.unauthorized(request, 'expired');
  const excess = excessOf(api, request, caller, gate);
  if (excess !== undefined) return throttled(api, request, tenant, excess);
  if (api.licensed && !tenant.habits.licensed) return api.errors.unlicensed(request);
  const lacking = permissionFault(api, caller);
  if (lacking !== undefined) {
    return api.errors.forbidden(request, lacking.kind, lacking.needed, lacking.granted);
  }
  return api.answer(request, tenant, caller);
}

function excessOf(
  api: SimulatedApi,
  request: ApiRequest,
  caller: Caller,
  { quotas, quota }: Gate,
): Excess | undefined {
  const key = `${caller.tenantId} ${caller.clientId} ${api.name}`;
  const limits = quota(api);
  const excess = quotas.count(key, limits, request.clock);
  const narrower = limits === api.quota ? api.narrowerQuota?.(request) : undefined;
  if (excess !== undefined || narrower === undefined) return excess;
  return quotas.count(`${key} ${narrower.name}`, narrower.quota, request.clock);
}

interface PermissionFault {
  readonly kind: 'application' | 'delegated' | 'person';
  readonly needed: readonly string[];
  readonly granted: readonly string[];
}

/** Returns what the caller lacks: a role of its own, or a delegated permission and a person with a role that shows alerts. */
function permissionFault(api: SimulatedApi, caller: Caller): PermissionFault | undefined {
  if (api.roles.length === 0) return undefined;
  if (caller.userId === undefined) {
    if (api.roles.some((role) => caller.roles.includes(role))) return undefined;
    return { kind: 'application', needed: api.roles, granted: caller.roles };
  }
  if (!api.scopes.some((scope) => caller.scopes.includes(scope))) {
    return { kind: 'delegated', needed: api.scopes, granted: caller.scopes };
  }
  if (seesAlerts(caller.entraRoles)) return undefined;
  return { kind: 'person', needed: ['Security Reader'], granted: [] };
}

/** Returns the 429 of an excess, with `Retry-After` as the tenant's habit has it. */
export function throttled(api: SimulatedApi, request: ApiRequest, tenant: Tenant, excess: Excess): Answer {
  const answer = api.errors.throttled(request, excess.allowed, excess.per);
  const { retryAfter } = tenant.habits;
  if (retryAfter === 'absent') return answer;
  const value =
    retryAfter === 'seconds'
      ? String(excess.waitSeconds)
      : new Date(request.clock + excess.waitSeconds * 1000).toUTCString();
  return { ...answer, headers: { ...answer.headers, 'retry-after': value } };
}
