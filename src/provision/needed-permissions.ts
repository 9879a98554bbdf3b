import type { TenantAuth } from '../identity/credential.ts';
import type { Resource } from '../identity/resources.ts';
import type { SourceType } from '../sources/source-type.ts';
import type { NeededPermission } from './plan.ts';
import { responsePermissions } from './response-permissions.ts';

/** What of a configuration decides which permissions are needed; a whole `Config` fits. */
export interface PermissionFacts {
  readonly tenants: readonly { readonly name: string; readonly auth: Pick<TenantAuth, 'kind' | 'rotate'> }[];
  readonly sources: readonly { readonly name: string; readonly type: string; readonly tenant: string }[];
}

/** What is wanted of the application beside reading the sources. */
export interface PermissionOptions {
  /** It is to carry out response actions too. */
  readonly response: boolean;
}

/** One need: any of these permissions meets it. */
interface Need {
  readonly neededBy: string;
  readonly resource: Resource;
  /** The least first. */
  readonly accepted: readonly string[];
}

/** An application that renews its own credential changes itself. */
const rotation: Need = {
  neededBy: 'rotation',
  resource: 'graph',
  accepted: ['Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All'],
};

/**
 * Returns the fewest and least permissions that the sources of a tenant need: for each the least that its type lists,
 * unless one that is needed anyway covers it. Application permissions; delegated ones where a person's sign-in is the
 * tenant's credential.
 */
export function neededPermissions(
  config: PermissionFacts,
  tenantName: string,
  sourceTypes: readonly Pick<SourceType, 'type' | 'api' | 'permissions'>[],
  options: PermissionOptions,
): readonly NeededPermission[] {
  const auth = config.tenants.find(({ name }) => name === tenantName)?.auth;
  const needs = [
    ...config.sources
      .filter((source) => source.tenant === tenantName)
      .flatMap((source): readonly Need[] => {
        const type = sourceTypes.find((candidate) => candidate.type === source.type);
        if (type === undefined || type.api === 'siem' || type.permissions.length === 0) return [];
        return [{ neededBy: `source ${source.name}`, resource: type.api, accepted: type.permissions }];
      }),
    ...(options.response
      ? responsePermissions.map(({ resource, permissions }) => ({
          neededBy: 'response',
          resource,
          accepted: permissions,
        }))
      : []),
    ...(auth?.rotate !== undefined ? [rotation] : []),
  ];
  return fewest(needs).map((permission) => (auth?.kind === 'user' ? asDelegated(permission) : permission));
}

function fewest(needs: readonly Need[]): readonly NeededPermission[] {
  const least = needs.flatMap(({ resource, accepted }) => {
    const [value] = accepted;
    return value === undefined ? [] : [{ resource, value }];
  });
  const chosen = least.filter(
    ({ resource, value }, index) =>
      least.findIndex((other) => other.resource === resource && other.value === value) === index,
  );
  const met = (need: Need, by: readonly { resource: Resource; value: string }[]) =>
    by.some(({ resource, value }) => resource === need.resource && need.accepted.includes(value));
  // The narrower go first: what a wider one covers is dropped, never the other way round.
  let kept = [...chosen];
  for (const candidate of [...chosen].sort((a, b) => width(a.value) - width(b.value))) {
    const without = kept.filter((other) => other !== candidate);
    if (needs.every((need) => met(need, without))) kept = without;
  }
  return kept.map(({ resource, value }) => ({
    resource,
    value,
    type: 'Role' as const,
    neededBy: [
      ...new Set(
        needs
          .filter((need) => need.resource === resource && firstMet(need, kept) === value)
          .map(({ neededBy }) => neededBy),
      ),
    ],
  }));
}

/** Returns the least of the kept permissions that meets a need. */
function firstMet(need: Need, kept: readonly { readonly resource: Resource; readonly value: string }[]) {
  return need.accepted.find((value) =>
    kept.some((other) => other.resource === need.resource && other.value === value),
  );
}

function width(permission: string): number {
  return permission.includes('.ReadWrite') ? 1 : 0;
}

/** Areas of the Defender resources whose delegated scopes have no `.All` (reference §8.1, §11.2). */
const withoutAll: Readonly<Record<Resource, ReadonlySet<string>>> = {
  graph: new Set(),
  defender: new Set([
    'Alert',
    'Machine',
    'AdvancedQuery',
    'Vulnerability',
    'Software',
    'SecurityRecommendation',
    'Score',
    'RemediationTasks',
    'SecurityBaselinesAssessment',
  ]),
  xdr: new Set(['Incident', 'AdvancedHunting', 'CustomDetections']),
};

/** Returns the delegated scope that lets a signed-in person do what an application permission allows. */
export function delegatedScope(resource: Resource, permission: string): string {
  const [area = ''] = permission.split('.');
  return withoutAll[resource].has(area) ? permission.replace(/\.All$/, '') : permission;
}

function asDelegated(permission: NeededPermission): NeededPermission {
  const value = delegatedScope(permission.resource, permission.value);
  return { ...permission, value, type: 'Scope' };
}
