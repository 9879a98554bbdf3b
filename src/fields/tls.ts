import { readFileSync } from 'node:fs';
import {
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls';
import { z } from 'zod';
import { ConnectorError, messageOf } from '../errors.ts';
import { readableFile } from './path.ts';
import { evenWhenInvalid } from './rule.ts';

/** TLS of one connection: whom to trust, and who we are. Paths are resolved against the configuration's folder. */
export const tlsOptions = z
  .strictObject({
    ca: readableFile.optional().describe('PEM file of a private root, trusted beside the public ones.'),
    cert: readableFile.optional().describe('PEM file of the client certificate, for mutual TLS.'),
    key: readableFile.optional().describe('PEM file of the private key of `cert`.'),
    serverName: z
      .string()
      .optional()
      .describe('Name to expect in the server certificate, when it is not the host.'),
    verify: z
      .boolean()
      .default(true)
      .describe('Verify the server certificate. `false` is loud in the log, and unsafe.'),
  })
  .superRefine(({ cert, key }, context) => {
    if (cert !== undefined && key === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['cert'],
        message: 'needs the private key beside it, as `key`',
      });
    }
    if (key !== undefined && cert === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['key'],
        message: 'needs the certificate beside it, as `cert`',
      });
    }
  }, evenWhenInvalid);

/** TLS of one connection, as the program sees it. */
export type TlsOptions = z.output<typeof tlsOptions>;

/** What `node:tls` and `node:https` take, read from the files of `TlsOptions`. */
export interface TlsMaterial extends SecureContextOptions {
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
}

/**
 * Returns what a TLS connection needs, read afresh from the named files, so that a renewed certificate is used by the
 * next connection. TLS 1.2 is the least (RFC 9325 §3.1.1). Throws CONFIG_INVALID naming the option and the file.
 */
export function readTlsMaterial(options: TlsOptions | undefined): TlsMaterial {
  if (options === undefined) return { rejectUnauthorized: true, minVersion: 'TLSv1.2' };
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: options.verify,
    ...(options.serverName === undefined ? {} : { servername: options.serverName }),
    ...(options.ca === undefined ? {} : { ca: [...rootCertificates, readPem('tls.ca', options.ca)] }),
    ...(options.cert === undefined ? {} : { cert: readPem('tls.cert', options.cert) }),
    ...(options.key === undefined ? {} : { key: readPem('tls.key', options.key) }),
  };
}

/** Contexts by their private root, as long as somebody has them. */
const sharedContexts = new Map<string, WeakRef<SecureContext>>();

/**
 * Returns the certificates of a connection, parsed. With a private root that is some 150 of them, 40 ms and a megabyte:
 * who trusts the same one shares them, unless they also show a certificate. Throws OpenSSL's error for what is no PEM or
 * does not fit together.
 */
export function secureContextOf(material: TlsMaterial): SecureContext {
  const { ca, cert, key } = material;
  if (!Array.isArray(ca) || cert !== undefined || key !== undefined) return createSecureContext(material);
  const root = String(ca.at(-1));
  const known = sharedContexts.get(root)?.deref();
  if (known !== undefined) return known;
  const context = createSecureContext(material);
  sharedContexts.set(root, new WeakRef(context));
  return context;
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConnectorError('CONFIG_INVALID', `${option}: cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
