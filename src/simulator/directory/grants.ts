import { z } from 'zod';
import { mustGrantDelegated, mustReadGrants } from './access.ts';
import { bodyOf, type DirectoryCall, keyAt, noContent, principalOf, type Route } from './call.ts';
import { badRequest, notFound, taken } from './errors.ts';
import { type Collection, listAnswer, objectAnswer } from './list.ts';
import type { StoredGrant } from './objects.ts';
import { grantView } from './views.ts';

const grants: Collection = {
  name: 'oauth2PermissionGrants',
  type: 'OAuth2PermissionGrant',
  filters: { clientId: 'text', consentType: 'text', principalId: 'text', resourceId: 'text' },
};

const creation = z.strictObject({
  clientId: z.guid(),
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: z.guid().nullable().optional(),
  resourceId: z.guid(),
  scope: z.string(),
});
const change = z.strictObject({ scope: z.string() });

/** The paths of delegated permissions that were granted. */
export const grantRoutes: readonly Route[] = [
  { call: 'GET /oauth2PermissionGrants', answer: list },
  { call: 'POST /oauth2PermissionGrants', answer: create },
  { call: 'GET /oauth2PermissionGrants/{}', answer: read },
  { call: 'PATCH /oauth2PermissionGrants/{}', answer: update },
  { call: 'DELETE /oauth2PermissionGrants/{}', answer: remove },
  { call: 'GET /servicePrincipals/{}/oauth2PermissionGrants', answer: listOfClient },
];

function list(call: DirectoryCall) {
  mustReadGrants(call.actor);
  return listAnswer(call, grants, call.directory.grants.all(call.replica).map(grantView));
}

function listOfClient(call: DirectoryCall) {
  mustReadGrants(call.actor);
  const { id } = principalOf(call, keyAt(call, 0));
  const found = call.directory.grants.all(call.replica).filter(({ clientId }) => clientId === id);
  return listAnswer(call, grants, found.map(grantView));
}

function read(call: DirectoryCall) {
  mustReadGrants(call.actor);
  const grant = call.directory.grants.get(keyAt(call, 0), call.replica);
  if (grant === undefined) throw notFound(keyAt(call, 0));
  return objectAnswer(call, grants, grantView(grant));
}

function create(call: DirectoryCall) {
  const { actor, directory, now, replica } = call;
  mustGrantDelegated(actor);
  const body = bodyOf(call, creation);
  const [clientId, resourceId] = [body.clientId.toLowerCase(), body.resourceId.toLowerCase()];
  const principalId = body.principalId?.toLowerCase() ?? null;
  if ((body.consentType === 'Principal') !== (principalId !== null)) {
    throw badRequest(
      "Invalid value specified for property 'principalId' of resource 'OAuth2PermissionGrant'.",
    );
  }
  for (const id of [clientId, resourceId]) {
    if (directory.servicePrincipals.get(id, replica) === undefined) throw notFound(id);
  }
  const grant: StoredGrant = {
    id: Buffer.from(directory.random.hex(64), 'hex').toString('base64url'),
    clientId,
    consentType: body.consentType,
    principalId,
    resourceId,
    scope: body.scope,
  };
  const same = (other: StoredGrant) =>
    other.clientId === clientId && other.resourceId === resourceId && other.principalId === principalId;
  if (directory.grants.allLatest().some(same)) throw taken('Permission entry already exists.');
  directory.grants.put(grant.id, grant, now);
  return objectAnswer(call, grants, grantView(grant), 201);
}

function update(call: DirectoryCall) {
  const grant = changeable(call);
  call.directory.grants.put(grant.id, { ...grant, ...bodyOf(call, change) }, call.now);
  return noContent;
}

function remove(call: DirectoryCall) {
  call.directory.grants.delete(changeable(call).id, call.now);
  return noContent;
}

function changeable({ actor, directory, replica, keys }: DirectoryCall): StoredGrant {
  mustGrantDelegated(actor);
  const id = keys[0] ?? '';
  const grant = directory.grants.get(id, replica) === undefined ? undefined : directory.grants.latest(id);
  if (grant === undefined) throw notFound(id);
  return grant;
}
