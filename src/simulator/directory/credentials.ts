import { z } from 'zod';
import { jsonAnswer } from '../exchange.ts';
import { isItself, mustManage } from './access.ts';
import {
  bodyOf,
  changeableApplication,
  type DirectoryCall,
  keyAt,
  manageableApplication,
  noContent,
  type Route,
} from './call.ts';
import { badRequest } from './errors.ts';
import { mustProve, newKey, sentKey } from './keys.ts';
import type { StoredApplication } from './objects.ts';
import { newSecret, withoutSecret, withSecret } from './secrets.ts';
import { keyView, secretView } from './views.ts';

const keyId = z.strictObject({ keyId: z.guid() });
const added = z.strictObject({
  keyCredential: sentKey,
  passwordCredential: z.null().optional(),
  proof: z.string(),
});
const removed = keyId.extend({ proof: z.string() });
const metadata = 'https://graph.microsoft.com/v1.0/$metadata#microsoft.graph';

/** The actions on an application's secrets and certificates. */
export const credentialRoutes: readonly Route[] = [
  { call: 'POST /applications/{}/addPassword', answer: addPassword },
  { call: 'POST /applications/{}/removePassword', answer: removePassword },
  { call: 'POST /applications/{}/addKey', answer: addKey },
  { call: 'POST /applications/{}/removeKey', answer: removeKey },
];

function addPassword(call: DirectoryCall) {
  const managed = manageableApplication(call);
  const { application, secret } = withSecret(call.directory, managed, bodyOf(call, newSecret), call.now);
  put(call, application);
  return jsonAnswer(200, {
    '@odata.context': `${metadata}.passwordCredential`,
    ...secretView(secret, true),
  });
}

function removePassword(call: DirectoryCall) {
  const managed = manageableApplication(call);
  put(call, withoutSecret(managed, bodyOf(call, keyId).keyId));
  return noContent;
}

function addKey(call: DirectoryCall) {
  const application = ownKeys(call);
  const { keyCredential, proof } = bodyOf(call, added);
  mustProve(application, proof, call.now);
  const key = newKey(call.directory, keyCredential, call.now);
  put(call, { ...application, keyCredentials: [...application.keyCredentials, key] });
  return jsonAnswer(200, { '@odata.context': `${metadata}.keyCredential`, ...keyView(key, false) });
}

function removeKey(call: DirectoryCall) {
  const application = ownKeys(call);
  const body = bodyOf(call, removed);
  mustProve(application, body.proof, call.now);
  const keyCredentials = application.keyCredentials.filter((key) => key.keyId !== body.keyId.toLowerCase());
  if (keyCredentials.length === application.keyCredentials.length) {
    throw badRequest('No credentials found to be removed.');
  }
  put(call, { ...application, keyCredentials });
  return noContent;
}

/** An application may roll its own keys without a permission: the proof stands for it. */
function ownKeys(call: DirectoryCall): StoredApplication {
  const application = changeableApplication(call, keyAt(call, 0));
  if (!isItself(call.actor, application)) mustManage(call.actor, application);
  return application;
}

function put({ directory, now }: DirectoryCall, application: StoredApplication): void {
  directory.applications.put(application.id, application, now);
}
