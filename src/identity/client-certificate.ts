import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConnectorError, messageOf } from '../errors.ts';
import type { CertificateCredential, PemCertificate, PfxCertificate } from './credential.ts';
import { readPfx } from './pfx.ts';

/** A certificate and its key, as read from their files. */
export interface ClientCertificate {
  readonly privateKey: KeyObject;
  /** Base64url of the SHA-256 of the DER certificate: `x5t#S256`. */
  readonly thumbprint: string;
  /** The same in hexadecimal, as Entra ID's portal shows it. */
  readonly thumbprintHex: string;
  /** From when until when it is valid, ms since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Returns the certificate of a credential from its files as they are now: of several, the one that the key belongs to.
 * Rejects with CONFIG_INVALID naming the file and what is wrong with it: not readable, no PEM or PKCS#12, an encrypted
 * key, another password, no key, a key of another certificate or of another kind than RSA.
 */
export async function readClientCertificate(
  credential: CertificateCredential,
  fresh = false,
): Promise<ClientCertificate> {
  const { certificates, privateKey } =
    'pfx' in credential ? await readPfxFile(credential, fresh) : readPemFiles(credential);
  const [first] = certificates;
  const certificate = certificates.find((candidate) => candidate.checkPrivateKey(privateKey));
  const file = 'pfx' in credential ? credential.pfx : credential.path;
  if (first === undefined || certificate === undefined) {
    const key = 'pfx' in credential ? 'in it' : (credential.keyPath ?? 'in it');
    throw invalid(`the key ${key} does not belong to ${file}`);
  }
  if (privateKey.asymmetricKeyType !== 'rsa') {
    throw invalid(
      `the key of ${file} is of the kind ${privateKey.asymmetricKeyType}, and Entra ID takes RSA alone: make an RSA certificate`,
    );
  }
  const hex = certificate.fingerprint256.replaceAll(':', '');
  return {
    privateKey,
    thumbprint: Buffer.from(hex, 'hex').toString('base64url'),
    thumbprintHex: hex,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}

interface Pair {
  readonly certificates: readonly X509Certificate[];
  readonly privateKey: KeyObject;
}

function readPemFiles({ path, keyPath = path }: PemCertificate): Pair {
  const certificates = parsed(path, 'holds no PEM certificate', (bytes) => {
    const blocks = bytes.toString('utf8').match(pemCertificate) ?? [];
    if (blocks.length === 0) throw new Error('no BEGIN CERTIFICATE stands in it');
    return blocks.map((block) => new X509Certificate(block));
  });
  const privateKey = parsed(keyPath, 'holds no PEM unencrypted private key', createPrivateKey);
  return { certificates, privateKey };
}

/** What each file held when it was opened last: to derive its key again may take seconds. */
const opened = new WeakMap<PfxCertificate, { readonly digest: string; readonly pair: Pair }>();

async function readPfxFile(credential: PfxCertificate, fresh: boolean): Promise<Pair> {
  const { pfx } = credential;
  const password = credential.password?.read(fresh);
  const bytes = readBytes(pfx);
  const digest = createHash('sha256')
    .update(bytes)
    .update(password ?? '')
    .digest('hex');
  const last = opened.get(credential);
  if (last?.digest === digest) return last.pair;
  try {
    const pair = await readPfx(bytes, password);
    opened.set(credential, { digest, pair });
    return pair;
  } catch (error) {
    throw invalid(`${pfx}: ${messageOf(error)}`, error);
  }
}

function parsed<T>(path: string, wrong: string, parse: (content: Buffer) => T): T {
  const content = readBytes(path);
  try {
    return parse(content);
  } catch (error) {
    throw invalid(`${path} ${wrong}: ${messageOf(error)}`, error);
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw invalid(`cannot read ${path}: ${messageOf(error)}`, error);
  }
}

function invalid(words: string, cause?: unknown): ConnectorError {
  const options = cause === undefined ? undefined : { cause };
  return new ConnectorError('CONFIG_INVALID', `auth.certificate: ${words}`, options);
}
