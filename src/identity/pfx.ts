import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type forge from 'node-forge';

/** What a PKCS#12 file holds, of any order: its certificates, and its private key. */
export interface PfxContent {
  readonly certificates: readonly X509Certificate[];
  readonly privateKey: KeyObject;
}

/**
 * Returns what a PKCS#12 file (PFX, RFC 7292) holds, in DER or, as key vaults hand it out, in the Base64 of that; `password` is undefined for one that was written without. Throws an
 * `Error` in plain words: no PKCS#12, another password, no key, several keys, no certificate.
 */
export async function readPfx(bytes: Uint8Array, password: string | undefined): Promise<PfxContent> {
  // A large library that only those who use a PFX should pay for.
  const { default: library } = await import('node-forge');
  const file = openFile(library, asn1Of(library, bytes), password);
  const { certBag = '', keyBag = '', pkcs8ShroudedKeyBag = '' } = library.pki.oids;
  const bags = (type: string) => file.getBags({ bagType: type })[type] ?? [];
  const certificates = bags(certBag).map((bag) => new X509Certificate(certificateDer(library, bag)));
  const keys = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)].map((bag) => privateKeyOf(library, bag));
  const [privateKey, ...others] = keys;
  if (privateKey === undefined) {
    throw new Error('it holds no private key: export the certificate again, with its key');
  }
  if (others.length > 0) {
    throw new Error(`it holds ${keys.length} private keys: export the one certificate alone, with its key`);
  }
  if (certificates.length === 0) throw new Error('it holds no certificate: export it again, with its key');
  return { certificates, privateKey };
}

function asn1Of(library: typeof forge, bytes: Uint8Array): forge.asn1.Asn1 {
  try {
    return library.asn1.fromDer(derOf(bytes).toString('binary'));
  } catch {
    throw new Error('it is no PKCS#12 file: a PEM file goes under `path`');
  }
}

/** DER begins with a byte that Base64 too may begin with, but not with the rest of it. */
function derOf(bytes: Uint8Array): Buffer {
  const der = Buffer.from(bytes);
  const text = der.toString('latin1').trim();
  return /^[A-Za-z0-9+/\s]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : der;
}

/** A way in which a file may have been written: what to open, and with which password. */
interface Attempt {
  readonly content: forge.asn1.Asn1;
  readonly password: string | undefined;
}

function openFile(
  library: typeof forge,
  content: forge.asn1.Asn1,
  password: string | undefined,
): forge.pkcs12.Pkcs12Pfx {
  let failure: unknown;
  for (const attempt of attemptsAt(content, password)) {
    try {
      return library.pkcs12.pkcs12FromAsn1(attempt.content, false, attempt.password);
    } catch (error) {
      failure ??= error;
    }
  }
  const words = failure instanceof Error ? failure.message : '';
  if (/invalid password|decrypt/i.test(words)) {
    throw new Error(
      password === undefined
        ? 'it has a password: give it in `auth.certificate.password`'
        : 'the password in `auth.certificate.password` is not the one that it was written with',
    );
  }
  throw new Error(`it is no PKCS#12 file that can be read here: ${words}`);
}

/**
 * A file without a password was written with an empty one, or with none at all: which, only trying tells. One beyond
 * ASCII counts as UTF-16 for the seal and as UTF-8 for today's ciphers (RFC 7292 appendix B.1, RFC 8018 §3), where the
 * library takes each character for a byte: it is then given the bytes, and the seal is left out.
 */
function attemptsAt(content: forge.asn1.Asn1, password: string | undefined): readonly Attempt[] {
  if (password === undefined)
    return [
      { content, password: '' },
      { content, password },
    ];
  const bytes = Buffer.from(password, 'utf8').toString('binary');
  if (bytes === password || !Array.isArray(content.value)) return [{ content, password }];
  const unsealed = { ...content, value: content.value.slice(0, 2) };
  return [
    { content, password },
    { content: unsealed, password: bytes },
  ];
}

/** What the library cannot read itself, such as a key of another kind than RSA, it leaves as it stands in the file. */
function certificateDer(library: typeof forge, bag: forge.pkcs12.Bag): Buffer {
  const content = bag.cert == null ? bag.asn1 : library.pki.certificateToAsn1(bag.cert);
  return Buffer.from(library.asn1.toDer(content).getBytes(), 'binary');
}

function privateKeyOf(library: typeof forge, bag: forge.pkcs12.Bag): KeyObject {
  const content =
    bag.key == null ? bag.asn1 : library.pki.wrapRsaPrivateKey(library.pki.privateKeyToAsn1(bag.key));
  const der = Buffer.from(library.asn1.toDer(content).getBytes(), 'binary');
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
