import { type Resource, resourceNames } from '../identity/resources.ts';
import type { AppRoleAssignment, OfferedPermission, ServicePrincipal } from './directory.ts';
import type { NeededPermission, NewCredential, Plan, Step } from './plan.ts';
import type { DirectoryState } from './state.ts';

/** How an app registration is to be. */
export interface DesiredRegistration {
  /** The tenant's name in the configuration, and its directory id. */
  readonly tenant: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly tags: readonly string[];
  readonly permissions: readonly NeededPermission[];
  readonly publicClient: boolean;
  readonly multiTenant: boolean;
  /** It is to be its own owner, so that it can renew its credential. */
  readonly ownsItself: boolean;
  /** The credential to add; undefined where one that works is there. */
  readonly credential: NewCredential | undefined;
  /** Client id of an application that lives in another tenant: here it only gets its service principal and its grants. */
  readonly foreignAppId?: string | undefined;
  /** Names of secrets that were added, but whose values were lost before they were written down. */
  readonly lostSecrets: readonly string[];
}

/** How a plan is made. */
export interface PlanningOptions {
  /** Also takes away what is too much. */
  readonly repair: boolean;
  /** ms since 1970. */
  readonly nowMs: number;
}

/** A plan, and what is too much but stays: one line each, for the person. */
export interface Planned {
  readonly plan: Plan;
  readonly superfluous: readonly string[];
}

const resources: readonly Resource[] = ['graph', 'defender', 'xdr'];

/** Returns the steps from what is there to what is wanted; none when all is as it should be. Pure. */
export function planProvision(
  state: DirectoryState,
  desired: DesiredRegistration,
  options: PlanningOptions,
): Planned {
  const { principal } = state;
  const excess = options.repair ? superfluousSteps(state, desired, options) : [];
  const steps: readonly Step[] = [
    ...missingResources(state, desired),
    ...registrationSteps(state, desired, options),
    ...(principal === undefined ? [{ kind: 'create-service-principal' } as const] : []),
    ...(principal?.accountEnabled === false ? [{ kind: 'enable-service-principal' } as const] : []),
    ...lostSecrets(state, desired),
    // Before the new one: the directory refuses to write an ended certificate again beside it.
    ...excess.filter(({ kind }) => kind === 'remove-credential'),
    ...(desired.credential === undefined
      ? []
      : [{ kind: 'add-credential', credential: desired.credential } as const]),
    ...(desired.ownsItself && !(principal !== undefined && state.owners.includes(principal.id))
      ? [{ kind: 'own-itself' } as const]
      : []),
    ...missingGrants(state, desired),
    ...delegatedSteps(state, desired, options),
    ...excess.filter(({ kind }) => kind === 'revoke'),
  ];
  return {
    plan: {
      tenant: desired.tenant,
      tenantId: desired.tenantId,
      application: knownApplication(state, desired),
      steps,
    },
    superfluous: options.repair
      ? []
      : [...superfluousSteps(state, desired, options).map(tooMuch), ...superfluousScopes(state, desired)],
  };
}

function knownApplication(
  { application }: DirectoryState,
  { foreignAppId, displayName }: DesiredRegistration,
): Plan['application'] {
  if (foreignAppId !== undefined) return { appId: foreignAppId, id: foreignAppId, displayName };
  return (
    application && {
      appId: application.appId,
      id: application.id,
      displayName: application.displayName,
    }
  );
}

function missingResources(state: DirectoryState, { permissions }: DesiredRegistration): readonly Step[] {
  return resources
    .filter((resource) => permissions.some((permission) => permission.resource === resource))
    .filter((resource) => state.resources[resource] === undefined)
    .map((resource) => ({ kind: 'create-resource-principal', resource }));
}

function registrationSteps(
  state: DirectoryState,
  desired: DesiredRegistration,
  { repair }: PlanningOptions,
): readonly Step[] {
  const { displayName, tags, permissions, publicClient, multiTenant } = desired;
  const { application } = state;
  if (desired.foreignAppId !== undefined) return [];
  if (application === undefined) {
    return [{ kind: 'create-application', displayName, tags, permissions, publicClient, multiTenant }];
  }
  const asked = askedFor(state);
  const missing = permissions.filter((permission) => !asked.some((other) => isSame(other, permission)));
  const excess = asked.filter((other) => !permissions.some((permission) => isSame(other, permission)));
  const steps: Step[] = [];
  if (missing.length > 0 || (repair && excess.length > 0)) {
    steps.push({ kind: 'ask-for', permissions: repair ? permissions : [...permissions, ...excess] });
  }
  if (publicClient && !application.isFallbackPublicClient) steps.push({ kind: 'allow-public-client' });
  if (multiTenant && application.signInAudience === 'AzureADMyOrg') {
    steps.push({ kind: 'allow-other-tenants' });
  }
  return steps;
}

/** What the application asks of the resources that are known, by name. */
function askedFor({ application, resources: principals }: DirectoryState): readonly NeededPermission[] {
  return resources.flatMap((resource) => {
    const principal = principals[resource];
    const asked = application?.requiredResourceAccess.find(
      ({ resourceAppId }) => resourceAppId === principal?.appId,
    );
    return (asked?.resourceAccess ?? []).flatMap(({ id, type }): readonly NeededPermission[] => {
      const offered = type === 'Role' ? principal?.appRoles : principal?.delegatedScopes;
      const value = offered?.find((permission) => permission.id === id)?.value;
      return value === undefined ? [] : [{ resource, value, type, neededBy: [] }];
    });
  });
}

function missingGrants(state: DirectoryState, { permissions }: DesiredRegistration): readonly Step[] {
  return permissions
    .filter(({ type }) => type === 'Role')
    .filter((permission) => !state.assignments.some((assignment) => grants(assignment, permission, state)))
    .map((permission) => ({ kind: 'grant', permission }));
}

function grants(
  assignment: AppRoleAssignment,
  { resource, value }: NeededPermission,
  state: DirectoryState,
): boolean {
  const principal = state.resources[resource];
  const role = principal?.appRoles.find((offered) => offered.value === value);
  return assignment.resourceId === principal?.id && assignment.appRoleId === role?.id;
}

function delegatedSteps(
  state: DirectoryState,
  { permissions }: DesiredRegistration,
  { repair }: PlanningOptions,
): readonly Step[] {
  return resources.flatMap((resource): readonly Step[] => {
    const needed = permissions
      .filter((one) => one.type === 'Scope' && one.resource === resource)
      .map(({ value }) => value);
    const granted = delegatedOf(state, state.resources[resource]);
    const excess = granted.filter((value) => !needed.includes(value));
    const lacking = needed.filter((value) => !granted.includes(value));
    if (lacking.length === 0 && !(repair && excess.length > 0)) return [];
    return [{ kind: 'grant-delegated', resource, values: repair ? needed : [...needed, ...excess] }];
  });
}

function superfluousScopes(state: DirectoryState, { permissions }: DesiredRegistration): readonly string[] {
  return resources.flatMap((resource) =>
    delegatedOf(state, state.resources[resource])
      .filter(
        (value) => !permissions.some((one) => isSame(one, { resource, value, type: 'Scope', neededBy: [] })),
      )
      .map(
        (value) =>
          `the delegated permission ${value} of ${resourceNames[resource]} is granted, but nothing needs it`,
      ),
  );
}

function delegatedOf(state: DirectoryState, principal: ServicePrincipal | undefined): readonly string[] {
  const grant = state.delegatedGrants.find(({ resourceId }) => resourceId === principal?.id);
  return grant?.scope.split(' ').filter((value) => value !== '') ?? [];
}

type Removal = Extract<Step, { kind: 'revoke' | 'remove-credential' }>;

function superfluousSteps(
  state: DirectoryState,
  { permissions }: DesiredRegistration,
  { nowMs }: PlanningOptions,
): readonly Removal[] {
  const revoked = state.assignments
    .filter((assignment) => !permissions.some((permission) => grants(assignment, permission, state)))
    .map((assignment): Removal => {
      const resource = resources.find((one) => state.resources[one]?.id === assignment.resourceId);
      const offered: readonly OfferedPermission[] =
        resource === undefined ? [] : (state.resources[resource]?.appRoles ?? []);
      const value = offered.find(({ id }) => id === assignment.appRoleId)?.value ?? assignment.appRoleId;
      return { kind: 'revoke', resource, value, assignment };
    });
  const ended = (endDateTime: string) => Date.parse(endDateTime) <= nowMs;
  const keys = (state.application?.keyCredentials ?? [])
    .filter(({ endDateTime }) => ended(endDateTime))
    .map((key): Removal => ({ kind: 'remove-credential', credential: { kind: 'certificate', key } }));
  const passwords = (state.application?.passwordCredentials ?? [])
    .filter(({ endDateTime }) => ended(endDateTime))
    .map((password): Removal => ({ kind: 'remove-credential', credential: { kind: 'secret', password } }));
  return [...revoked, ...keys, ...passwords];
}

function lostSecrets({ application }: DirectoryState, desired: DesiredRegistration): readonly Step[] {
  return (application?.passwordCredentials ?? [])
    .filter(({ displayName }) => displayName !== undefined && desired.lostSecrets.includes(displayName))
    .map((password) => ({ kind: 'remove-credential', credential: { kind: 'secret', password } }));
}

function tooMuch(step: Removal): string {
  if (step.kind === 'revoke') {
    const of = step.resource === undefined ? 'another resource' : resourceNames[step.resource];
    return `the permission ${step.value} of ${of} is granted, but nothing needs it`;
  }
  const { credential } = step;
  if (credential.kind === 'certificate') {
    return `the certificate ${credential.key.displayName ?? credential.key.keyId} ended on ${day(credential.key.endDateTime)}`;
  }
  if (credential.kind === 'secret') {
    const { password } = credential;
    return `the client secret ${password.displayName ?? password.keyId} ended on ${day(password.endDateTime)}`;
  }
  return `the federated credential ${credential.federated.name} is of no use`;
}

function day(instant: string): string {
  return instant.slice(0, 10);
}

function isSame(one: NeededPermission, other: NeededPermission): boolean {
  return one.resource === other.resource && one.type === other.type && one.value === other.value;
}
