import type { Resource } from '../audiences.ts';
import { type Directory, type DirectoryPolicies, sameId } from './directory.ts';
import { applicationFacts, type RegisteredApplication } from './facts.ts';
import type { StoredApplication, StoredServicePrincipal } from './objects.ts';
import { microsoftResource, microsoftResources } from './resources.ts';

/** Looks at a tenant's directory, and changes it behind the connector's back, as an administrator would. */
export class DirectoryControl {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** What the tenant allows; assign to change. */
  get policies(): DirectoryPolicies {
    return this.#directory.policies;
  }

  /** The longest time until a change to come is known everywhere, ms; assign to change. */
  get settleMs(): number {
    return this.#directory.settling.mostMs;
  }

  set settleMs(ms: number) {
    this.#directory.settling.mostMs = ms;
  }

  /** Every change up to now is known everywhere. */
  settle(): void {
    this.#directory.settle();
  }

  /** Returns every application, whether all replicas know it or not, the oldest first. */
  applications(): readonly RegisteredApplication[] {
    return this.#directory.applications
      .allLatest()
      .map((application) => applicationFacts(this.#directory, application));
  }

  /** Returns the resources of Microsoft's that have a service principal in the tenant. */
  resources(): readonly Resource[] {
    return microsoftResources
      .filter(({ appId }) => this.#directory.latestPrincipalOf(appId) !== undefined)
      .map(({ name }) => name);
  }

  /** Deletes an application, by its client id, and its service principal. Throws RangeError when there is none. */
  deleteApplication(appId: string): void {
    this.#directory.deleteApplication(this.#application(appId), this.#directory.now());
  }

  /** Deletes the service principal of a client id. Throws RangeError when there is none. */
  deleteServicePrincipal(appId: string): void {
    this.#directory.deletePrincipal(this.#principal(appId).id, this.#directory.now());
  }

  /** Lets an application sign in, or not. Throws RangeError when it has no service principal. */
  enable(appId: string, accountEnabled: boolean): void {
    const principal = this.#principal(appId);
    const { servicePrincipals, now } = this.#directory;
    servicePrincipals.put(principal.id, { ...principal, accountEnabled }, now());
  }

  /** Takes a resource's service principal out of the tenant at once, as if it had never been there. */
  withoutResource(resource: Resource): void {
    const principal = this.#directory.latestPrincipalOf(microsoftResource(resource).appId);
    if (principal === undefined) return;
    this.#directory.deletePrincipal(principal.id, this.#directory.now());
    this.#directory.settle();
  }

  /** Grants an application permission. Throws RangeError for an unknown application or permission. */
  grant(appId: string, resource: Resource, value: string): void {
    const { assignments, random, now } = this.#directory;
    const offering = this.#principal(microsoftResource(resource).appId);
    const id = offering.appRoles.find((role) => role.value === value)?.id;
    if (id === undefined) throw new RangeError(`${resource} offers no ${value}`);
    const assignment = {
      id: random.guid(),
      createdDateTime: new Date(now()).toISOString(),
      appRoleId: id,
      principalId: this.#principal(appId).id,
      resourceId: offering.id,
    };
    assignments.put(assignment.id, assignment, now());
  }

  /** Takes back an application permission. Throws RangeError when it was not granted. */
  revoke(appId: string, resource: Resource, value: string): void {
    const { assignments, now } = this.#directory;
    const principal = this.#principal(appId);
    const offering = this.#principal(microsoftResource(resource).appId);
    const role = offering.appRoles.find((candidate) => candidate.value === value);
    const assignment = assignments
      .allLatest()
      .find(({ principalId, appRoleId }) => principalId === principal.id && appRoleId === role?.id);
    if (assignment === undefined) throw new RangeError(`${appId} does not have ${value}`);
    assignments.delete(assignment.id, now());
  }

  /** Removes a secret, certificate or federated credential, by its id. Throws RangeError when there is none. */
  removeCredential(appId: string, keyId: string): void {
    const application = this.#application(appId);
    const left = <T extends { readonly keyId: string }>(all: readonly T[]) =>
      all.filter((credential) => !sameId(credential.keyId, keyId));
    const changed = {
      ...application,
      keyCredentials: left(application.keyCredentials),
      passwordCredentials: left(application.passwordCredentials),
      federatedIdentityCredentials: application.federatedIdentityCredentials.filter(({ id }) => id !== keyId),
    };
    if (countOf(changed) === countOf(application)) {
      throw new RangeError(`${appId} has no credential ${keyId}`);
    }
    this.#put(changed);
  }

  /** Makes secrets and certificates end in `ms` from now (below 0: ended already): all, or the one with this id. */
  ageCredentials(appId: string, ms: number, keyId?: string): void {
    const application = this.#application(appId);
    const endDateTime = new Date(this.#directory.now() + ms).toISOString();
    const aged = <T extends { readonly keyId: string }>(all: readonly T[]) =>
      all.map((credential) =>
        keyId === undefined || sameId(credential.keyId, keyId) ? { ...credential, endDateTime } : credential,
      );
    this.#put({
      ...application,
      keyCredentials: aged(application.keyCredentials),
      passwordCredentials: aged(application.passwordCredentials),
    });
  }

  #put(application: StoredApplication): void {
    this.#directory.applications.put(application.id, application, this.#directory.now());
  }

  #application(appId: string): StoredApplication {
    const found = this.#directory.applications.allLatest().find((known) => sameId(known.appId, appId));
    if (found === undefined) throw new RangeError(`no application has the client id ${appId}`);
    return found;
  }

  #principal(appId: string): StoredServicePrincipal {
    const found = this.#directory.latestPrincipalOf(appId);
    if (found === undefined) throw new RangeError(`no service principal has the client id ${appId}`);
    return found;
  }
}

function countOf(application: StoredApplication): number {
  return (
    application.keyCredentials.length +
    application.passwordCredentials.length +
    application.federatedIdentityCredentials.length
  );
}
