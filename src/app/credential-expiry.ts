import { readClientCertificate } from '../identity/client-certificate.ts';
import type { Credential } from '../identity/credential.ts';

/** A credential is worth a word from 30 days before its end, and unhealthy from 7 (API reference §11.4). */
export const credentialWarnBeforeMs = 30 * 86_400_000;
export const credentialUrgentBeforeMs = 7 * 86_400_000;

/**
 * Resolves with when a credential ends, ms since 1970; undefined where that cannot be known: only a certificate tells,
 * and one that cannot be read is the token request's to complain about.
 */
export async function expiryOf(credential: Credential): Promise<number | undefined> {
  if (credential.kind !== 'certificate') return undefined;
  try {
    return (await readClientCertificate(credential)).notAfterMs;
  } catch {
    return undefined;
  }
}
