import { createHash, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type forge from 'node-forge';
import { loadPackage } from '../runtime/packages.ts';
import { rsaSigner } from '../runtime/rsa-signer.ts';

/** A certificate made for an application, and its key. */
export interface MadeCertificate {
  /** PEM of the certificate and of its unencrypted key, one after the other: one file, so that they cannot part. */
  readonly pem: string;
  readonly facts: CertificateFacts;
}

/** What the directory is told of a certificate, and knows it by. */
export interface CertificateFacts {
  readonly subject: string;
  /** Base64 of the DER. */
  readonly der: string;
  /** Hexadecimal digits in upper case. */
  readonly sha1: string;
  readonly sha256: string;
  /** ms since 1970. */
  readonly notAfterMs: number;
}

/** RSA, since Entra ID takes no other; the size that is advised beyond 2030 (NIST SP 800-57). */
const keyBits = 3072;
const dayMs = 86_400_000;
/** The directory refuses what begins later than its own clock tells. */
const backdatedMs = 300_000;

/**
 * Returns a new self-signed certificate for signing in, `CN=<commonName>`, that lives so many days from five minutes
 * ago: tenants that allow a year allow not a minute more.
 */
export async function makeCertificate(
  commonName: string,
  days: number,
  nowMs: number,
): Promise<MadeCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: keyBits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { md, pki } = loadPackage('node-forge') as typeof forge;
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  // A leading 1 keeps the number positive and its encoding the shortest (RFC 5280 §4.1.2.2).
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(nowMs - backdatedMs);
  certificate.validity.notAfter = new Date(nowMs - backdatedMs + days * dayMs);
  const name = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(rsaSigner(privateKey), md.sha256.create());
  const pem = pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
  return { pem: `${pem}${privateKey}`, facts: certificateFacts(new X509Certificate(pem)) };
}

/** Returns what the directory knows a certificate by. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const digest = (algorithm: string) =>
    createHash(algorithm).update(certificate.raw).digest('hex').toUpperCase();
  return {
    subject: certificate.subject,
    der: certificate.raw.toString('base64'),
    sha1: digest('sha1'),
    sha256: digest('sha256'),
    notAfterMs: Date.parse(certificate.validTo),
  };
}
