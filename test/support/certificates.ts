import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import { rsaSigner } from '../../src/runtime/rsa-signer.ts';

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A private root that signs certificates for tests. */
export interface Authority {
  /** PEM of the root. */
  readonly cert: string;
  /** Returns a certificate for a server or a client; `names` are DNS names and IP addresses of its subjectAltName. */
  issue(commonName: string, names?: readonly string[], validity?: Validity): Certificate;
}

/** From when until when a certificate is valid. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const dayMs = 86_400_000;

/** Returns a new root. */
export function createAuthority(commonName = 'Test Root'): Authority {
  const root = newKey();
  const rootKey = rsaSigner(root.privateKey);
  const subject = [{ name: 'commonName', value: commonName }];
  const certificate = unsigned(root.publicKey, subject, subject, aroundNow());
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(rootKey, forge.md.sha256.create());
  return {
    cert: forge.pki.certificateToPem(certificate),
    issue(name, names = ['localhost', '127.0.0.1'], validity = aroundNow()) {
      const key = newKey();
      const leaf = unsigned(key.publicKey, [{ name: 'commonName', value: name }], subject, validity);
      leaf.setExtensions([
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        { name: 'subjectAltName', altNames: names.map(altName) },
      ]);
      leaf.sign(rootKey, forge.md.sha256.create());
      return { cert: forge.pki.certificateToPem(leaf), key: key.privateKey };
    },
  };
}

/** Returns a certificate that nobody but itself has signed, as appliances come with. */
export function createSelfSigned(commonName: string, names: readonly string[]): Certificate {
  const key = newKey();
  const subject = [{ name: 'commonName', value: commonName }];
  const certificate = unsigned(key.publicKey, subject, subject, aroundNow());
  certificate.setExtensions([{ name: 'subjectAltName', altNames: names.map(altName) }]);
  certificate.sign(rsaSigner(key.privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: key.privateKey };
}

function aroundNow(): Validity {
  return { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
}

function newKey(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}

function unsigned(
  publicKey: string,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  validity: Validity,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // A leading 1 keeps the serial number positive (RFC 5280 §4.1.2.2). A zero byte would too, but with another zero
  // behind it, once in 512 times, the encoding is not the shortest, which OpenSSL refuses.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = validity.notBefore;
  certificate.validity.notAfter = validity.notAfter;
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  return certificate;
}

/** A subjectAltName entry: type 7 is an IP address, 2 a DNS name (RFC 5280 §4.2.1.6). */
function altName(name: string): { type: number; ip?: string; value?: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
