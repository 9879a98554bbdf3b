import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readJwt } from '../../src/simulator/jwt.ts';
import { Bench, type Json } from './support.ts';

const graph = 'https://graph.microsoft.com';
let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start({ historyAlerts: 0 });
});
afterEach(() => bench[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Json;
}

function get(path: string, query: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
  const url = `${bench.simulator.managedIdentity.origin}${path}?${new URLSearchParams(query)}`;
  return new Promise<Answer>((resolve, reject) => {
    const call = request(url, { headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('end', () => {
        const { statusCode = 0, headers: answered } = incoming;
        resolve({ status: statusCode, headers: answered, body: JSON.parse(text) as Json });
      });
    });
    call.on('error', reject);
    call.end();
  });
}

const imds = (
  query: Readonly<Record<string, string>> = {},
  headers: Record<string, string> = { metadata: 'true' },
) =>
  get('/metadata/identity/oauth2/token', { 'api-version': '2018-02-01', resource: graph, ...query }, headers);
const claimsOf = ({ body }: Answer) => readJwt(String(body.access_token))?.claims ?? {};

describe('a virtual machine', () => {
  test('has a token of its own identity', async () => {
    const answer = await imds();
    const [own] = bench.simulator.control.managedIdentities;
    const now = bench.clock.now() / 1000;
    const { access_token, ...rest } = answer.body;
    expect(rest).toEqual({
      client_id: own?.clientId,
      expires_in: '86399',
      expires_on: String(now + 86_400),
      not_before: String(now),
      resource: graph,
      token_type: 'Bearer',
    });
    expect(access_token).toMatch(/^ey/);
    expect(claimsOf(answer)).toMatchObject({
      aud: graph,
      appid: own?.clientId,
      oid: own?.objectId,
      tid: bench.simulator.credentials.tenantId,
      roles: expect.arrayContaining(['SecurityAlert.Read.All']),
    });
    const url = `${bench.simulator.endpoints.graph}/v1.0/security/alerts_v2`;
    expect((await bench.call('GET', url, { authorization: `Bearer ${access_token}` })).status).toBe(200);
  });

  test('has tokens of identities that a user assigned, by each of their ids', async () => {
    const assigned = bench.simulator.control.managedIdentities[1];
    const ids = { clientId: '', objectId: '', resourceId: '', ...assigned };
    for (const query of [
      { client_id: ids.clientId },
      { object_id: ids.objectId },
      { mi_res_id: ids.resourceId },
      { msi_res_id: ids.resourceId.toUpperCase() },
    ]) {
      expect(claimsOf(await imds(query)).appid).toBe(ids.clientId);
    }
    expect((await imds({ client_id: ids.objectId })).body.error_description).toBe('Identity not found');
  });

  test('keeps its tokens: what is granted meanwhile is in the next one, a day later', async () => {
    const [own] = bench.simulator.control.managedIdentities;
    const first = await imds();
    if (own !== undefined) own.roles = { ...own.roles, graph: ['SecurityAlert.ReadWrite.All'] };
    bench.clock.move(3_600_000);
    const second = await imds();
    expect(second.body.access_token).toBe(first.body.access_token);
    expect(second.body.expires_in).toBe('82799');
    bench.clock.move(82_500_000);
    expect(claimsOf(await imds()).roles).toEqual(['SecurityAlert.ReadWrite.All']);
  });

  test('without an identity of its own takes the only one, and asks which of several', async () => {
    const { managedIdentities } = bench.simulator.control;
    managedIdentities.shift();
    expect((await imds()).status).toBe(200);
    managedIdentities.push(...managedIdentities.map((identity) => ({ ...identity, clientId: 'another' })));
    expect((await imds()).body.error_description).toContain('Multiple user assigned identities');
    managedIdentities.length = 0;
    expect((await imds()).status).toBe(400);
  });

  test('has no roles with the wrong audience of Defender for Endpoint, and all with the right one', async () => {
    const wrong = await imds({ resource: 'https://api.securitycenter.microsoft.com' });
    expect([wrong.status, claimsOf(wrong).roles]).toEqual([200, undefined]);
    const right = await imds({ resource: 'https://securitycenter.onmicrosoft.com/windowsatpservice' });
    expect(claimsOf(right).roles).toContain('Alert.Read.All');
  });

  test.each([
    ['without the header', {}, {}, 400, 'Required metadata header'],
    ['through a proxy', {}, { metadata: 'true', 'x-forwarded-for': '192.0.2.1' }, 400, 'proxy'],
    ['without a resource', { resource: '' }, { metadata: 'true' }, 400, "'resource' is missing"],
    [
      'for an unknown resource',
      { resource: 'https://nobody.example' },
      { metadata: 'true' },
      400,
      'AADSTS500011',
    ],
    ['of another version', { 'api-version': '1999-01-01' }, { metadata: 'true' }, 404, 'No such endpoint'],
  ])('is refused %s', async (_what, query, headers, status, words) => {
    const answer = await imds(query, headers);
    expect([answer.status, answer.body.error_description]).toEqual([status, expect.stringContaining(words)]);
  });

  test.each([404, 410, 500, 503])('has a passing trouble: %d', async (status) => {
    bench.simulator.control.fault({ target: 'managed-identity', kind: 'status', status, times: 1 });
    expect((await imds()).status).toBe(status);
    expect((await imds()).status).toBe(200);
  });

  test('is throttled, and told what Entra says', async () => {
    bench.simulator.control.fault(
      { target: 'managed-identity', kind: 'throttle', retryAfterSeconds: 7, times: 1 },
      { target: 'managed-identity', kind: 'aadsts', code: 530032, times: 1 },
    );
    const throttled = await imds();
    expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '7']);
    expect((await imds()).body).toMatchObject({ error: 'access_denied', error_codes: [530032] });
    expect(bench.simulator.control.requests()['managed-identity']).toEqual({ 400: 1, 429: 1 });
  });
});

test('App Service shows its header', async () => {
  const { appService } = bench.simulator.managedIdentity.environment;
  expect(appService.IDENTITY_ENDPOINT).toBe(`${bench.simulator.managedIdentity.origin}/msi/token`);
  const query = { 'api-version': '2019-08-01', resource: graph };
  const good = await get('/msi/token', query, { 'x-identity-header': appService.IDENTITY_HEADER ?? '' });
  expect(good.body).toMatchObject({ resource: graph, expires_on: expect.stringMatching(/^\d+$/) });
  expect((await get('/msi/token', query, { 'x-identity-header': 'wrong' })).status).toBe(401);
});

test('Azure Arc asks for the content of a file, once', async () => {
  const ask = (headers: Record<string, string>) =>
    imds({ 'api-version': '2020-06-01' }, { metadata: 'true', ...headers });
  const challenge = await ask({});
  const file = /^Basic realm=(\/.+\.key)$/.exec(String(challenge.headers['www-authenticate']))?.[1] ?? '';
  expect([challenge.status, file]).toEqual([401, expect.stringMatching(/./)]);
  const authorization = `Basic ${readFileSync(file, 'utf8')}`;
  expect((await ask({ authorization })).status).toBe(200);
  expect((await ask({ authorization })).status).toBe(401);
  expect((await ask({ authorization: 'Basic nonsense' })).status).toBe(401);
});

test('identities are read and set over HTTP', async () => {
  const url = `${bench.simulator.endpoints.graph}/_control/managed-identities`;
  const [own] = JSON.parse((await bench.call('GET', url)).text) as Json[];
  const changed = [{ ...own, roles: { graph: ['User.Read.All'], defender: [], xdr: [], siem: [] } }];
  expect((await bench.call('POST', url, {}, JSON.stringify(changed))).status).toBe(200);
  expect(claimsOf(await imds()).roles).toEqual(['User.Read.All']);
});
