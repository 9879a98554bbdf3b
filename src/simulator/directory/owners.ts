import { z } from 'zod';
import { mustReadApplications } from './access.ts';
import {
  applicationOf,
  bodyOf,
  type DirectoryCall,
  keyAt,
  manageableApplication,
  noContent,
  type Route,
} from './call.ts';
import { badRequest, notFound } from './errors.ts';
import { type Collection, listAnswer } from './list.ts';
import type { StoredApplication } from './objects.ts';
import { servicePrincipalView, type View } from './views.ts';

const owners: Collection = { name: 'directoryObjects', type: 'DirectoryObject', filters: {} };
const reference = z.strictObject({ '@odata.id': z.string() });
const referenced = /\/(?:directoryObjects|servicePrincipals|users)\/([^/]+)$/;

/** The paths of an application's owners. */
export const ownerRoutes: readonly Route[] = [
  { call: 'GET /applications/{}/owners', answer: list },
  { call: 'POST /applications/{}/owners/$ref', answer: add },
  { call: 'DELETE /applications/{}/owners/{}/$ref', answer: remove },
];

function list(call: DirectoryCall) {
  mustReadApplications(call.actor);
  const application = applicationOf(call, keyAt(call, 0));
  return listAnswer(
    call,
    owners,
    application.owners.map((id) => ownerView(call, id)),
  );
}

function add(call: DirectoryCall) {
  const application = manageableApplication(call);
  const id = referenced.exec(bodyOf(call, reference)['@odata.id'])?.[1]?.toLowerCase();
  if (id === undefined) throw badRequest("Invalid value specified for property '@odata.id'.");
  const known =
    id === call.actor.objectId || call.directory.servicePrincipals.get(id, call.replica) !== undefined;
  if (!known) throw notFound(id);
  if (application.owners.includes(id)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'owners'.",
    );
  }
  put(call, application, [...application.owners, id]);
  return noContent;
}

function remove(call: DirectoryCall) {
  const application = manageableApplication(call);
  const id = keyAt(call, 1);
  if (!application.owners.includes(id)) throw notFound(id);
  put(
    call,
    application,
    application.owners.filter((owner) => owner !== id),
  );
  return noContent;
}

function ownerView({ directory, replica }: DirectoryCall, id: string): View {
  const principal = directory.servicePrincipals.get(id, replica);
  if (principal === undefined) return { '@odata.type': '#microsoft.graph.user', id };
  return { '@odata.type': '#microsoft.graph.servicePrincipal', ...servicePrincipalView(principal) };
}

function put(
  { directory, now }: DirectoryCall,
  application: StoredApplication,
  all: readonly string[],
): void {
  directory.applications.put(application.id, { ...application, owners: all }, now);
}
