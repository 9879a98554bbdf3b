import type { CertificateFacts } from './certificate.ts';
import type { Application, ApplicationChange, KeyCredential } from './directory.ts';

/**
 * Returns the change that registers a certificate beside those that are there, which are sent back as they were read;
 * `keyId`: the id that it is to have.
 */
export function withCertificate(
  { keyCredentials }: Pick<Application, 'keyCredentials'>,
  { subject, der }: Pick<CertificateFacts, 'subject' | 'der'>,
  keyId?: string,
): ApplicationChange {
  const added = {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    displayName: subject,
    key: der,
    ...(keyId === undefined ? {} : { keyId }),
  };
  return { keyCredentials: [...keyCredentials.map(({ raw }) => raw), added] };
}

/** Returns the change that removes one certificate. */
export function withoutCertificate(
  { keyCredentials }: Pick<Application, 'keyCredentials'>,
  keyId: string,
): ApplicationChange {
  return { keyCredentials: keyCredentials.filter((key) => key.keyId !== keyId).map(({ raw }) => raw) };
}

/**
 * Returns whether a registered key is this certificate. Graph tells the certificate itself only to who asks for it
 * alone; else its SHA-1, in hexadecimal digits or as their bytes in base64 (reference §11.4).
 */
export function isCertificate(
  { customKeyIdentifier, raw }: Pick<KeyCredential, 'customKeyIdentifier' | 'raw'>,
  { der, sha1, sha256 }: Pick<CertificateFacts, 'der' | 'sha1' | 'sha256'>,
): boolean {
  if (raw.key === der) return true;
  return [sha1, sha256].some(
    (digits) =>
      customKeyIdentifier?.toUpperCase() === digits ||
      customKeyIdentifier === Buffer.from(digits, 'hex').toString('base64') ||
      customKeyIdentifier === Buffer.from(digits).toString('base64'),
  );
}
