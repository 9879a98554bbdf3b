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
import { badRequest, notFound, taken } from './errors.ts';
import { type Collection, listAnswer, objectAnswer } from './list.ts';
import type { StoredApplication, StoredFederation } from './objects.ts';
import { federationView } from './views.ts';

const federations: Collection = {
  name: 'federatedIdentityCredentials',
  type: 'FederatedIdentityCredential',
  filters: { name: 'text', issuer: 'text', subject: 'text' },
};
const mostPerApplication = 20;
const urlSafe = /^[A-Za-z0-9._~-]+$/;

const credential = z.strictObject({
  name: z.string().min(1).max(120).regex(urlSafe, 'the name must be URL-safe'),
  issuer: z.string().min(1).max(600),
  subject: z.string().min(1).max(600),
  audiences: z.array(z.string().min(1).max(600)).length(1, 'exactly one audience is allowed'),
  description: z.string().max(600).nullable().optional(),
});
const change = credential.partial();

/** The paths of an application's federated credentials, with their limits (API reference §11.4). */
export const federationRoutes: readonly Route[] = [
  { call: 'GET /applications/{}/federatedIdentityCredentials', answer: list },
  { call: 'POST /applications/{}/federatedIdentityCredentials', answer: create },
  { call: 'GET /applications/{}/federatedIdentityCredentials/{}', answer: read },
  { call: 'PATCH /applications/{}/federatedIdentityCredentials/{}', answer: update },
  { call: 'DELETE /applications/{}/federatedIdentityCredentials/{}', answer: remove },
];

function list(call: DirectoryCall) {
  mustReadApplications(call.actor);
  const application = applicationOf(call, keyAt(call, 0));
  return listAnswer(call, federations, application.federatedIdentityCredentials.map(federationView));
}

function read(call: DirectoryCall) {
  mustReadApplications(call.actor);
  const found = credentialOf(applicationOf(call, keyAt(call, 0)), keyAt(call, 1));
  return objectAnswer(call, federations, federationView(found));
}

function create(call: DirectoryCall) {
  const application = manageableApplication(call);
  const body = bodyOf(call, credential);
  const existing = application.federatedIdentityCredentials;
  if (existing.length >= mostPerApplication) {
    throw badRequest(
      `The number of federated identity credentials exceeds the limit of ${mostPerApplication}.`,
    );
  }
  const created = { id: call.directory.random.guid(), ...body, description: body.description ?? null };
  mustBeUnique(existing, created);
  put(call, application, [...existing, created]);
  return objectAnswer(call, federations, federationView(created), 201);
}

function update(call: DirectoryCall) {
  const application = manageableApplication(call);
  const known = credentialOf(application, keyAt(call, 1));
  const { name, issuer, subject, audiences, description } = bodyOf(call, change);
  if (name !== undefined && name !== known.name) {
    throw badRequest("Property 'name' is read-only and cannot be set.");
  }
  const changed: StoredFederation = {
    ...known,
    issuer: issuer ?? known.issuer,
    subject: subject ?? known.subject,
    audiences: audiences ?? known.audiences,
    description: description === undefined ? known.description : description,
  };
  const others = application.federatedIdentityCredentials.filter(({ id }) => id !== known.id);
  mustBeUnique(others, changed);
  put(call, application, [...others, changed]);
  return noContent;
}

function remove(call: DirectoryCall) {
  const application = manageableApplication(call);
  const known = credentialOf(application, keyAt(call, 1));
  const others = application.federatedIdentityCredentials.filter(({ id }) => id !== known.id);
  put(call, application, others);
  return noContent;
}

function mustBeUnique(
  others: readonly StoredFederation[],
  { name, issuer, subject }: StoredFederation,
): void {
  if (others.some((other) => other.name === name)) {
    throw taken(`FederatedIdentityCredential with name ${name} already exists.`);
  }
  if (others.some((other) => other.issuer === issuer && other.subject === subject)) {
    throw taken('FederatedIdentityCredential with the same issuer and subject already exists.');
  }
}

/** Returns the credential that a path names by id or by name. */
function credentialOf(application: StoredApplication, key: string): StoredFederation {
  const found = application.federatedIdentityCredentials.find(({ id, name }) => id === key || name === key);
  if (found === undefined) throw notFound(key);
  return found;
}

function put(
  { directory, now }: DirectoryCall,
  application: StoredApplication,
  federatedIdentityCredentials: readonly StoredFederation[],
): void {
  directory.applications.put(application.id, { ...application, federatedIdentityCredentials }, now);
}
