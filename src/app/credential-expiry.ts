import { readClientCertificate } from '../identity/client-certificate.ts';
import type { Credential } from '../identity/credential.ts';
import { type CredentialNote, fingerprintOf, readCredentialNote } from '../identity/credential-note.ts';

/** A credential is worth a word from 30 days before its end, and unhealthy from 7 (API reference §11.4). */
export const credentialWarnBeforeMs = 30 * 86_400_000;
export const credentialUrgentBeforeMs = 7 * 86_400_000;

/** From when until when a credential is valid, ms since 1970. */
export interface Validity {
  /** Undefined where only the end is known. */
  readonly startMs: number | undefined;
  readonly endMs: number;
}

/**
 * Resolves with when a credential is valid; undefined where that cannot be known: a certificate tells, of a secret it is
 * noted beside its file, and one that cannot be read is the token request's to complain about.
 */
export async function validityOf(credential: Credential): Promise<Validity | undefined> {
  if (credential.kind === 'client-secret') return noteValidity(noteOf(credential));
  if (credential.kind !== 'certificate') return undefined;
  try {
    const { notBeforeMs, notAfterMs } = await readClientCertificate(credential);
    return { startMs: notBeforeMs, endMs: notAfterMs };
  } catch {
    return undefined;
  }
}

/** Returns what is noted of a client secret beside its file; undefined for nothing. */
export function noteOf(
  credential: Extract<Credential, { kind: 'client-secret' }>,
): CredentialNote | undefined {
  const { secret } = credential;
  return secret.file === undefined
    ? undefined
    : readCredentialNote(secret.file, fingerprintOf(secret.read(true)));
}

function noteValidity(note: CredentialNote | undefined): Validity | undefined {
  if (note?.endDateTime === undefined) return undefined;
  const startMs = note.startDateTime === undefined ? undefined : Date.parse(note.startDateTime);
  return { startMs, endMs: Date.parse(note.endDateTime) };
}
