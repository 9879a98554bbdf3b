import { z } from 'zod';
import { mustConsent, mustReadApplications } from './access.ts';
import { bodyOf, type DirectoryCall, keyAt, noContent, principalOf, type Route, timestamp } from './call.ts';
import { badRequest, notFound } from './errors.ts';
import { type Collection, listAnswer, objectAnswer } from './list.ts';
import type { StoredAssignment, StoredServicePrincipal } from './objects.ts';
import { graphAppId } from './resources.ts';
import { assignmentView } from './views.ts';

const body = z.strictObject({ principalId: z.guid(), resourceId: z.guid(), appRoleId: z.guid() });

/** One relation from two sides: those who have a resource's roles, and the roles that a client has. */
const relations = {
  appRoleAssignedTo: 'resourceId',
  appRoleAssignments: 'principalId',
} as const;
type Relation = keyof typeof relations;

/** The paths of application permissions, by which admin consent is granted and revoked. */
export const assignmentRoutes: readonly Route[] = (Object.keys(relations) as Relation[]).flatMap(
  (relation) => {
    const path = `/servicePrincipals/{}/${relation}`;
    return [
      { call: `GET ${path}`, answer: (call: DirectoryCall) => list(call, relation) },
      { call: `POST ${path}`, answer: (call: DirectoryCall) => grant(call, relation) },
      { call: `DELETE ${path}/{}`, answer: (call: DirectoryCall) => revoke(call, relation) },
    ];
  },
);

function list(call: DirectoryCall, relation: Relation) {
  mustReadApplications(call.actor);
  const { id } = principalOf(call, keyAt(call, 0));
  const found = call.directory.assignments
    .all(call.replica)
    .filter((assignment) => assignment[relations[relation]] === id);
  return listAnswer(
    call,
    collectionOf(id, relation),
    found.map((assignment) => shown(call, assignment)),
  );
}

function grant(call: DirectoryCall, relation: Relation) {
  const { actor, directory, now } = call;
  mustConsent(actor, false);
  const owner = principalOf(call, keyAt(call, 0));
  const wanted = bodyOf(call, body);
  const client = referenced(call, wanted.principalId);
  const resource = referenced(call, wanted.resourceId);
  if ((relation === 'appRoleAssignments' ? client : resource).id !== owner.id) {
    throw badRequest(`The ${relations[relation]} of the body is not the object of the path.`);
  }
  mustConsent(actor, resource.appId === graphAppId);
  const appRoleId = wanted.appRoleId.toLowerCase();
  if (!resource.appRoles.some(({ id }) => id === appRoleId)) {
    throw badRequest(`Permission being assigned was not found on application '${resource.appId}'.`);
  }
  const assignment: StoredAssignment = {
    id: Buffer.from(directory.random.hex(64), 'hex').toString('base64url'),
    createdDateTime: timestamp(call),
    appRoleId,
    principalId: client.id,
    resourceId: resource.id,
  };
  if (directory.assignments.allLatest().some((other) => isSame(other, assignment))) {
    throw badRequest('Permission being assigned already exists on the object');
  }
  directory.assignments.put(assignment.id, assignment, now);
  return objectAnswer(call, collectionOf(owner.id, relation), shown(call, assignment), 201);
}

function revoke(call: DirectoryCall, relation: Relation) {
  const { actor, directory, now } = call;
  mustConsent(actor, false);
  const { id } = principalOf(call, keyAt(call, 0));
  const assignment = directory.assignments.latest(keyAt(call, 1));
  if (assignment === undefined || assignment[relations[relation]] !== id) throw notFound(keyAt(call, 1));
  const resource = directory.servicePrincipals.latest(assignment.resourceId);
  mustConsent(actor, resource?.appId === graphAppId);
  directory.assignments.delete(assignment.id, now);
  return noContent;
}

/** Returns the service principal that a body names; one that the replica does not know yet is a bad reference. */
function referenced(call: DirectoryCall, id: string): StoredServicePrincipal {
  const principal = call.directory.servicePrincipals.get(id.toLowerCase(), call.replica);
  if (principal === undefined) throw badRequest('Not a valid reference update.');
  return principal;
}

function isSame(a: StoredAssignment, b: StoredAssignment): boolean {
  return a.principalId === b.principalId && a.resourceId === b.resourceId && a.appRoleId === b.appRoleId;
}

function collectionOf(id: string, relation: Relation): Collection {
  return { name: `servicePrincipals('${id}')/${relation}`, type: 'AppRoleAssignment', filters: {} };
}

function shown({ directory }: DirectoryCall, assignment: StoredAssignment) {
  return assignmentView(assignment, (id) => directory.servicePrincipals.latest(id)?.displayName ?? null);
}
