import { z } from 'zod';
import { becomesOwner, mustCreateApplications, mustReadApplications } from './access.ts';
import {
  applicationOf,
  bodyOf,
  type DirectoryCall,
  keyAt,
  manageableApplication,
  noContent,
  type Route,
  timestamp,
} from './call.ts';
import { badRequest, DirectoryError } from './errors.ts';
import { replacedKeys, sentKey } from './keys.ts';
import { type Collection, listAnswer, objectAnswer, selectedNames } from './list.ts';
import type { StoredApplication } from './objects.ts';
import { applicationView } from './views.ts';

const applications: Collection = {
  name: 'applications',
  type: 'Application',
  filters: {
    id: 'text',
    appId: 'text',
    displayName: 'text',
    signInAudience: 'text',
    tags: 'texts',
  },
};
const secretsOnlyByAction = 'New password credentials must be generated with service actions.';
const kept = ['web', 'publicClient', 'spa', 'api', 'identifierUris', 'appRoles', 'optionalClaims'] as const;

const change = z
  .strictObject({
    displayName: z.string().min(1).max(256),
    description: z.string().nullable(),
    notes: z.string().nullable(),
    signInAudience: z.enum([
      'AzureADMyOrg',
      'AzureADMultipleOrgs',
      'AzureADandPersonalMicrosoftAccount',
      'PersonalMicrosoftAccount',
    ]),
    isFallbackPublicClient: z.boolean().nullable(),
    tags: z.array(z.string().min(1).max(256)),
    requiredResourceAccess: z.array(
      z.strictObject({
        resourceAppId: z.guid(),
        resourceAccess: z.array(z.strictObject({ id: z.guid(), type: z.enum(['Role', 'Scope']) })),
      }),
    ),
    keyCredentials: z.array(sentKey),
    passwordCredentials: z.array(z.unknown()).max(0, secretsOnlyByAction),
    ...Object.fromEntries(kept.map((name) => [name, z.unknown()])),
  })
  .partial();
const creation = change.required({ displayName: true });

/** The paths of app registrations. */
export const applicationRoutes: readonly Route[] = [
  { call: 'GET /applications', answer: list },
  { call: 'POST /applications', answer: create },
  { call: 'GET /applications/{}', answer: read },
  { call: 'PATCH /applications/{}', answer: update },
  { call: 'DELETE /applications/{}', answer: remove },
];

function list(call: DirectoryCall) {
  mustReadApplications(call.actor);
  const found = call.directory.applications.all(call.replica);
  return listAnswer(
    call,
    applications,
    found.map((application) => shown(call, application)),
  );
}

function read(call: DirectoryCall) {
  mustReadApplications(call.actor);
  return objectAnswer(call, applications, shown(call, applicationOf(call, keyAt(call, 0))));
}

function create(call: DirectoryCall) {
  const { actor, directory, now } = call;
  mustCreateApplications(actor, directory.policies);
  const body = bodyOf(call, creation);
  const { applicationQuota } = directory.policies;
  if (applicationQuota !== undefined && directory.applications.allLatest().length >= applicationQuota) {
    throw new DirectoryError(
      403,
      'Directory_QuotaExceeded',
      'The directory object quota limit for the Tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
    );
  }
  const empty: StoredApplication = {
    id: directory.random.guid(),
    appId: directory.random.guid(),
    createdDateTime: timestamp(call),
    displayName: body.displayName,
    description: null,
    notes: null,
    signInAudience: 'AzureADandPersonalMicrosoftAccount',
    isFallbackPublicClient: null,
    tags: [],
    requiredResourceAccess: [],
    keyCredentials: [],
    passwordCredentials: [],
    federatedIdentityCredentials: [],
    owners: becomesOwner(actor) ? [actor.objectId] : [],
    others: {},
  };
  const application = changed(call, empty, body);
  directory.applications.put(application.id, application, now);
  return objectAnswer(call, applications, shown(call, application), 201);
}

function update(call: DirectoryCall) {
  const application = manageableApplication(call);
  const body = bodyOf(call, change);
  call.directory.applications.put(application.id, changed(call, application, body), call.now);
  return noContent;
}

function remove(call: DirectoryCall) {
  const application = manageableApplication(call);
  call.directory.deleteApplication(application, call.now);
  return noContent;
}

function changed(
  call: DirectoryCall,
  application: StoredApplication,
  { keyCredentials, requiredResourceAccess, passwordCredentials: _none, ...body }: z.infer<typeof change>,
): StoredApplication {
  const asked = requiredResourceAccess?.map(({ resourceAppId }) => resourceAppId.toLowerCase()) ?? [];
  if (new Set(asked).size < asked.length) {
    throw badRequest('Request contains a property with duplicate values: requiredResourceAccess.');
  }
  const others = kept.flatMap((name) => {
    const value = (body as Record<string, unknown>)[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...application,
    displayName: body.displayName ?? application.displayName,
    description: body.description === undefined ? application.description : body.description,
    notes: body.notes === undefined ? application.notes : body.notes,
    signInAudience: body.signInAudience ?? application.signInAudience,
    isFallbackPublicClient:
      body.isFallbackPublicClient === undefined
        ? application.isFallbackPublicClient
        : body.isFallbackPublicClient,
    tags: body.tags ?? application.tags,
    requiredResourceAccess: requiredResourceAccess ?? application.requiredResourceAccess,
    keyCredentials:
      keyCredentials === undefined
        ? application.keyCredentials
        : replacedKeys(call.directory, application, keyCredentials, call.now),
    others: { ...application.others, ...Object.fromEntries(others) },
  };
}

function shown(call: DirectoryCall, application: StoredApplication) {
  return applicationView(application, selectedNames(call).includes('keyCredentials'));
}
