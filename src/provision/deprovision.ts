import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConnectorError } from '../errors.ts';
import type { TenantAuth } from '../identity/credential.ts';
import { notePath } from '../identity/credential-note.ts';
import { accessFiles, readNote, writeNote } from './access-files.ts';
import type { Application } from './directory.ts';
import { findApplication, ownTag } from './find-application.ts';
import { ownKeysPath } from './own-keys.ts';
import type { Plan } from './plan.ts';
import type { ProvisionParts } from './provision.ts';
import { rotationPlace } from './rotation-files.ts';
import { waitForDirectory } from './settling.ts';

/** What is to be removed. */
export interface RemovalRequest {
  readonly tenant: { readonly name: string; readonly id: string };
  readonly auth: TenantAuth | undefined;
  /** The application that the configuration names. */
  readonly clientId: string | undefined;
  /** Undefined where nobody has named one. */
  readonly connector: string | undefined;
  /** Folder of the configuration, absolute. */
  readonly folder: string;
}

/** What there is of what `provision` made. */
export interface Removal {
  readonly plan: Plan;
  readonly application: Application | undefined;
  /** The identity in the configuration is that of this application, or of one that an earlier run has removed. */
  readonly endsAuth: boolean;
  /** Credential files that `provision` wrote, and the note of a run that did not end. */
  readonly files: readonly string[];
}

/**
 * Returns what `provision` made for this tenant and connector; changes nothing. Throws ARGUMENTS_INVALID for an
 * application without its tag, which somebody else made, for one that only its tag tells of and nobody named, and as
 * `Directory` does.
 */
export async function draftRemoval(request: RemovalRequest, parts: ProvisionParts): Promise<Removal> {
  const { tenant, clientId, connector, folder } = request;
  const files = accessFiles(folder, tenant.name);
  const note = readNote(files);
  await waitForDirectory(note, parts);
  const application = await findApplication(parts.directory, { clientId, connector, note });
  const named = [clientId, note?.appId].map((id) => id?.toLowerCase());
  if (
    application !== undefined &&
    connector === undefined &&
    !named.includes(application.appId.toLowerCase())
  )
    throw ofAnother(application, tenant.name);
  if (application !== undefined && !application.tags.includes(ownTag)) {
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `The app registration ${application.displayName} (client id ${application.appId}) has no tag ${ownTag}: \`provision\` did not make it, so it is not removed. Delete it in the portal if that is meant.`,
    );
  }
  const principal =
    application === undefined ? undefined : await parts.directory.servicePrincipal(application.appId);
  const removed = clientId !== undefined && note?.appId === clientId;
  return {
    application,
    endsAuth: application === undefined ? removed : clientId === undefined || application.appId === clientId,
    plan: {
      tenant: tenant.name,
      tenantId: tenant.id,
      application: application && {
        appId: application.appId,
        id: application.id,
        displayName: application.displayName,
      },
      steps: [
        ...(principal === undefined ? [] : [{ kind: 'delete-service-principal' } as const]),
        ...(application === undefined ? [] : [{ kind: 'delete-application' } as const]),
      ],
    },
    files: ownFiles(request, note?.credentialFile),
  };
}

/** The default connector's tag alone does not tell that it is this host's: it may be at work elsewhere. */
function ofAnother({ displayName, appId }: Application, tenant: string): ConnectorError {
  return new ConnectorError(
    'ARGUMENTS_INVALID',
    `The configuration names no app registration of tenant ${tenant} that is there, but the tenant has ${displayName} (client id ${appId}), which another host may use. Nothing was removed: to remove that one, give --name default.`,
  );
}

function ownFiles({ tenant, auth, folder }: RemovalRequest, noted: string | undefined): readonly string[] {
  const files = accessFiles(folder, tenant.name);
  const candidates = [
    ...(auth?.kind === 'certificate' && 'path' in auth ? [auth.path] : []),
    ...(auth?.kind === 'client-secret' && auth.secret.file !== undefined ? [auth.secret.file] : []),
    ...(noted === undefined ? [] : [noted]),
    files.certificate,
    files.secret,
    files.signIn,
    `${files.signIn}-lock`,
    files.signInKey,
    files.note,
  ];
  const own = [...new Set(candidates)].filter((path) => isOwn(path, folder, tenant.name));
  const beside = own.flatMap((path) => {
    const { next, note, lock } = rotationPlace(path, undefined);
    return [notePath(path), ownKeysPath(path), next, note, lock];
  });
  return [...own, ...beside.filter(existsSync)];
}

/** By its place, its name and, for a certificate, by whom it was made for. */
function isOwn(path: string, folder: string, tenant: string): boolean {
  const file = path.slice(folder.length + 1);
  if (dirname(path) !== folder || !existsSync(path)) return false;
  const rest = file.startsWith(tenant) ? file.slice(tenant.length) : undefined;
  if (
    rest === undefined ||
    !/^(-\d{4}-\d{2}-\d{2}(-\d+)?)?\.(pem|secret|token|token-lock|key|provisioning)$/.test(rest)
  )
    return false;
  if (!rest.endsWith('.pem')) return true;
  try {
    return new X509Certificate(readFileSync(path)).subject.includes('CN=defender-siem');
  } catch {
    return false;
  }
}

/** Notes which application is about to go: a run that is cut off is finished by the next. */
export async function noteRemoval(
  { tenant, folder }: RemovalRequest,
  { application }: Removal,
  nowMs: number,
): Promise<string> {
  const files = accessFiles(folder, tenant.name);
  await writeNote(files, { atMs: nowMs, appId: application?.appId, secrets: [] });
  return files.note;
}

/** Deletes the credential files, telling each. */
export async function removeFiles(files: readonly string[], tell: (line: string) => void): Promise<void> {
  for (const file of files) {
    await rm(file, { force: true });
    tell(`deleted ${file}`);
  }
}
