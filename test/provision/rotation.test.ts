import { X509Certificate } from 'node:crypto';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { Secret } from '../../src/fields/secret.ts';
import { readClientCertificate } from '../../src/identity/client-certificate.ts';
import type { Credential } from '../../src/identity/credential.ts';
import { fingerprintOf, readCredentialNote } from '../../src/identity/credential-note.ts';
import { certificateFacts } from '../../src/provision/certificate.ts';
import type { CredentialRegistry } from '../../src/provision/credential-registry.ts';
import type { PasswordCredential } from '../../src/provision/directory.ts';
import {
  isRotating,
  type RotatableCredential,
  type RotationOptions,
  rotatable,
  rotateCredential,
} from '../../src/provision/rotation.ts';
import { hostFiles, type RotationFiles } from '../../src/provision/rotation-files.ts';
import { type Certificate, createSelfSigned } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';

const pairs: Certificate[] = Array.from({ length: 3 }, (_, n) => createSelfSigned(`app ${n}`, []));
const factsOf = ({ cert }: Certificate) => certificateFacts(new X509Certificate(cert));

/** The end of the process: from then on nothing is done any more. */
class Crash extends Error {}

/** What an application has in the directory, where a change takes effect late. */
class ModelRegistry implements CredentialRegistry {
  readonly keys = new Map<string, string>();
  readonly passwords = new Map<string, PasswordCredential & { readonly text: string }>();
  /** How many reads after a change still show what was before it. */
  lag = 0;
  #stale: { keys: Map<string, string>; passwords: PasswordCredential[]; reads: number } | undefined;
  #made = 0;

  get count(): number {
    return this.keys.size + this.passwords.size;
  }

  async certificate({ der }: { readonly der: string }): Promise<string | undefined> {
    const keys = this.#seen()?.keys ?? this.keys;
    return [...keys].find(([, known]) => known === der)?.[0];
  }

  async addCertificate({ der }: { readonly der: string }): Promise<void> {
    this.#changing();
    this.keys.set(`key-${this.#made++}`, der);
  }

  async removeCertificate({ der }: { readonly der: string }): Promise<void> {
    this.#changing();
    for (const [id, known] of this.keys) if (known === der) this.keys.delete(id);
  }

  async secrets(): Promise<readonly PasswordCredential[]> {
    return this.#seen()?.passwords ?? [...this.passwords.values()];
  }

  async addSecret({ displayName, endDateTime }: { displayName: string; endDateTime: string }) {
    this.#changing();
    const keyId = `secret-${this.#made++}`;
    const text = `${String.fromCharCode(98 + this.#made)}bc-secret-${this.#made}`;
    const facts = { keyId, displayName, startDateTime: '', endDateTime, hint: text.slice(0, 3) };
    this.passwords.set(keyId, { ...facts, text });
    return { keyId, secretText: text, endDateTime };
  }

  async removeSecret(keyId: string): Promise<void> {
    this.#changing();
    this.passwords.delete(keyId);
  }

  #changing(): void {
    if (this.lag === 0) return;
    this.#stale = { keys: new Map(this.keys), passwords: [...this.passwords.values()], reads: this.lag };
  }

  #seen() {
    if (this.#stale === undefined || this.#stale.reads-- <= 0) this.#stale = undefined;
    return this.#stale;
  }
}

/** A connector's credential in files, and its application. */
class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  readonly registry = new ModelRegistry();
  readonly clock = new FakeClock();
  readonly credential: RotatableCredential;
  readonly told: string[] = [];
  /** How many token requests in a row are refused to a new credential. */
  refusals = 0;
  /** How many credentials the application may have. */
  most = 2;
  #made = 0;

  constructor(kind: string) {
    const file = (name: string) => join(this.folder, name);
    const [first] = pairs;
    if (first === undefined) throw new TypeError('no pair');
    if (kind === 'secret') {
      writeFileSync(file('app.secret'), 'abc-secret-0\n', { mode: 0o640 });
      const secret = new Secret(() => readFileSync(file('app.secret'), 'utf8').trim(), file('app.secret'));
      this.credential = { kind: 'client-secret', clientId: 'app', secret, file: file('app.secret') };
      const facts = { keyId: 'old', displayName: 'old', startDateTime: '', endDateTime: '', hint: 'abc' };
      this.registry.passwords.set('old', { ...facts, text: 'abc-secret-0' });
      return;
    }
    const apart = kind === 'certificate and key';
    writeFileSync(file('app.pem'), apart ? first.cert : first.cert + first.key, { mode: 0o640 });
    if (apart) writeFileSync(file('app.key'), first.key, { mode: 0o600 });
    this.credential = {
      kind: 'certificate',
      clientId: 'app',
      path: file('app.pem'),
      ...(apart ? { keyPath: file('app.key') } : {}),
    };
    this.registry.keys.set('old', factsOf(first).der);
  }

  /** Runs a rotation whose process ends before its operation number `crashAt`. */
  async rotate(crashAt = Number.POSITIVE_INFINITY, changes: Partial<RotationOptions> = {}): Promise<number> {
    let operations = 0;
    const alive = () => {
      if (++operations >= crashAt) throw new Crash(`at operation ${operations}`);
    };
    const stepped = async <T>(work: () => Promise<T>): Promise<T> => {
      alive();
      const result = await work();
      await this.mustHold();
      return result;
    };
    const { registry } = this;
    const files: RotationFiles = {
      read: (path) => hostFiles.read(path),
      write: (...args) => stepped(() => hostFiles.write(...args)),
      remove: (path) => stepped(() => hostFiles.remove(path)),
    };
    await rotateCredential({
      tenant: 'contoso',
      credential: this.credential,
      registry: {
        certificate: (mark) => stepped(() => registry.certificate(mark)),
        addCertificate: (mark) => stepped(() => registry.addCertificate(mark)),
        removeCertificate: (mark) => stepped(() => registry.removeCertificate(mark)),
        secrets: () => stepped(() => registry.secrets()),
        addSecret: (secret) => stepped(() => registry.addSecret(secret)),
        removeSecret: (keyId) => stepped(() => registry.removeSecret(keyId)),
      },
      tryOut: (credential) =>
        stepped(async () => {
          if (this.refusals > 0) this.refusals--;
          else if (await this.works(credential)) return;
          throw new ConnectorError('IDENTITY_REFUSED', 'refused');
        }),
      days: 365,
      graceMs: 60_000,
      clock: this.clock,
      tell: (line) => this.told.push(line),
      signal: new AbortController().signal,
      files,
      make: async () => {
        const pair = pairs[1 + (this.#made++ % 2)];
        if (pair === undefined) throw new TypeError('no pair');
        return { pem: pair.cert + pair.key, facts: factsOf(pair) };
      },
      ...changes,
    });
    return operations;
  }

  async works(credential: Credential): Promise<boolean> {
    const { keys, passwords } = this.registry;
    if (credential.kind === 'client-secret') {
      return [...passwords.values()].some(({ text }) => text === credential.secret.read());
    }
    if (credential.kind !== 'certificate') return false;
    const { thumbprintHex } = await readClientCertificate(credential);
    return [...keys.values()].some(
      (der) => certificateFacts(new X509Certificate(Buffer.from(der, 'base64'))).sha256 === thumbprintHex,
    );
  }

  /** At every moment the files hold a credential that works, and the directory at most one more. */
  async mustHold(): Promise<void> {
    expect(await this.works(this.credential)).toBe(true);
    expect(this.registry.count).toBeLessThanOrEqual(this.most);
  }

  /** What is left when all is over. */
  async mustBeOver(): Promise<void> {
    await this.mustHold();
    expect(this.registry.count).toBe(1);
    expect([...this.registry.keys.keys(), ...this.registry.passwords.keys()]).not.toContain('old');
    expect(isRotating(this.credential)).toBe(false);
    expect(
      readdirSync(this.folder).filter(
        (name) => !/^app\.(pem|key|secret|secret\.note|(pem|secret)\.lock)$/.test(name),
      ),
    ).toEqual([]);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** What is in the files, but for the lock, which stays. */
function contents({ folder }: Scene) {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.lock'));
  return names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
}

let scene: Scene;
afterEach(() => scene[Symbol.dispose]());

describe.each(['certificate with its key', 'certificate and key', 'secret'])('a %s', (kind) => {
  beforeEach(() => {
    scene = new Scene(kind);
  });

  test('is renewed, and works at every moment', async () => {
    scene.refusals = 2;
    await scene.rotate();
    await scene.mustBeOver();
    expect(scene.clock.sleeps).toContain(60_000);
    const { credential } = scene;
    const file = 'file' in credential ? credential.file : credential.path;
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test('is renewed in the end wherever it is cut off, though the directory lags behind', async () => {
    const operations = await scene.rotate();
    for (let crashAt = 1; crashAt <= operations; crashAt++) {
      scene[Symbol.dispose]();
      scene = new Scene(kind);
      scene.registry.lag = 3;
      await expect(scene.rotate(crashAt), `crash at ${crashAt}`).rejects.toThrow(Crash);
      await scene.mustHold();
      await scene.rotate();
      await scene.mustBeOver();
    }
  });

  test('is renewed though each run is cut off a step later than the one before', async () => {
    let runs = 0;
    for (let over = false; !over && runs < 60; ) {
      over = await scene.rotate(3 + runs++).then(
        () => true,
        () => false,
      );
      await scene.mustHold();
    }
    await scene.mustBeOver();
  });

  test('stays when the new one never works, which is taken back', async () => {
    const before = contents(scene);
    scene.refusals = 1000;
    await expect(scene.rotate()).rejects.toMatchObject({
      code: 'IDENTITY_REFUSED',
      message: expect.stringMatching(/did not work within 5 minutes.*the old one stays/),
    });
    expect(scene.registry.count).toBe(1);
    expect(contents(scene)).toEqual(before);
    scene.refusals = 0;
    await scene.rotate();
    await scene.mustBeOver();
  });

  test('leaves nothing behind where the identity may not add one', async () => {
    const denied = async () => {
      throw new ConnectorError('PERMISSION_MISSING', 'may not');
    };
    const before = contents(scene);
    const registry = { ...bound(scene.registry), certificate: denied, secrets: denied };
    await expect(scene.rotate(undefined, { registry })).rejects.toMatchObject({ code: 'PERMISSION_MISSING' });
    expect(contents(scene)).toEqual(before);
  });
});

function bound(registry: ModelRegistry): CredentialRegistry {
  return {
    certificate: (mark) => registry.certificate(mark),
    addCertificate: (mark) => registry.addCertificate(mark),
    removeCertificate: (mark) => registry.removeCertificate(mark),
    secrets: () => registry.secrets(),
    addSecret: (secret) => registry.addSecret(secret),
    removeSecret: (keyId) => registry.removeSecret(keyId),
  };
}

describe('a secret', () => {
  beforeEach(() => {
    scene = new Scene('secret');
  });

  test('has its end noted beside it', async () => {
    await scene.rotate();
    const file = join(scene.folder, 'app.secret');
    const note = readCredentialNote(file, fingerprintOf(readFileSync(file, 'utf8').trim()));
    const [known] = scene.registry.passwords.values();
    expect(note).toMatchObject({ keyId: known?.keyId, endDateTime: known?.endDateTime });
    expect(readCredentialNote(file, fingerprintOf('another'))).toBeUndefined();
  });

  test('that cannot be told from another is left, and the person is told', async () => {
    const twin = { keyId: 'twin', displayName: 'twin', startDateTime: '', endDateTime: '', hint: 'abc' };
    scene.registry.passwords.set('twin', { ...twin, text: 'abc-of-another' });
    scene.most = 3;
    await scene.rotate();
    expect([...scene.registry.passwords.keys()]).toEqual(expect.arrayContaining(['old', 'twin']));
    expect(scene.told.join('\n')).toMatch(/cannot be told: remove it in the portal/);
  });
});

test('what cannot be written is told with what to do, and nothing is begun', async () => {
  scene = new Scene('secret');
  const files = {
    ...hostFiles,
    write: async () => {
      throw new ConnectorError('CONFIG_INVALID', 'cannot write: read-only');
    },
  };
  await expect(scene.rotate(undefined, { files })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(scene.registry.count).toBe(1);
});

test('a file behind a symbolic link is renewed where it is, and the link stays', async () => {
  scene = new Scene('secret');
  const link = join(scene.folder, 'link');
  symlinkSync(join(scene.folder, 'app.secret'), link);
  const secret = new Secret(() => readFileSync(link, 'utf8').trim(), link);
  await scene.rotate(undefined, {
    credential: { kind: 'client-secret', clientId: 'app', secret, file: link },
  });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  const value = readFileSync(join(scene.folder, 'app.secret'), 'utf8').trim();
  expect(readCredentialNote(link, fingerprintOf(value))?.keyId).toMatch(/^secret-/);
  expect(scene.registry.count).toBe(1);
});

test('one process at a time renews a credential', async () => {
  scene = new Scene('secret');
  const second = { ...bound(scene.registry), secrets: () => scene.rotate().then(() => []) };
  await expect(scene.rotate(undefined, { registry: second })).rejects.toMatchObject({
    name: 'RotationUnderWay',
    message: expect.stringMatching(/another process renews the credential/),
  });
  await scene.rotate();
  await scene.mustBeOver();
});

test('only what stands in files of its own can be renewed', () => {
  scene = new Scene('secret');
  expect(rotatable(scene.credential)).toBeDefined();
  expect(rotatable({ kind: 'client-secret', clientId: 'app', secret: new Secret('inline') })).toBeUndefined();
  expect(rotatable({ kind: 'certificate', clientId: 'app', pfx: '/app.pfx' })).toBeUndefined();
  expect(rotatable({ kind: 'managed-identity' })).toBeUndefined();
});
