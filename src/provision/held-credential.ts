import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readTextFile } from '../fields/secret-file.ts';
import type { TenantAuth } from '../identity/credential.ts';
import { readPfx } from '../identity/pfx.ts';
import type { AccessFiles } from './access-files.ts';
import { type CertificateFacts, certificateFacts } from './certificate.ts';
import { isCertificate } from './key-credentials.ts';
import type { DirectoryState } from './state.ts';

/** A credential that this host has: the configuration names it, or an earlier run has left it. */
export type HeldCredential =
  | {
      readonly kind: 'certificate';
      /** The file of certificate and key; undefined where they are not one PEM file. */
      readonly path: string | undefined;
      readonly facts: CertificateFacts;
    }
  | { readonly kind: 'secret'; readonly value: string; readonly path: string | undefined }
  | { readonly kind: 'federated' }
  | { readonly kind: 'user' };

/** Returns the credential that the configuration names, then those that files of an earlier run hold. */
export async function heldCredentials(
  auth: TenantAuth | undefined,
  files: Pick<AccessFiles, 'certificate' | 'secret'>,
): Promise<readonly HeldCredential[]> {
  const configured = auth === undefined ? undefined : await heldBy(auth);
  const left = [certificateIn(files.certificate), secretIn(files.secret)];
  return [configured, ...left].filter((held) => held !== undefined);
}

async function heldBy(auth: TenantAuth): Promise<HeldCredential | undefined> {
  switch (auth.kind) {
    case 'certificate':
      if ('pfx' in auth) return pfxCertificate(auth.pfx, auth.password?.read());
      return certificateIn(auth.path, auth.keyPath);
    case 'client-secret':
      return { kind: 'secret', value: auth.secret.read(), path: auth.secret.file };
    case 'workload-identity':
      return { kind: 'federated' };
    case 'user':
      return { kind: 'user' };
    default:
      return undefined;
  }
}

function certificateIn(path: string, keyPath?: string): HeldCredential | undefined {
  try {
    const facts = certificateFacts(new X509Certificate(readFileSync(path)));
    return { kind: 'certificate', path: keyPath === undefined || keyPath === path ? path : undefined, facts };
  } catch {
    return undefined; // Not there, or not readable here: then another is made, and what it has is not touched.
  }
}

async function pfxCertificate(
  path: string,
  password: string | undefined,
): Promise<HeldCredential | undefined> {
  try {
    const { certificates, privateKey } = await readPfx(readFileSync(path), password);
    const own = certificates.find((certificate) => certificate.checkPrivateKey(privateKey));
    return own && { kind: 'certificate', path: undefined, facts: certificateFacts(own) };
  } catch {
    return undefined;
  }
}

function secretIn(path: string): HeldCredential | undefined {
  try {
    return { kind: 'secret', value: readTextFile(path), path };
  } catch {
    return undefined;
  }
}

/** Returns whether the directory takes this credential for the application now (ms since 1970), as far as it tells. */
export function isAccepted(held: HeldCredential, state: DirectoryState, nowMs: number): boolean {
  const { application, federated } = state;
  const holds = (endDateTime: string) => endDateTime === '' || Date.parse(endDateTime) > nowMs;
  switch (held.kind) {
    case 'certificate':
      return (
        held.facts.notAfterMs > nowMs &&
        (application?.keyCredentials ?? []).some((key) => isCertificate(key, held.facts))
      );
    case 'secret':
      return (application?.passwordCredentials ?? []).some(
        ({ hint, endDateTime }) => hint === held.value.slice(0, 3) && holds(endDateTime),
      );
    case 'federated':
      return federated.length > 0;
    case 'user':
      return true;
  }
}
