import { constants, privateEncrypt } from 'node:crypto';
import type forge from 'node-forge';
import { loadPackage } from './packages.ts';

/** DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2, note 1). */
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * Returns an RSA key in PEM as forge signs certificates with it, over SHA-256. Node computes the signature: forge's own
 * arithmetic would hold up everything else for a fifth of a second.
 */
export function rsaSigner(pem: string): forge.pki.rsa.PrivateKey {
  const sign = (message: forge.md.MessageDigest) => {
    const digest = Buffer.from(message.digest().toHex(), 'hex');
    const key = { key: pem, padding: constants.RSA_PKCS1_PADDING };
    return privateEncrypt(key, Buffer.concat([sha256Info, digest])).toString('latin1');
  };
  const { pki } = loadPackage('node-forge') as typeof forge;
  return Object.assign(pki.privateKeyFromPem(pem), { sign });
}
