import { type Random, randomOf } from '../random.ts';
import type {
  StoredApplication,
  StoredAssignment,
  StoredGrant,
  StoredPermission,
  StoredServicePrincipal,
} from './objects.ts';
import { type Replica, ReplicatedTable, Settling } from './replicas.ts';
import { type MicrosoftResource, microsoftResources } from './resources.ts';

/** What a tenant allows in its directory; assign to change. */
export interface DirectoryPolicies {
  /** Client secrets can be added (API reference §11.4: CredentialTypeNotAllowedAsPerAppPolicy). */
  secretsAllowed: boolean;
  /** The longest life of a new credential, days; undefined for any (CredentialInvalidLifetimeAsPerAppPolicy). */
  longestSecretDays: number | undefined;
  longestCertificateDays: number | undefined;
  /** People without a role may register applications. */
  usersMayRegister: boolean;
  /** Applications that the directory holds at most (Directory_QuotaExceeded); undefined for any number. */
  applicationQuota: number | undefined;
  /** Service principals of Microsoft's resources that are missing may be created. */
  resourcesMayBeCreated: boolean;
}

/** What a directory begins with. */
export interface DirectoryOptions {
  readonly seed: number;
  readonly tenantId: string;
  readonly displayName: string;
  /** The longest time until a change is known everywhere, ms; 0 for at once. */
  readonly settleMs: number;
  /** The directories of all tenants: an application of one may be used in the others. */
  readonly all: readonly Directory[];
  /** The clock's time, ms since 1970. */
  now(): number;
}

/** What each resource offers is the same in every tenant: several hundred share the lists. */
const lists = new WeakMap<MicrosoftResource['scopes'], readonly StoredPermission[]>();

function offered(ids: MicrosoftResource['scopes']): readonly StoredPermission[] {
  const list = lists.get(ids) ?? Object.entries(ids).map(([value, id]) => ({ id, value }));
  lists.set(ids, list);
  return list;
}

/** The objects of one tenant's directory (API reference §11). Times and ages go by the simulator's clock. */
export class Directory {
  readonly tenantId: string;
  readonly displayName: string;
  /** The clock's time, ms since 1970. */
  readonly now: () => number;
  readonly random: Random;
  readonly settling: Settling;
  readonly policies: DirectoryPolicies = {
    secretsAllowed: true,
    longestSecretDays: undefined,
    longestCertificateDays: undefined,
    usersMayRegister: true,
    applicationQuota: undefined,
    resourcesMayBeCreated: true,
  };
  readonly applications: ReplicatedTable<StoredApplication>;
  readonly servicePrincipals: ReplicatedTable<StoredServicePrincipal>;
  readonly assignments: ReplicatedTable<StoredAssignment>;
  readonly grants: ReplicatedTable<StoredGrant>;
  readonly #all: readonly Directory[];

  constructor({ seed, tenantId, displayName, settleMs, all, now }: DirectoryOptions) {
    this.#all = all;
    this.now = now;
    this.tenantId = tenantId;
    this.displayName = displayName;
    this.random = randomOf(seed, 'directory', tenantId);
    this.settling = new Settling(randomOf(seed, 'replicas', tenantId), settleMs);
    this.applications = new ReplicatedTable(this.settling);
    this.servicePrincipals = new ReplicatedTable(this.settling);
    this.assignments = new ReplicatedTable(this.settling);
    this.grants = new ReplicatedTable(this.settling);
    for (const resource of microsoftResources) {
      const principal = this.resourcePrincipal(resource, '2020-01-15T08:00:00Z');
      this.servicePrincipals.found(principal.id, principal);
    }
  }

  /** Returns the application with this client id, as a replica tells it. */
  applicationOf(appId: string, replica: Replica): StoredApplication | undefined {
    return this.applications.all(replica).find((application) => sameId(application.appId, appId));
  }

  /** Returns the application of another tenant with this client id, where it may be used in this one. */
  foreignApplicationOf(
    appId: string,
    replica: Replica,
  ): { readonly application: StoredApplication; readonly homeTenantId: string } | undefined {
    for (const home of this.#all) {
      const application = home === this ? undefined : home.applicationOf(appId, replica);
      if (application?.signInAudience === 'AzureADMyOrg') return undefined;
      if (application !== undefined) return { application, homeTenantId: home.tenantId };
    }
    return undefined;
  }

  /** Returns the service principal of this client id, as a replica tells it. */
  principalOf(appId: string, replica: Replica): StoredServicePrincipal | undefined {
    return this.servicePrincipals.all(replica).find((principal) => sameId(principal.appId, appId));
  }

  /** Returns the last state of the service principal of this client id, known everywhere or not. */
  latestPrincipalOf(appId: string): StoredServicePrincipal | undefined {
    return this.servicePrincipals.allLatest().find((principal) => sameId(principal.appId, appId));
  }

  /** Returns a service principal, with a fresh id, for a resource of Microsoft's. */
  resourcePrincipal(resource: MicrosoftResource, createdDateTime: string): StoredServicePrincipal {
    return {
      id: this.random.guid(),
      appId: resource.appId,
      createdDateTime,
      displayName: resource.displayName,
      accountEnabled: true,
      appRoleAssignmentRequired: false,
      tags: [],
      notes: null,
      appRoles: offered(resource.appRoles),
      scopes: offered(resource.scopes),
      homeTenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    };
  }

  /** Deletes an application; its service principal in this, its home, goes with it. */
  deleteApplication(application: StoredApplication, now: number): void {
    this.applications.delete(application.id, now);
    const principal = this.latestPrincipalOf(application.appId);
    if (principal !== undefined) this.deletePrincipal(principal.id, now);
  }

  /** Deletes a service principal, and every permission that it was granted or that was granted of it. */
  deletePrincipal(id: string, now: number): void {
    this.servicePrincipals.delete(id, now);
    for (const assignment of this.assignments.allLatest()) {
      if (assignment.principalId === id || assignment.resourceId === id) {
        this.assignments.delete(assignment.id, now);
      }
    }
    for (const grant of this.grants.allLatest()) {
      if (grant.clientId === id || grant.resourceId === id) this.grants.delete(grant.id, now);
    }
  }

  /** Every change is known everywhere from now on. */
  settle(): void {
    for (const table of [this.applications, this.servicePrincipals, this.assignments, this.grants]) {
      table.settle();
    }
  }
}

/** True for the same GUID, in whatever case it is written. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
