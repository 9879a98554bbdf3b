import { generateKeyPair, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { rsaSigner } from '../runtime/rsa-signer.ts';

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** The throw-away authority of one run, and the server's certificate for localhost and 127.0.0.1. */
export interface ServerTls extends Identity {
  /** The authority's certificate in PEM, and the file that holds it. */
  readonly caPem: string;
  readonly caFile: string;
  /** With which Entra signs access tokens. */
  readonly tokenKeys: KeyPair;
}

const dayMs = 86_400_000;

/** The authority, the server's certificate and the tokens' signing keys of this process; made once, kept nowhere. */
let made: Promise<Made> | undefined;

interface Made extends Identity {
  readonly caPem: string;
  readonly tokenKeys: KeyPair;
}

/** An RSA key pair. */
export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * Returns an authority and a server certificate, valid for 30 days, and writes `ca.pem`, `server.pem` and `server.key`
 * (mode 0600) into `directory`, by default a fresh temporary one. All simulators of one process share them. The
 * authority's key is forgotten at once. Rejects with what node:fs throws when the folder cannot be written.
 */
export async function createServerTls(directory: string | undefined): Promise<ServerTls> {
  const { certificate, key, caPem, tokenKeys } = await processTls();
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'defender-siem-simulator-'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, caPem);
  writeFileSync(join(folder, 'server.pem'), certificate);
  writeFileSync(join(folder, 'server.key'), key, { mode: 0o600 });
  return { certificate, key, caPem, caFile, tokenKeys };
}

function processTls(): Promise<Made> {
  made ??= makeTls();
  return made;
}

async function makeTls(): Promise<Made> {
  const [caKeys, keys, tokenKeys] = await Promise.all([rsaKeys(), rsaKeys(), rsaKeys()]);
  // TLS knows no clock but the host's own.
  const now = Date.now();
  const subject = [{ name: 'commonName', value: 'Throw-away CA of the defender-siem simulator' }];
  const caPem = certify({
    subject,
    issuer: subject,
    key: caKeys.publicKey,
    signer: caKeys.privateKey,
    now,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
  const certificate = certify({
    subject: [{ name: 'commonName', value: 'localhost' }],
    issuer: subject,
    key: keys.publicKey,
    signer: caKeys.privateKey,
    now,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { certificate, key: pem(keys.privateKey), caPem, tokenKeys };
}

/** Returns a self-signed certificate such as an administrator uploads for an application, valid 30 days from `now`. */
export async function createClientCertificate(now: number): Promise<Identity> {
  const keys = await rsaKeys();
  const subject = [{ name: 'commonName', value: 'defender-siem simulated client' }];
  const certificate = certify({
    subject,
    issuer: subject,
    key: keys.publicKey,
    signer: keys.privateKey,
    now,
    extensions: [{ name: 'keyUsage', digitalSignature: true }],
  });
  return { certificate, key: pem(keys.privateKey) };
}

const makeKeys = promisify(generateKeyPair);

/** Node makes an RSA key pair many times faster than forge, and on another thread. */
function rsaKeys(): Promise<KeyPair> {
  return makeKeys('rsa', { modulusLength: 2048 });
}

interface Certification {
  readonly subject: forge.pki.CertificateField[];
  readonly issuer: forge.pki.CertificateField[];
  readonly key: KeyObject;
  readonly signer: KeyObject;
  readonly now: number;
  readonly extensions: readonly object[];
}

function certify(request: Certification): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    request.key.export({ type: 'spki', format: 'pem' }).toString(),
  );
  // A leading 1 keeps the serial number positive (RFC 5280 §4.1.2.2). A zero byte would too, but with another zero
  // behind it, once in 512 times, the encoding is not the shortest, which OpenSSL refuses.
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  certificate.validity.notBefore = new Date(request.now - dayMs);
  certificate.validity.notAfter = new Date(request.now + 30 * dayMs);
  certificate.setSubject(request.subject);
  certificate.setIssuer(request.issuer);
  certificate.setExtensions([...request.extensions]);
  certificate.sign(rsaSigner(pem(request.signer)), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
