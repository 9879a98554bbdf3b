import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClientCertificate, type Identity } from '../../src/simulator/certificates.ts';
import { signJwt } from '../../src/simulator/jwt.ts';
import { DirectoryClient, refusal, settledBench } from './directory-bench.ts';
import { type Bench, type Json, manualClock, type Reply, values } from './support.ts';

const dayMs = 86_400_000;
let bench: Bench;
let directory: DirectoryClient;
let first: Identity;
let second: Identity;

beforeAll(async () => {
  const now = manualClock().now();
  [first, second] = await Promise.all([createClientCertificate(now), createClientCertificate(now)]);
});
beforeEach(async () => {
  bench = await settledBench();
  directory = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
});
afterEach(() => bench[Symbol.asyncDispose]());

const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];
const derOf = ({ certificate }: Identity) => new X509Certificate(certificate).raw.toString('base64');
const keyOf = (identity: Identity) => ({ type: 'AsymmetricX509Cert', usage: 'Verify', key: derOf(identity) });
const keysOf = (id: unknown, query = '') =>
  directory.get(`/applications/${id}${query}`).then((reply) => reply.json().keyCredentials as Json[]);

function tokenBySecret(appId: unknown, secret: unknown): Promise<Reply> {
  const form = { client_id: String(appId), client_secret: String(secret) };
  return bench.tokenReply('https://graph.microsoft.com/.default', form);
}

/** A proof of possession, as `addKey` wants it. */
function proofOf(id: unknown, by: Identity, changes: Readonly<Record<string, unknown>> = {}): string {
  const seconds = bench.clock.now() / 1000;
  const claims = { aud: '00000002-0000-0000-c000-000000000000', iss: id, nbf: seconds, exp: seconds + 600 };
  return signJwt({ ...claims, ...changes }, 'any', createPrivateKey(by.key));
}

describe('a secret', () => {
  test('is told once, lives as long as asked for, and gets a token until it ends or is removed', async () => {
    const { application } = await directory.registered();
    const path = `/applications/${application.id}`;
    const reply = await directory.post(`${path}/addPassword`, {
      passwordCredential: { displayName: 'defender-siem 2026-11', endDateTime: '2026-12-02T12:00:00Z' },
    });
    const made = reply.json();
    expect([reply.status, made.endDateTime, made.hint]).toEqual([
      200,
      '2026-12-02T12:00:00Z',
      String(made.secretText).slice(0, 3),
    ]);
    expect(String(made.secretText)).toMatch(/^[\w.~-]{40}$/);
    expect((await directory.get(path)).json().passwordCredentials).toEqual([
      expect.objectContaining({ keyId: made.keyId, secretText: null, hint: made.hint }),
    ]);
    expect((await tokenBySecret(application.appId, made.secretText)).status).toBe(200);
    expect(codeOf(await tokenBySecret(application.appId, 'another'))).toBe(7000215);
    bench.clock.move(30 * dayMs);
    expect(codeOf(await tokenBySecret(application.appId, made.secretText))).toBe(7000222);
    directory = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
    expect((await directory.post(`${path}/removePassword`, { keyId: made.keyId })).status).toBe(204);
    expect(codeOf(await tokenBySecret(application.appId, made.secretText))).toBe(7000215);
    expect(refusal(await directory.post(`${path}/removePassword`, { keyId: made.keyId }))[0]).toBe(400);
  });

  test('lives two years when nothing is said', async () => {
    const { id } = await directory.application();
    const made = (await directory.post(`/applications/${id}/addPassword`, {})).json();
    expect(made.endDateTime).toBe('2028-11-01T12:00:00Z');
  });

  test('is refused by the policies of a tenant', async () => {
    const { id } = await directory.application();
    const { policies } = bench.simulator.control.directory;
    const add = () => directory.post(`/applications/${id}/addPassword`, { passwordCredential: {} });
    policies.longestSecretDays = 180;
    expect(refusal(await add())).toEqual([400, 'CredentialInvalidLifetimeAsPerAppPolicy']);
    policies.secretsAllowed = false;
    expect(refusal(await add())).toEqual([400, 'CredentialTypeNotAllowedAsPerAppPolicy']);
  });
});

describe('the certificates of an application', () => {
  test('are replaced as a whole; those that are kept go by their id, and their key is shown only when selected', async () => {
    const { id } = await directory.application();
    const path = `/applications/${id}`;
    expect((await directory.patch(path, { keyCredentials: [keyOf(first)] })).status).toBe(204);
    const [known] = await keysOf(id);
    expect(known).toMatchObject({
      key: null,
      displayName: 'CN=defender-siem simulated client',
      customKeyIdentifier: new X509Certificate(first.certificate).fingerprint.replaceAll(':', ''),
      endDateTime: '2026-12-02T12:00:00Z',
    });
    expect((await keysOf(id, '?$select=keyCredentials'))[0]?.key).toBe(derOf(first));
    expect((await directory.patch(path, { keyCredentials: [known, keyOf(second)] })).status).toBe(204);
    expect((await keysOf(id, '?$select=keyCredentials')).map(({ key }) => key)).toEqual([
      derOf(first),
      derOf(second),
    ]);
    await directory.patch(path, { keyCredentials: (await keysOf(id)).slice(1) });
    expect((await keysOf(id, '?$select=id,keyCredentials')).map(({ key }) => key)).toEqual([derOf(second)]);
  });

  test('are refused where they are none, where they change one that is there, and where they live too long', async () => {
    const { id } = await directory.application({ keyCredentials: [keyOf(first)] });
    const [known] = await keysOf(id);
    const set = (...keyCredentials: readonly unknown[]) =>
      directory.patch(`/applications/${id}`, { keyCredentials });
    const messageOf = (reply: Reply) => (reply.json().error as Json).message;
    expect(messageOf(await set({ ...keyOf(second), key: 'bm9uc2Vuc2U=' }))).toMatch(/not a certificate/);
    expect(messageOf(await set({ ...known, key: derOf(second) }))).toMatch(/Update to existing credential/);
    expect(messageOf(await set({ ...known, endDateTime: '2099-01-01T00:00:00Z' }))).toMatch(/Update to/);
    expect(messageOf(await set({ ...keyOf(second), endDateTime: '2027-06-01T00:00:00Z' }))).toMatch(
      /end date/,
    );
    bench.simulator.control.directory.policies.longestCertificateDays = 7;
    expect(refusal(await set(known, keyOf(second)))).toEqual([
      400,
      'CredentialInvalidLifetimeAsPerAppPolicy',
    ]);
    expect((await set(known)).status).toBe(204);
  });

  test('are rolled with a proof that one of them signed', async () => {
    const { id } = await directory.application({ keyCredentials: [keyOf(first)] });
    const add = (proof: string) =>
      directory.post(`/applications/${id}/addKey`, {
        keyCredential: keyOf(second),
        passwordCredential: null,
        proof,
      });
    const seconds = bench.clock.now() / 1000;
    for (const [wrong, proof] of [
      ['no token', 'nonsense'],
      ['another key', proofOf(id, second)],
      ['another application', proofOf('00000000-0000-0000-0000-000000000000', first)],
      ['another audience', proofOf(id, first, { aud: 'https://graph.microsoft.com' })],
      ['too long', proofOf(id, first, { exp: seconds + 900 })],
      ['over', proofOf(id, first, { nbf: seconds - 1200, exp: seconds - 600 })],
    ] as const) {
      expect([wrong, ...refusal(await add(proof))]).toEqual([
        wrong,
        401,
        'Authentication_MissingOrMalformed',
      ]);
    }
    const made = (await add(proofOf(id, first))).json();
    expect(await keysOf(id)).toHaveLength(2);
    const remove = { keyId: made.keyId, proof: proofOf(id, second) };
    expect((await directory.post(`/applications/${id}/removeKey`, remove)).status).toBe(204);
    expect(await keysOf(id)).toHaveLength(1);
    expect(refusal(await directory.post(`/applications/${id}/removeKey`, remove))[0]).toBe(401);
  });

  test('get a token for who holds their key', async () => {
    const { application } = await directory.registered();
    await directory.patch(`/applications/${application.id}`, { keyCredentials: [keyOf(first)] });
    const { authority } = bench.simulator.endpoints;
    const { tenantId } = bench.simulator.credentials;
    const seconds = bench.clock.now() / 1000;
    const claims = {
      aud: `${authority}/${tenantId}/oauth2/v2.0/token`,
      iss: application.appId,
      sub: application.appId,
      nbf: seconds,
      exp: seconds + 600,
    };
    const thumbprint = new X509Certificate(first.certificate).fingerprint.replaceAll(':', '');
    const x5t = Buffer.from(thumbprint, 'hex').toString('base64url');
    const ask = (jti: string, by: Identity) =>
      bench.tokenReply('https://graph.microsoft.com/.default', {
        client_id: String(application.appId),
        client_secret: '',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signJwt({ ...claims, jti }, x5t, createPrivateKey(by.key)),
      });
    expect((await ask('1', first)).status).toBe(200);
    expect(codeOf(await ask('2', second))).toBe(700027);
  });
});

describe('a federated credential', () => {
  const trust = {
    name: 'k8s-prod',
    issuer: 'https://oidc.example/cluster',
    subject: 'system:serviceaccount:siem:defender-siem',
    audiences: ['api://AzureADTokenExchange'],
  };

  test('is made, changed but for its name, read by name, and deleted', async () => {
    const { id } = await directory.application();
    const path = `/applications/${id}/federatedIdentityCredentials`;
    expect((await directory.post(path, trust)).status).toBe(201);
    const changed = { subject: 'system:serviceaccount:siem:other', description: 'other' };
    expect((await directory.patch(`${path}/k8s-prod`, changed)).status).toBe(204);
    expect(refusal(await directory.patch(`${path}/k8s-prod`, { name: 'other' }))[0]).toBe(400);
    expect((await directory.get(`${path}/k8s-prod`)).json()).toMatchObject({ ...trust, ...changed });
    const [only] = values(await directory.get(path));
    expect((await directory.delete(`${path}/${only?.id}`)).status).toBe(204);
    expect(values(await directory.get(path))).toEqual([]);
  });

  test.each([
    ['a name that is no URL text', { name: 'k8s prod' }, 400],
    ['a name of 121 characters', { name: 'x'.repeat(121) }, 400],
    ['two audiences', { name: 'other', audiences: ['a', 'b'] }, 400],
    ['a subject of 601 characters', { name: 'other', subject: 'x'.repeat(601) }, 400],
    ['the name of another', { subject: 'other' }, 409],
    ['issuer and subject of another', { name: 'other' }, 409],
  ])('is refused with %s', async (_what, changes, status) => {
    const { id } = await directory.application();
    const path = `/applications/${id}/federatedIdentityCredentials`;
    await directory.post(path, trust);
    expect(refusal(await directory.post(path, { ...trust, ...changes }))).toEqual([
      status,
      status === 409 ? 'Request_MultipleObjectsWithSameKeyValue' : 'Request_BadRequest',
    ]);
  });

  test('is one of at most twenty', async () => {
    const { id } = await directory.application();
    const path = `/applications/${id}/federatedIdentityCredentials`;
    for (let count = 0; count < 20; count += 1) {
      await directory.post(path, { ...trust, name: `n${count}`, subject: `s${count}` });
    }
    expect(refusal(await directory.post(path, trust))).toEqual([400, 'Request_BadRequest']);
    expect(values(await directory.get(path))).toHaveLength(20);
  });
});
