import type { Resource } from '../audiences.ts';
import { mayConsent, type Person } from './person.ts';
import { azureCli } from './public-clients.ts';
import type { Registration } from './registration.ts';

/** Delegated permissions to which every person may agree for themselves. */
const harmless = ['User.Read', 'openid', 'profile', 'email', 'offline_access'];

/** What a person agreed to for themselves, by application; what was granted for everybody is in its registration. */
export class Consents {
  readonly #given = new Map<string, Set<string>>();

  /** Returns the delegated permissions of one resource that the application has with this person. */
  granted(registration: Registration, person: Person, resource: Resource): readonly string[] {
    const own = this.#given.get(key(registration, person, resource)) ?? [];
    return [...new Set([...registration.scopes[resource], ...own])];
  }

  /** Notes that the person agreed. */
  give(registration: Registration, person: Person, resource: Resource, scopes: readonly string[]): void {
    const of = key(registration, person, resource);
    this.#given.set(of, new Set([...(this.#given.get(of) ?? []), ...scopes]));
  }

  /**
   * Asks the person for what is still missing of `scopes`, and notes it. Returns the AADSTS code with which the sign-in
   * ends: 65002 for an application of Microsoft's whose permissions are fixed, 90094 where only an administrator may
   * agree, 65004 for a person who declines; undefined when all is granted.
   */
  ask(
    registration: Registration,
    person: Person,
    resource: Resource,
    scopes: readonly string[],
  ): number | undefined {
    const granted = this.granted(registration, person, resource);
    const missing = scopes.filter((scope) => !granted.includes(scope));
    if (missing.length === 0) return undefined;
    if (registration.clientId === azureCli) return 65002;
    if (missing.some((scope) => !harmless.includes(scope)) && !mayConsent(person)) return 90094;
    if (!person.consents) return 65004;
    this.give(registration, person, resource, missing);
    return undefined;
  }
}

function key(registration: Registration, person: Person, resource: Resource): string {
  return `${registration.clientId.toLowerCase()} ${person.objectId} ${resource}`;
}
