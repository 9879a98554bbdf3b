import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alertRoles, DirectoryClient, graphAppId, refusal, settledBench } from './directory-bench.ts';
import { type Bench, type Json, type Reply, values } from './support.ts';

let bench: Bench;
let directory: DirectoryClient;

beforeEach(async () => {
  bench = await settledBench();
  directory = await DirectoryClient.withRoles(
    bench,
    'Application.ReadWrite.All',
    'AppRoleAssignment.ReadWrite.All',
  );
});
afterEach(() => bench[Symbol.asyncDispose]());

const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];

/** Makes an application with a secret and a permission; returns its client id and a way to ask for a token. */
async function connected() {
  const { application, principal } = await directory.registered();
  const secret = (await directory.post(`/applications/${application.id}/addPassword`, {})).json();
  await directory.assign(principal.id, graphAppId, alertRoles.graph);
  const appId = String(application.appId);
  const form = { client_id: appId, client_secret: String(secret.secretText) };
  const token = () => bench.tokenReply('https://graph.microsoft.com/.default', form);
  return { appId, keyId: String(secret.keyId), token };
}

describe('behind the connector’s back', () => {
  test('credentials age, and are removed', async () => {
    const { appId, keyId, token } = await connected();
    const control = bench.simulator.control.directory;
    expect((await token()).status).toBe(200);
    control.ageCredentials(appId, 60_000);
    expect(control.applications()[0]?.secrets[0]?.endDateTime).toBe('2026-11-02T12:01:00.000Z');
    expect((await token()).status).toBe(200);
    control.ageCredentials(appId, -1, keyId);
    expect(codeOf(await token())).toBe(7000222);
    control.removeCredential(appId, keyId);
    expect(codeOf(await token())).toBe(7000215);
    expect(() => control.removeCredential(appId, keyId)).toThrow(RangeError);
  });

  test('permissions are taken back and granted, an application is switched off and deleted', async () => {
    const { appId, token } = await connected();
    const control = bench.simulator.control.directory;
    control.revoke(appId, 'graph', 'SecurityAlert.Read.All');
    expect(control.applications()[0]?.granted).toEqual([]);
    control.grant(appId, 'defender', 'Alert.Read.All');
    expect(control.applications()[0]?.granted).toEqual([{ resource: 'defender', value: 'Alert.Read.All' }]);
    control.enable(appId, false);
    expect(codeOf(await token())).toBe(7000112);
    control.deleteServicePrincipal(appId);
    expect(codeOf(await token())).toBe(7000229);
    control.deleteApplication(appId);
    expect(codeOf(await token())).toBe(700016);
  });
});

describe('over HTTP', () => {
  const control = (method: string, path: string, body?: unknown) =>
    bench.call(
      method,
      `${bench.simulator.endpoints.graph}/_control/${path}`,
      {},
      body === undefined ? '' : JSON.stringify(body),
    );

  test('the directory is looked at and changed', async () => {
    const { appId, keyId, token } = await connected();
    const steps: readonly (readonly [string, unknown])[] = [
      ['directory/policies', { secretsAllowed: false, longestCertificateDays: 30 }],
      ['directory/grant', { appId, resource: 'xdr', permission: 'Incident.Read.All' }],
      ['directory/remove', { appId, resource: 'graph', permission: 'SecurityAlert.Read.All' }],
      ['directory/remove', { resource: 'siem' }],
      ['directory/age', { appId, ms: -1, keyId }],
      ['directory/settle', { settleMs: 5000 }],
    ];
    for (const [path, body] of steps)
      expect([path, (await control('POST', path, body)).status]).toEqual([path, 200]);
    const state = (await control('GET', 'directory')).json();
    expect(state.resources).toEqual(['graph', 'defender', 'xdr']);
    expect((state.applications as Json[])[0]).toMatchObject({
      appId,
      displayName: 'defender-siem',
      enabled: true,
      granted: [{ resource: 'xdr', value: 'Incident.Read.All' }],
    });
    expect(codeOf(await token())).toBe(7000222);
    expect(bench.simulator.control.directory.policies.secretsAllowed).toBe(false);
    for (const body of [{ appId, credential: keyId }, { servicePrincipal: appId }, { application: appId }]) {
      expect((await control('POST', 'directory/remove', body)).status).toBe(200);
    }
    expect((await control('POST', 'directory/remove', { application: appId })).status).toBe(400);
    expect((await control('POST', 'directory/enable', { appId, enabled: false })).status).toBe(400);
  });

  test('a write can fail after it took effect, by its path, in any words', async () => {
    const { control } = bench.simulator;
    control.fault(
      {
        target: 'directory',
        kind: 'status',
        status: 503,
        tookEffect: true,
        onlyCall: 'POST /v1.0/app',
        times: 1,
      },
      { target: 'directory', kind: 'reset', when: 'before-headers', onlyCall: '/addPassword', times: 1 },
      {
        target: 'directory',
        kind: 'status',
        status: 403,
        code: 'Authorization_RequestDenied',
        message: 'Insufficient privileges to complete the operation.',
        onlyCall: 'DELETE',
        times: 1,
      },
    );
    expect((await directory.post('/applications', { displayName: 'x' })).status).toBe(503);
    const [made] = values(await directory.get('/applications'));
    const path = `/applications/${made?.id}`;
    await expect(directory.post(`${path}/addPassword`, {})).rejects.toThrow();
    expect((await directory.get(path)).json().passwordCredentials).toHaveLength(1);
    expect(refusal(await directory.delete(path))).toEqual([403, 'Authorization_RequestDenied']);
    expect((await directory.delete(path)).status).toBe(204);
  });

  test('lists that show certificates are few a minute, and other calls are throttled on demand', async () => {
    const path = '/applications?$select=id,keyCredentials';
    for (let count = 0; count < 150; count += 1) expect((await directory.get(path)).status).toBe(200);
    const refused = await directory.get(path);
    expect(refusal(refused)).toEqual([429, 'TooManyRequests']);
    expect(refused.headers['retry-after']).toBe('60');
    expect((await directory.get('/applications')).status).toBe(200);
    bench.simulator.control.fault({ target: 'directory', kind: 'throttle', retryAfterSeconds: 7, times: 1 });
    expect((await directory.get('/applications')).headers['retry-after']).toBe('7');
  });
});
