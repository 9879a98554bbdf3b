import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { WrittenAuth } from '../config/edit-tenant.ts';
import { Secret } from '../fields/secret.ts';
import type { Credential } from '../identity/credential.ts';
import { fingerprintOf, writeCredentialNote } from '../identity/credential-note.ts';
import type { Clock } from '../runtime/clock.ts';
import {
  type AccessFiles,
  besideConfiguration,
  freePath,
  type ProvisioningNote,
  writeCredential,
} from './access-files.ts';
import { type CertificateFacts, makeCertificate } from './certificate.ts';
import type { Directory } from './directory.ts';
import type { HeldCredential } from './held-credential.ts';
import { isCertificate, withCertificate } from './key-credentials.ts';
import { writeOwnKeys } from './own-keys.ts';
import type { NewCredential } from './plan.ts';

/** How the connector gets in: as the program takes it, and as it stands in the configuration. */
export interface Access {
  readonly credential: Credential;
  readonly written: WrittenAuth;
  /** Facts for the access details; undefined where the credential is no certificate. */
  readonly certificate?: CertificateFacts | undefined;
}

/** What adding a credential works with. */
export interface AddingParts {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly files: AccessFiles;
  /** A certificate that is here already and only lacks registration. */
  readonly certificate: Extract<HeldCredential, { kind: 'certificate' }> | undefined;
  /** Changes what the next run is told, should this one not end. */
  readonly note: (change: (note: ProvisioningNote) => ProvisioningNote) => Promise<void>;
}

/**
 * Adds a credential to the application and writes it into its own file: a certificate before it is registered, a secret
 * as soon as its value is told, so that whatever ends the process, no credential is lost that works.
 */
export async function addCredential(
  application: { readonly id: string; readonly appId: string },
  credential: NewCredential,
  parts: AddingParts,
): Promise<{ readonly access: Access; readonly said: string }> {
  switch (credential.kind) {
    case 'certificate':
      return registerCertificate(application, credential.days, parts);
    case 'secret':
      return addSecret(application, credential.days, parts);
    case 'federated':
      await parts.directory.addFederatedCredential(application.id, credential.credential);
      return {
        access: federatedAccess(application.appId),
        said: `added the federated credential ${credential.credential.name}: tokens of ${credential.credential.issuer} for ${credential.credential.subject} are trusted`,
      };
  }
}

async function registerCertificate(
  { id, appId }: { readonly id: string; readonly appId: string },
  days: number,
  { directory, clock, files, certificate, note }: AddingParts,
): Promise<{ readonly access: Access; readonly said: string }> {
  let path = certificate?.path;
  let facts = certificate?.facts;
  if (path === undefined || facts === undefined) {
    const made = await makeCertificate(`defender-siem ${files.name}`, days, clock.now());
    path = freePath(files.certificate, dayOf(clock.now()));
    const file = path;
    if (file !== files.certificate) await note((known) => ({ ...known, credentialFile: file }));
    await writeCredential(file, made.pem);
    facts = made.facts;
  }
  const registered = (await directory.application(appId)) ?? { keyCredentials: [] };
  const { keyCredentials } = registered;
  const known = facts;
  if (!keyCredentials.some((key) => isCertificate(key, known))) {
    const keyId = randomUUID();
    await directory.updateApplication(id, withCertificate(registered, facts, keyId));
    // By these the application can renew its certificate without any permission.
    await writeOwnKeys(path, { applicationId: id, keyIds: { [facts.sha256]: keyId } });
  }
  const until = dayOf(facts.notAfterMs);
  return {
    access: certificateAccess(appId, path, facts, files.folder),
    said: `added a certificate until ${until} (thumbprint ${facts.sha1}), its key in ${path}`,
  };
}

async function addSecret(
  { id, appId }: { readonly id: string; readonly appId: string },
  days: number,
  { directory, clock, files, note }: AddingParts,
): Promise<{ readonly access: Access; readonly said: string }> {
  const nowMs = clock.now();
  const displayName = `defender-siem ${dayOf(nowMs)} ${randomUUID().slice(0, 8)}`;
  const endDateTime = new Date(nowMs + days * 86_400_000).toISOString();
  const path = freePath(files.secret, dayOf(nowMs));
  await note((known) => ({ ...known, secrets: [...known.secrets, displayName], credentialFile: path }));
  const added = await directory.addPassword(id, { displayName, endDateTime });
  const { secretText, keyId } = added;
  await writeCredential(path, `${secretText}\n`);
  // The secret itself does not tell when it ends, and the connector may not ask.
  await writeCredentialNote(path, {
    of: fingerprintOf(secretText),
    keyId,
    startDateTime: new Date(nowMs).toISOString(),
    endDateTime: added.endDateTime || endDateTime,
  });
  await note((known) => ({ ...known, secrets: known.secrets.filter((name) => name !== displayName) }));
  return {
    access: secretAccess(appId, path, secretText, files.folder),
    said: `added a client secret until ${dayOf(Date.parse(endDateTime))}, in ${path}`,
  };
}

/** Returns the access by a certificate whose PEM file holds its key too. */
export function certificateAccess(
  clientId: string,
  path: string,
  certificate: CertificateFacts,
  folder: string,
): Access {
  return {
    credential: { kind: 'certificate', clientId, path },
    written: { clientId, certificate: { path: besideConfiguration(path, folder) } },
    certificate,
  };
}

/** Returns the access by a secret that stands in a file. */
export function secretAccess(clientId: string, path: string, value: string, folder: string): Access {
  return {
    credential: { kind: 'client-secret', clientId, secret: new Secret(value) },
    written: { clientId, clientSecret: `\${file:${besideConfiguration(path, folder)}}` },
  };
}

/** Where Kubernetes projects the token; the configuration's default. */
const usualTokenFile = '/var/run/secrets/azure/tokens/azure-identity-token';

/** Returns the access by a service account's token. */
export function federatedAccess(clientId: string): Access {
  return {
    credential: { kind: 'workload-identity', clientId, tokenFile: usualTokenFile },
    written: { clientId, workloadIdentity: {} },
  };
}

/** Returns the access of a person who is to sign in; makes the key that the sign-in is encrypted with where there is none. */
export async function userAccess(clientId: string, files: AccessFiles): Promise<Access> {
  if (!existsSync(files.signInKey)) {
    await writeCredential(files.signInKey, `${randomBytes(32).toString('base64')}\n`);
  }
  const cache = besideConfiguration(files.signIn, files.folder);
  const key = besideConfiguration(files.signInKey, files.folder);
  return {
    credential: { kind: 'user', clientId, cache: files.signIn, key: new Secret('') },
    written: { clientId, user: { cache, key: `\${file:${key}}` } },
  };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
