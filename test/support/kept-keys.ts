import crypto, { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * RSA key pairs that the processes of the tests share: to make one takes a quarter of a second of a processor, one of
 * 3072 bits three times as long, and a run asks for hundreds. A process gets another one each time, until it has had
 * them all. Loaded before the tests; what they start as processes of their own makes its own keys.
 */
const folder = fileURLToPath(new URL('../../node_modules/.cache/keys', import.meta.url));
/** How many of each size are kept: more than any test compares. */
const keptOfASize = 8;

interface Encoding {
  readonly type: 'spki' | 'pkcs1' | 'pkcs8';
  readonly format: 'pem';
}

interface Options {
  readonly modulusLength: number;
  readonly publicKeyEncoding?: Encoding;
  readonly privateKeyEncoding?: Encoding;
}

const made = crypto.generateKeyPairSync;
const asked = new Map<number, number>();

function keptPair(type: string, options: Options) {
  if (type !== 'rsa') throw new TypeError(`the tests keep no keys of type ${type}`);
  const { modulusLength, publicKeyEncoding, privateKeyEncoding } = options;
  const count = asked.get(modulusLength) ?? 0;
  asked.set(modulusLength, count + 1);
  const privateKey = keptKey(modulusLength, count % keptOfASize);
  const publicKey = createPublicKey(privateKey);
  return {
    publicKey: encoded(publicKey, publicKeyEncoding),
    privateKey: encoded(privateKey, privateKeyEncoding),
  };
}

function encoded(key: KeyObject, encoding: Encoding | undefined) {
  if (encoding === undefined) return key;
  const { type, format } = encoding;
  return key.export({ type, format } as { type: 'pkcs1'; format: 'pem' });
}

function keptKey(bits: number, index: number): KeyObject {
  const path = join(folder, `rsa-${bits}-${index}.pem`);
  try {
    return createPrivateKey(readFileSync(path));
  } catch {
    const { privateKey } = made('rsa', { modulusLength: bits });
    mkdirSync(folder, { recursive: true });
    // Another process of the tests may make the same one now: whole files only.
    const fresh = `${path}.${randomUUID()}`;
    writeFileSync(fresh, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    renameSync(fresh, path);
    return privateKey;
  }
}

const asPromise = { [promisify.custom]: async (type: string, options: Options) => keptPair(type, options) };
const withCallback = () => {
  throw new TypeError('the tests make keys with generateKeyPairSync or a promise');
};
// Files that share a process share what is set up here.
if (made.name !== keptPair.name) {
  Object.assign(crypto, {
    generateKeyPairSync: keptPair,
    generateKeyPair: Object.assign(withCallback, asPromise),
  });
  syncBuiltinESMExports();
}
