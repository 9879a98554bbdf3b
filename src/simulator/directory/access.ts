import type { Caller } from '../identity/access-token.ts';
import { type EntraRole, entraRoles } from '../identity/roles.ts';
import type { DirectoryPolicies } from './directory.ts';
import { denied } from './errors.ts';
import type { StoredApplication } from './objects.ts';

/** Who calls: a person through an application, or an application by itself. */
export interface Actor {
  readonly clientId: string;
  /** Object id of the person, or of the application's service principal. */
  readonly objectId: string;
  /** Delegated scopes of a person's token, else the app roles of the application's. */
  readonly permissions: ReadonlySet<string>;
  /** Entra roles of the person; undefined where an application calls by itself. */
  readonly personRoles: readonly EntraRole[] | undefined;
}

/** Returns who a token speaks for. */
export function actorOf({ clientId, objectId, userId, roles, scopes, entraRoles: ids }: Caller): Actor {
  const names = (Object.keys(entraRoles) as EntraRole[]).filter((name) => ids.includes(entraRoles[name]));
  return {
    clientId,
    objectId,
    permissions: new Set(userId === undefined ? roles : scopes),
    personRoles: userId === undefined ? undefined : names,
  };
}

const consentForGraph: readonly EntraRole[] = ['Global Administrator', 'Privileged Role Administrator'];
const applicationAdministrators: readonly EntraRole[] = [
  'Application Administrator',
  'Cloud Application Administrator',
];
const administrators: readonly EntraRole[] = ['Global Administrator', ...applicationAdministrators];
const consentForOthers: readonly EntraRole[] = [...consentForGraph, ...applicationAdministrators];
const readers = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.Read.All',
];

/** Throws where the actor may not read applications, service principals and their permissions. */
export function mustReadApplications(actor: Actor): void {
  mustHold(actor, readers);
}

/** Throws where the actor may not make an application (API reference §11.1). */
export function mustCreateApplications(actor: Actor, policies: DirectoryPolicies): void {
  mustHold(actor, ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy']);
  if (policies.usersMayRegister) return;
  mustHaveRole(actor, [...administrators, 'Application Developer']);
}

/**
 * Throws where the actor may not change this application, its service principal or their credentials: a person needs a
 * role or to be an owner, an application that has Application.ReadWrite.OwnedBy alone must be one.
 */
export function mustManage(actor: Actor, application: StoredApplication | undefined): void {
  const owns = application?.owners.includes(actor.objectId) === true;
  mustHold(actor, ['Application.ReadWrite.All', ...(owns ? ['Application.ReadWrite.OwnedBy'] : [])]);
  if (!owns) mustHaveRole(actor, administrators);
}

/** Throws where the actor may not grant or revoke an app role of this resource. */
export function mustConsent(actor: Actor, ofGraph: boolean): void {
  mustHold(actor, ['AppRoleAssignment.ReadWrite.All']);
  mustReadApplications(actor);
  mustHaveRole(actor, ofGraph ? consentForGraph : consentForOthers);
}

/** Throws where the actor may not read delegated grants. */
export function mustReadGrants(actor: Actor): void {
  mustHold(actor, ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.Read.All']);
}

/** Throws where the actor may not grant delegated permissions for others. */
export function mustGrantDelegated(actor: Actor): void {
  mustHold(actor, ['DelegatedPermissionGrant.ReadWrite.All']);
  mustHaveRole(actor, consentForOthers);
}

/** Throws where the actor may not read the organisation. */
export function mustReadOrganization(actor: Actor): void {
  mustHold(actor, ['Organization.Read.All', 'Directory.Read.All', 'User.Read']);
}

/** True when the application calls about itself: it needs no permission to roll its own keys. */
export function isItself(actor: Actor, application: StoredApplication): boolean {
  return actor.personRoles === undefined && actor.clientId.toLowerCase() === application.appId.toLowerCase();
}

/** True when what the actor makes belongs to it: it may manage what it owns alone. */
export function becomesOwner({ permissions, personRoles }: Actor): boolean {
  if (personRoles === undefined) return !permissions.has('Application.ReadWrite.All');
  return !administrators.some((role) => personRoles.includes(role));
}

/** What a person may do, an application may with this do in their name. */
const asThePerson = 'Directory.AccessAsUser.All';

function mustHold({ permissions }: Actor, anyOf: readonly string[]): void {
  if (![...anyOf, asThePerson].some((permission) => permissions.has(permission))) throw denied();
}

function mustHaveRole({ personRoles }: Actor, anyOf: readonly EntraRole[]): void {
  if (personRoles !== undefined && !anyOf.some((role) => personRoles.includes(role))) throw denied();
}
