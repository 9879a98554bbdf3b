import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/fields/secret.ts';
import { readClientCertificate } from '../../src/identity/client-certificate.ts';
import { createAuthority } from '../support/certificates.ts';
import { testFolder } from '../support/connector-config.ts';

const files = fileURLToPath(new URL('../fixtures/pfx/', import.meta.url));
const known = new X509Certificate(readFileSync(join(files, 'certificate.pem')));

function read(name: string, password?: string) {
  return readClientCertificate({
    kind: 'certificate',
    clientId: 'app',
    pfx: join(files, name),
    ...(password === undefined ? {} : { password: new Secret(password) }),
  });
}

describe('a PKCS#12 file', () => {
  test.each([
    ['with a password, and the root beside the leaf', 'chain.pfx', 'pfx-password'],
    ['with an empty password', 'no-password.pfx', undefined],
    ['with an empty password that is given', 'no-password.pfx', ''],
    ['with a password beyond ASCII', 'beyond-ascii.pfx', 'pässwörd€'],
    ['in the older ciphers', 'legacy.pfx', 'pfx-password'],
    ['neither encrypted nor sealed', 'plain.pfx', undefined],
  ])('%s gives the certificate of its key', async (_what, name, password) => {
    const { privateKey, thumbprint, thumbprintHex, notAfterMs } = await read(name, password);
    const hex = known.fingerprint256.replaceAll(':', '');
    expect([thumbprintHex, thumbprint]).toEqual([hex, Buffer.from(hex, 'hex').toString('base64url')]);
    expect(notAfterMs).toBe(Date.parse(known.validTo));
    expect(createPublicKey(privateKey).equals(known.publicKey)).toBe(true);
  });

  test.each([
    [
      'another password',
      'chain.pfx',
      'something-else',
      'the password in `auth.certificate.password` is not the one',
    ],
    [
      'another password beyond ASCII',
      'beyond-ascii.pfx',
      'pässwörd$',
      'the password in `auth.certificate.password` is not the one',
    ],
    ['no password', 'chain.pfx', undefined, 'it has a password: give it in `auth.certificate.password`'],
    [
      'no key',
      'no-key.pfx',
      'pfx-password',
      'it holds no private key: export the certificate again, with its key',
    ],
    ['PEM', 'certificate.pem', undefined, 'it is no PKCS#12 file: a PEM file goes under `path`'],
    ['an elliptic key', 'ec.pfx', 'pfx-password', 'of the kind ec, and Entra ID takes RSA alone'],
    ['nothing', 'missing.pfx', undefined, 'cannot read'],
  ])('with %s is told, with what to do', async (_what, name, password, words) => {
    const failure = await read(name, password).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(words) });
    expect(failure).toMatchObject({ message: expect.stringContaining(join(files, name)) });
    expect(String(failure)).not.toContain('something-else');
  });

  test('in Base64, as a key vault hands it out, is opened', async () => {
    const pfx = join(testFolder(), 'app.pfx');
    const text = readFileSync(join(files, 'chain.pfx'), 'base64').replaceAll(/.{64}/g, '$&\n');
    writeFileSync(pfx, `${text}\n`);
    const password = new Secret('pfx-password');
    const read = await readClientCertificate({ kind: 'certificate', clientId: 'app', pfx, password });
    expect(read.privateKey.asymmetricKeyType).toBe('rsa');
  });

  test('is opened once while it stays the same, and anew when it or its password has changed', async () => {
    const pfx = join(testFolder(), 'app.pfx');
    let password = 'pfx-password';
    const credential = {
      kind: 'certificate',
      clientId: 'app',
      pfx,
      password: new Secret(() => password),
    } as const;
    writeFileSync(pfx, readFileSync(join(files, 'chain.pfx')));
    const { privateKey } = await readClientCertificate(credential);
    expect((await readClientCertificate(credential)).privateKey).toBe(privateKey);
    password = 'another';
    await expect(readClientCertificate(credential)).rejects.toThrow('the password in');
    password = 'pfx-password';
    writeFileSync(pfx, readFileSync(join(files, 'legacy.pfx')));
    expect((await readClientCertificate(credential)).privateKey).not.toBe(privateKey);
  });
});

test('of several certificates in a PEM file, the one of the key is taken, wherever it stands', async () => {
  const path = join(testFolder(), 'app.pem');
  const authority = createAuthority();
  const { cert, key } = authority.issue('app');
  writeFileSync(path, `Bag Attributes: none\n${authority.cert}${cert}${key}`);
  const { thumbprintHex } = await readClientCertificate({ kind: 'certificate', clientId: 'app', path });
  expect(thumbprintHex).toBe(new X509Certificate(cert).fingerprint256.replaceAll(':', ''));
});
