import { z } from 'zod';
import { mustCreateApplications, mustManage, mustReadApplications } from './access.ts';
import {
  bodyOf,
  changeablePrincipal,
  type DirectoryCall,
  keyAt,
  noContent,
  principalOf,
  type Route,
  timestamp,
} from './call.ts';
import { sameId } from './directory.ts';
import { DirectoryError, taken } from './errors.ts';
import { type Collection, listAnswer, objectAnswer } from './list.ts';
import type { StoredApplication, StoredServicePrincipal } from './objects.ts';
import { microsoftResources } from './resources.ts';
import { servicePrincipalView } from './views.ts';

const principals: Collection = {
  name: 'servicePrincipals',
  type: 'ServicePrincipal',
  filters: {
    id: 'text',
    appId: 'text',
    displayName: 'text',
    servicePrincipalType: 'text',
    tags: 'texts',
  },
};

const change = z
  .strictObject({
    accountEnabled: z.boolean(),
    appRoleAssignmentRequired: z.boolean(),
    tags: z.array(z.string().min(1).max(256)),
    notes: z.string().nullable(),
  })
  .partial();
const creation = change.extend({ appId: z.guid() });

/** The paths of service principals. */
export const servicePrincipalRoutes: readonly Route[] = [
  { call: 'GET /servicePrincipals', answer: list },
  { call: 'POST /servicePrincipals', answer: create },
  { call: 'GET /servicePrincipals/{}', answer: read },
  { call: 'PATCH /servicePrincipals/{}', answer: update },
  { call: 'DELETE /servicePrincipals/{}', answer: remove },
];

function list(call: DirectoryCall) {
  mustReadApplications(call.actor);
  const found = call.directory.servicePrincipals.all(call.replica);
  return listAnswer(call, principals, found.map(servicePrincipalView));
}

function read(call: DirectoryCall) {
  mustReadApplications(call.actor);
  return objectAnswer(call, principals, servicePrincipalView(principalOf(call, keyAt(call, 0))));
}

function create(call: DirectoryCall) {
  const { actor, directory, now, replica } = call;
  const { appId, ...body } = bodyOf(call, creation);
  mustCreateApplications(actor, directory.policies);
  const own = directory.applicationOf(appId, replica);
  const fresh =
    own === undefined ? foreignPrincipal(call, appId) : principalFor(call, own, directory.tenantId);
  mustManage(actor, own);
  if (directory.latestPrincipalOf(appId) !== undefined) {
    throw taken(
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
    );
  }
  const principal = changed(fresh, body);
  directory.servicePrincipals.put(principal.id, principal, now);
  return objectAnswer(call, principals, servicePrincipalView(principal), 201);
}

function update(call: DirectoryCall) {
  const principal = manageable(call);
  call.directory.servicePrincipals.put(principal.id, changed(principal, bodyOf(call, change)), call.now);
  return noContent;
}

function remove(call: DirectoryCall) {
  call.directory.deletePrincipal(manageable(call).id, call.now);
  return noContent;
}

function manageable(call: DirectoryCall): StoredServicePrincipal {
  const principal = changeablePrincipal(call, keyAt(call, 0));
  const backing = call.directory.applications.allLatest().find(({ appId }) => sameId(appId, principal.appId));
  mustManage(call.actor, backing);
  return principal;
}

/** Returns a principal for an application of another tenant, or for a resource of Microsoft's where the tenant may have it. */
function foreignPrincipal(call: DirectoryCall, appId: string): StoredServicePrincipal {
  const foreign = call.directory.foreignApplicationOf(appId, call.replica);
  if (foreign !== undefined) return principalFor(call, foreign.application, foreign.homeTenantId);
  const resource = microsoftResources.find((candidate) => sameId(candidate.appId, appId));
  if (resource === undefined || !call.directory.policies.resourcesMayBeCreated) {
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
    const detail = { code: 'NoBackingApplicationObject', message, target: 'appId' };
    throw new DirectoryError(400, 'Request_BadRequest', message, [detail]);
  }
  return call.directory.resourcePrincipal(resource, timestamp(call));
}

function principalFor(
  call: DirectoryCall,
  application: StoredApplication,
  homeTenantId: string,
): StoredServicePrincipal {
  return {
    id: call.directory.random.guid(),
    appId: application.appId,
    createdDateTime: timestamp(call),
    displayName: application.displayName,
    accountEnabled: true,
    appRoleAssignmentRequired: false,
    tags: [],
    notes: null,
    appRoles: [],
    scopes: [],
    homeTenantId,
  };
}

function changed(principal: StoredServicePrincipal, body: z.infer<typeof change>): StoredServicePrincipal {
  return {
    ...principal,
    accountEnabled: body.accountEnabled ?? principal.accountEnabled,
    appRoleAssignmentRequired: body.appRoleAssignmentRequired ?? principal.appRoleAssignmentRequired,
    tags: body.tags ?? principal.tags,
    notes: body.notes === undefined ? principal.notes : body.notes,
  };
}
