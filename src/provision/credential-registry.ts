import { ConnectorError } from '../errors.ts';
import type { CertificateFacts } from './certificate.ts';
import type { Application, Directory, PasswordCredential } from './directory.ts';
import { isCertificate, withCertificate, withoutCertificate } from './key-credentials.ts';

/** What identifies a certificate in the directory. */
export type CertificateMark = Pick<CertificateFacts, 'subject' | 'der' | 'sha1' | 'sha256'>;

/** The credentials that an application has in the directory. Every method throws as `Directory` does. */
export interface CredentialRegistry {
  /** Returns the id of a certificate; undefined when it is not registered, as far as this part of the directory knows. */
  certificate(mark: CertificateMark): Promise<string | undefined>;
  /** Registers a certificate beside the others. */
  addCertificate(mark: CertificateMark): Promise<void>;
  /** Removes a certificate, while `kept` stays; one that is gone is fine. */
  removeCertificate(mark: CertificateMark, kept: CertificateMark): Promise<void>;
  secrets(): Promise<readonly PasswordCredential[]>;
  addSecret(secret: {
    readonly displayName: string;
    readonly endDateTime: string;
  }): ReturnType<Directory['addPassword']>;
  /** Removes a secret by its id; one that is gone is fine. */
  removeSecret(keyId: string): Promise<void>;
}

/** Returns the credentials of the application with this client id, for who may manage it. */
export function createCredentialRegistry(directory: Directory, clientId: string): CredentialRegistry {
  async function application(): Promise<Application> {
    const found = await directory.application(clientId);
    if (found !== undefined) return found;
    throw new ConnectorError(
      'API_FAILED',
      `the directory of this tenant has no application ${clientId}: it is registered in another tenant, where its credential is to be renewed, or it was deleted`,
    );
  }
  return {
    async certificate(mark) {
      return (await application()).keyCredentials.find((key) => isCertificate(key, mark))?.keyId;
    },
    async addCertificate(mark) {
      const known = await application();
      await directory.updateApplication(known.id, withCertificate(known, mark));
    },
    async removeCertificate(mark, kept) {
      const known = await application();
      const key = known.keyCredentials.find((candidate) => isCertificate(candidate, mark));
      if (key === undefined) return;
      // The array replaces all: from a part of the directory that lags, it would take the new one away too.
      if (!known.keyCredentials.some((candidate) => isCertificate(candidate, kept))) {
        throw new ConnectorError(
          'API_FAILED',
          'this part of the directory does not know the new certificate yet: run it again in a minute',
        );
      }
      await directory.updateApplication(known.id, withoutCertificate(known, key.keyId));
    },
    secrets: async () => (await application()).passwordCredentials,
    addSecret: async (secret) => directory.addPassword((await application()).id, secret),
    removeSecret: async (keyId) => directory.removePassword((await application()).id, keyId),
  };
}
