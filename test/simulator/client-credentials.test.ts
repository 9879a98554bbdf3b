import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FederatedTokenRequest } from '../../src/simulator/identity/oidc-issuers.ts';
import { readJwt, signJwt } from '../../src/simulator/jwt.ts';
import { Bench, type Reply } from './support.ts';

const graphScope = 'https://graph.microsoft.com/.default';
let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start({ historyAlerts: 0 });
});
afterEach(() => bench[Symbol.asyncDispose]());

const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];

describe('an application', () => {
  test('has secrets that end, each at its time', async () => {
    const { control, credentials } = bench.simulator;
    control.registration.secrets = [
      { text: credentials.clientSecret, endsAtMs: bench.clock.now() + 1000 },
      { text: 'the next one', endsAtMs: bench.clock.now() + 5000 },
    ];
    expect((await bench.tokenReply(graphScope)).status).toBe(200);
    bench.clock.move(1000);
    expect(codeOf(await bench.tokenReply(graphScope))).toBe(7000222);
    expect((await bench.tokenReply(graphScope, { client_secret: 'the next one' })).status).toBe(200);
    control.registration.secrets = [];
    expect(codeOf(await bench.tokenReply(graphScope))).toBe(7000215);
  });

  test('without a service principal gets no token', async () => {
    bench.simulator.control.registration.servicePrincipalId = undefined;
    const reply = await bench.tokenReply(graphScope);
    expect([codeOf(reply), reply.json().error]).toEqual([7000229, 'unauthorized_client']);
  });
});

describe('a federated credential', () => {
  const subject = 'system:serviceaccount:siem:defender-siem';
  const audience = 'api://AzureADTokenExchange';
  let issuer: string;

  beforeEach(() => {
    issuer = `${bench.simulator.endpoints.authority}/oidc/cluster`;
    bench.simulator.control.registration.federated = [{ issuer, subject, audiences: [audience] }];
  });

  const present = (assertion: string) =>
    bench.tokenReply(graphScope, {
      client_secret: '',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
  const token = (changes: Partial<FederatedTokenRequest> = {}) =>
    bench.simulator.control.federatedToken({ issuer, subject, ...changes });

  test('takes its issuer’s tokens, as often as they are valid', async () => {
    const assertion = token();
    expect((await present(assertion)).status).toBe(200);
    const again = await present(assertion);
    expect(readJwt(String(again.json().access_token))?.claims).toMatchObject({ appidacr: '2' });
    bench.clock.move(3_600_000 + 300_000 + 1000);
    expect(codeOf(await present(assertion))).toBe(700024);
  });

  test.each([
    ['another issuer', { issuer: 'https://elsewhere.example/' }, 700211, 'https://elsewhere.example/'],
    [
      'another subject',
      { subject: 'system:serviceaccount:other:x' },
      700213,
      'system:serviceaccount:other:x',
    ],
    ['another audience', { audience: 'api://else' }, 700212, 'api://else'],
  ])('refuses %s, and tells it', async (_what, changes, code, told) => {
    const reply = await present(token(changes));
    expect([codeOf(reply), reply.json().error_description]).toEqual([code, expect.stringContaining(told)]);
  });

  test('refuses what the issuer did not sign, what is malformed, and an issuer that cannot be reached', async () => {
    const [header, claims] = token().split('.');
    expect(codeOf(await present(`${header}.${claims}.c2lnbmF0dXJl`))).toBe(50013);
    expect(codeOf(await present('ey.no-token'))).toBe(50027);
    const far = 'https://unreachable.example/';
    bench.simulator.control.registration.federated = [{ issuer: far, subject, audiences: [audience] }];
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const exp = bench.clock.now() / 1000 + 60;
    expect(
      codeOf(await present(signJwt({ iss: far, sub: subject, aud: audience, exp }, 'k', privateKey))),
    ).toBe(50013);
    expect((await present(token({ issuer: far }))).status).toBe(200);
  });

  test('has an issuer with its own configuration and keys', async () => {
    const reply = await bench.call('GET', `${issuer}/.well-known/openid-configuration`);
    expect(reply.json()).toMatchObject({ issuer, jwks_uri: `${issuer}/openid/v1/jwks` });
    const keys = (await bench.call('GET', String(reply.json().jwks_uri))).json().keys;
    expect(keys).toEqual([expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig' })]);
    const url = `${bench.simulator.endpoints.authority}/_control/federated-token`;
    const made = await bench.call('POST', url, {}, JSON.stringify({ issuer, subject, lifetimeSeconds: 60 }));
    expect((await present(String(made.json().token))).status).toBe(200);
  });
});

describe('the tenant’s metadata', () => {
  const read = async (name: string) => {
    const { endpoints, credentials } = bench.simulator;
    const tenant = name === '' ? credentials.tenantId : name;
    return bench.call('GET', `${endpoints.authority}/${tenant}/v2.0/.well-known/openid-configuration`);
  };

  test.each([
    ['commercial', 'EU', undefined, 'microsoftonline.com', 'graph.microsoft.com'],
    ['gcc', 'NA', 'GCC', 'microsoftonline.com', 'graph.microsoft.com'],
    ['gcc-high', 'USGov', 'DODCON', 'microsoftonline.us', 'graph.microsoft.us'],
    ['dod', 'USGov', 'DOD', 'microsoftonline.us', 'dod-graph.microsoft.us'],
  ] as const)('of %s names the cloud', async (cloud, region, sub, instance, graph) => {
    await using government = await Bench.start({ historyAlerts: 0, cloud });
    const { endpoints, credentials } = government.simulator;
    const base = `${endpoints.authority}/${credentials.tenantId}`;
    const metadata = (await government.call('GET', `${base}/v2.0/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      tenant_region_scope: region,
      cloud_instance_name: instance,
      cloud_graph_host_name: 'graph.windows.net',
      msgraph_host: graph,
      issuer: `${base}/v2.0`,
    });
    expect(metadata.tenant_region_sub_scope).toBe(sub);
    expect((await government.tokenReply(graphScope)).status).toBe(200);
    expect((await government.call('GET', String(metadata.jwks_uri))).json().keys).toHaveLength(1);
  });

  test('leads home when the authority is that of another cloud, which issues nothing', async () => {
    bench.simulator.control.cloud.home = 'gcc-high';
    const { tenantId } = bench.simulator.credentials;
    expect((await read('')).json()).toMatchObject({
      token_endpoint: `https://login.microsoftonline.us/${tenantId}/oauth2/v2.0/token`,
      tenant_region_sub_scope: 'DODCON',
    });
    expect(codeOf(await bench.tokenReply(graphScope))).toBe(900382);
    const code = `${bench.simulator.endpoints.authority}/${tenantId}/oauth2/v2.0/devicecode`;
    expect(codeOf(await bench.call('POST', code, {}, 'client_id=x&scope=User.Read'))).toBe(90002);
    const url = `${bench.simulator.endpoints.authority}/_control/cloud`;
    await bench.call('POST', url, {}, JSON.stringify({ authority: 'dod' }));
    expect((await bench.tokenReply(graphScope)).status).toBe(200);
    expect((await read('nobody.example')).status).toBe(400);
  });
});
