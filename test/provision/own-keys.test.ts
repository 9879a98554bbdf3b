import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { createHttpClient, type HttpClient } from '../../src/http/client.ts';
import type { PemCertificate } from '../../src/identity/credential.ts';
import { type CertificateFacts, certificateFacts, makeCertificate } from '../../src/provision/certificate.ts';
import type { CredentialRegistry } from '../../src/provision/credential-registry.ts';
import { createOwnKeyRegistry, readOwnKeys, writeOwnKeys } from '../../src/provision/own-keys.ts';
import { rotateCredential } from '../../src/provision/rotation.ts';
import { DirectoryClient, settledBench } from '../simulator/directory-bench.ts';
import type { Bench, Json } from '../simulator/support.ts';
import { testFolder } from '../support/connector-config.ts';

const firstId = '11111111-2222-4333-8444-555555555555';
let bench: Bench;
let directory: DirectoryClient;
let http: HttpClient;
let credential: PemCertificate;
let first: CertificateFacts;
let registry: () => CredentialRegistry;

beforeEach(async () => {
  bench = await settledBench();
  const { simulator, clock } = bench;
  directory = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
  const { application } = await directory.registered();
  const { pem, facts } = await makeCertificate('app', 90, clock.now());
  first = facts;
  credential = {
    kind: 'certificate',
    clientId: String(application.appId),
    path: join(testFolder(), 'app.pem'),
  };
  writeFileSync(credential.path, pem, { mode: 0o600 });
  const key = { type: 'AsymmetricX509Cert', usage: 'Verify', key: facts.der, keyId: firstId };
  await directory.patch(`/applications/${application.id}`, { keyCredentials: [key] });
  const applicationId = String(application.id);
  await writeOwnKeys(credential.path, { applicationId, keyIds: { [facts.sha256]: firstId } });

  // The application itself signs in with a secret here: its certificate is tried against the directory below.
  const secret = (await directory.post(`/applications/${application.id}/addPassword`, {})).json() as Json;
  const form = { client_id: credential.clientId, client_secret: String(secret.secretText) };
  const reply = await bench.tokenReply('https://graph.microsoft.com/.default', form);
  const token = String(reply.json().access_token);
  http = createHttpClient({
    tls: { ca: simulator.caFile, verify: true },
    timeoutMs: 10_000,
    maxResponseBytes: 2 ** 24,
    userAgent: 'test',
  });
  registry = () => {
    const noted = readOwnKeys(credential.path);
    if (noted === undefined) throw new TypeError('nothing is noted');
    const signal = new AbortController().signal;
    const graph = { http, origin: simulator.endpoints.graph, token: async () => token, clock, signal };
    return createOwnKeyRegistry(credential, noted, graph);
  };
});
afterEach(async () => {
  http.close();
  await bench[Symbol.asyncDispose]();
});

const registered = () =>
  bench.simulator.control.directory.applications().flatMap(({ certificates }) => certificates);

/** Rotates; a certificate gets a token where the directory has it. */
async function rotate(through: CredentialRegistry): Promise<void> {
  await rotateCredential({
    tenant: 'contoso',
    credential,
    registry: through,
    tryOut: async (candidate) => {
      const file = 'path' in candidate ? candidate.path : '';
      const { der } = certificateFacts(new X509Certificate(readFileSync(file)));
      const path = `/applications(appId='${credential.clientId}')?$select=keyCredentials`;
      const keys = (await directory.get(path)).json().keyCredentials as Json[];
      if (!keys.some(({ key }) => key === der)) throw new ConnectorError('IDENTITY_REFUSED', 'refused');
    },
    days: 90,
    graceMs: 0,
    clock: bench.clock,
    tell: () => {},
    signal: new AbortController().signal,
  });
}

test('an application without a permission adds a certificate of its own, and removes the old one', async () => {
  await rotate(registry());
  const [left, ...others] = registered();
  expect(others).toEqual([]);
  expect(left?.keyId).not.toBe(firstId);
  expect(Object.values(readOwnKeys(credential.path)?.keyIds ?? {}).sort()).toEqual(['', left?.keyId]);
  await rotate(registry());
  expect(registered()).toHaveLength(1);
});

test.each([
  ['addCertificate', 'before'],
  ['addCertificate', 'after'],
  ['removeCertificate', 'before'],
  ['removeCertificate', 'after'],
] as const)('what is cut off at %s, %s it took effect, is finished by the next run', async (method, when) => {
  const whole = registry();
  const cut: CredentialRegistry = {
    ...whole,
    async [method](...marks: Parameters<CredentialRegistry['removeCertificate']>) {
      if (when === 'after') await whole[method](...marks);
      throw new Error('cut off');
    },
  };
  await expect(rotate(cut)).rejects.toThrow('cut off');
  expect(registered().length).toBeLessThanOrEqual(2);
  await rotate(registry());
  expect(registered().map(({ keyId }) => keyId)).toEqual([expect.not.stringContaining(firstId)]);
});

test('an old certificate whose id nobody noted stays, and the person is told where to remove it', async () => {
  await writeOwnKeys(credential.path, {
    applicationId: readOwnKeys(credential.path)?.applicationId ?? '',
    keyIds: {},
  });
  await expect(rotate(registry())).rejects.toThrow(new RegExp(`${first.sha1}.*remove it in the portal`));
  expect(registered()).toHaveLength(2);
});
