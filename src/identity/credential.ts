import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConnectorError, messageOf } from '../errors.ts';
import type { Secret } from '../fields/secret.ts';

/** How a tenant's application proves itself; files are read anew for each token, so a rotated one is used. */
export type Credential =
  | { readonly kind: 'client-secret'; readonly clientId: string; readonly secret: Secret }
  | {
      readonly kind: 'certificate';
      readonly clientId: string;
      /** PEM file of the certificate; of its key too when `keyPath` is missing. */
      readonly path: string;
      readonly keyPath?: string | undefined;
    }
  | {
      readonly kind: 'workload-identity';
      readonly clientId: string;
      /** File of the external token, such as the one that Kubernetes projects. */
      readonly tokenFile: string;
    }
  | {
      readonly kind: 'managed-identity';
      /** Names a user-assigned identity, as `resourceId` does; without both it is the system-assigned one. */
      readonly clientId?: string | undefined;
      readonly resourceId?: string | undefined;
    };

/** A certificate and its key, as read from their files. */
export interface ClientCertificate {
  readonly privateKey: KeyObject;
  /** Base64url of the SHA-256 of the DER certificate: `x5t#S256`. */
  readonly thumbprint: string;
  /** The same in hexadecimal, as Entra ID's portal shows it. */
  readonly thumbprintHex: string;
  /** End of its validity, ms since 1970. */
  readonly notAfterMs: number;
}

/**
 * Returns the certificate of a credential from its files as they are now. Throws CONFIG_INVALID naming the file and
 * what is wrong with it: not readable, no PEM, an encrypted key, a key of another certificate.
 */
export function readClientCertificate(
  credential: Extract<Credential, { kind: 'certificate' }>,
): ClientCertificate {
  const { path, keyPath = path } = credential;
  const certificate = parsePem(path, 'certificate', (pem) => new X509Certificate(pem));
  const privateKey = parsePem(keyPath, 'unencrypted private key', createPrivateKey);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConnectorError(
      'CONFIG_INVALID',
      `auth.certificate: the key ${keyPath} does not belong to ${path}`,
    );
  }
  const hex = certificate.fingerprint256.replaceAll(':', '');
  return {
    privateKey,
    thumbprint: Buffer.from(hex, 'hex').toString('base64url'),
    thumbprintHex: hex,
    notAfterMs: Date.parse(certificate.validTo),
  };
}

/** Returns the external token of a workload identity as it is now. Throws CONFIG_INVALID when there is none. */
export function readTokenFile(tokenFile: string): string {
  const token = readText('auth.workloadIdentity.tokenFile', tokenFile).trim();
  if (token !== '') return token;
  throw new ConnectorError('CONFIG_INVALID', `auth.workloadIdentity.tokenFile: ${tokenFile} is empty`);
}

function parsePem<T>(path: string, what: string, parse: (pem: string) => T): T {
  const pem = readText('auth.certificate', path);
  try {
    return parse(pem);
  } catch (error) {
    throw new ConnectorError(
      'CONFIG_INVALID',
      `auth.certificate: ${path} holds no PEM ${what}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConnectorError('CONFIG_INVALID', `${option}: cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
