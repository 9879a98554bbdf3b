import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Secret } from '../../src/fields/secret.ts';
import { secretFile } from '../../src/fields/secret-file.ts';
import { createProofSource, sameProof } from '../../src/identity/proof.ts';
import { createAuthority } from '../support/certificates.ts';
import { testFolder } from '../support/connector-config.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock();
const [first, second] = [createAuthority().issue('first'), createAuthority().issue('second')];

test('amid a rotation the pair read last goes on, for ten minutes; then it is told', async () => {
  const folder = testFolder();
  const [path, keyPath] = [join(folder, 'app.pem'), join(folder, 'app.key')];
  const write = (cert: string, key: string) => {
    writeFileSync(path, cert);
    writeFileSync(keyPath, key);
  };
  write(first.cert, first.key);
  const source = createProofSource({ kind: 'certificate', clientId: 'app', path, keyPath }, clock);
  const before = await source.read();
  for (const halfDone of [
    () => writeFileSync(path, second.cert),
    () => rmSync(keyPath),
    () => writeFileSync(keyPath, ''),
  ]) {
    halfDone();
    expect(await source.read(true)).toEqual(before);
    clock.advance(180_000);
  }
  clock.advance(60_000);
  await expect(source.read()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  write(second.cert, second.key);
  const after = await source.read();
  expect(sameProof(before, after)).toBe(false);
  expect(sameProof(after, await source.read())).toBe(true);
  writeFileSync(path, first.cert);
  expect(await source.read()).toEqual(after);
});

test('files that do not fit together from the start are told at once', async () => {
  const folder = testFolder();
  const [path, keyPath] = [join(folder, 'bad.pem'), join(folder, 'bad.key')];
  writeFileSync(path, first.cert);
  writeFileSync(keyPath, second.key);
  const source = createProofSource({ kind: 'certificate', clientId: 'app', path, keyPath }, clock);
  await expect(source.read()).rejects.toThrow(`the key ${keyPath} does not belong to ${path}`);
});

test('a secret that was written a moment ago is read at once when a fresh one is asked for', async () => {
  const path = join(testFolder(), 'secret');
  writeFileSync(path, 'one\n');
  const secret = new Secret(secretFile(path, clock), path);
  const source = createProofSource({ kind: 'client-secret', clientId: 'app', secret }, clock);
  const before = await source.read();
  writeFileSync(path, 'two\n');
  expect(await source.read()).toEqual(before);
  expect(await source.read(true)).toEqual({ kind: 'secret', secret: 'two' });
});
