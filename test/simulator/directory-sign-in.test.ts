import { expect, test } from 'vitest';
import { azureCli } from '../../src/simulator/identity/public-clients.ts';
import type { EntraRole } from '../../src/simulator/identity/roles.ts';
import { readJwt } from '../../src/simulator/jwt.ts';
import {
  alertRoles,
  DirectoryClient,
  defenderAppId,
  graphAppId,
  refusal,
  settledBench,
} from './directory-bench.ts';
import { Bench, type Reply } from './support.ts';

const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];
const graph = 'https://graph.microsoft.com';

/** Signs the person of the tenant in with a device code; returns a client that calls in their name. */
async function asPerson(bench: Bench, roles: EntraRole[], scope: string, clientId = azureCli) {
  const { control, credentials, endpoints } = bench.simulator;
  control.person.roles = roles;
  const url = `${endpoints.authority}/${credentials.tenantId}/oauth2/v2.0`;
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    bench.call(
      'POST',
      `${url}/${path}`,
      {},
      new URLSearchParams({ client_id: clientId, ...form }).toString(),
    );
  const code = (await post('devicecode', { scope })).json();
  control.approveDeviceCode();
  bench.clock.move(5000);
  const reply = await post('token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(code.device_code),
  });
  return new DirectoryClient(bench, String(reply.json().access_token));
}

test('a person consents as far as their role goes', async () => {
  await using bench = await settledBench();
  const client = await asPerson(bench, ['Application Administrator'], `${graph}/.default`);
  const { principal } = await client.registered();
  expect((await client.assign(principal.id, defenderAppId, alertRoles.defender)).status).toBe(201);
  const denied = await client.assign(principal.id, graphAppId, alertRoles.graph);
  expect(refusal(denied)).toEqual([403, 'Authorization_RequestDenied']);
  const administrator = await asPerson(bench, ['Privileged Role Administrator'], `${graph}/.default`);
  expect((await administrator.assign(principal.id, graphAppId, alertRoles.graph)).status).toBe(201);
});

test('an application made over Graph signs a person in with the permissions that were granted for all', async () => {
  await using bench = await settledBench();
  const client = await asPerson(bench, ['Global Administrator'], `${graph}/.default`);
  const { application, principal } = await client.registered();
  await client.patch(`/applications/${application.id}`, { isFallbackPublicClient: true });
  await client.post('/oauth2PermissionGrants', {
    clientId: principal.id,
    consentType: 'AllPrincipals',
    resourceId: await client.principalId(graphAppId),
    scope: 'SecurityAlert.Read.All',
  });
  const signedIn = await asPerson(
    bench,
    ['Security Reader'],
    `${graph}/SecurityAlert.Read.All`,
    String(application.appId),
  );
  expect(readJwt(signedIn.token)?.claims.scp).toBe('SecurityAlert.Read.All');
});

test('a token of a trusted issuer lets in what the federated credential names, and nothing else', async () => {
  await using bench = await settledBench();
  const client = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
  const { application } = await client.registered();
  const issuer = `${bench.simulator.endpoints.authority}/oidc/cluster`;
  const subject = 'system:serviceaccount:siem:defender-siem';
  const audiences = ['api://AzureADTokenExchange'];
  const ask = (of: string) =>
    bench.tokenReply(`${graph}/.default`, {
      client_id: String(application.appId),
      client_secret: '',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: bench.simulator.control.federatedToken({ issuer, subject: of }),
    });
  expect(codeOf(await ask(subject))).toBe(700211);
  const path = `/applications/${application.id}/federatedIdentityCredentials`;
  await client.post(path, { name: 'k8s-prod', issuer, subject, audiences });
  expect((await ask(subject)).status).toBe(200);
  expect(codeOf(await ask('system:serviceaccount:siem:other'))).toBe(700213);
});

test('an application of one tenant is let into another when that one has its service principal', async () => {
  await using bench = await Bench.start({ historyAlerts: 0, directorySettleMs: 0, tenants: 1 });
  const [customer] = bench.simulator.tenants;
  if (customer === undefined) throw new Error('no second tenant');
  const home = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
  const ours = await home.application({ signInAudience: 'AzureADMyOrg' });
  const shared = await home.application({ signInAudience: 'AzureADMultipleOrgs' });
  const secretOf = async (id: unknown) =>
    String((await home.post(`/applications/${id}/addPassword`, {})).json().secretText);
  const [oursSecret, sharedSecret] = [await secretOf(ours.id), await secretOf(shared.id)];
  const ask = (appId: unknown, secret: string) => {
    const form = { client_id: String(appId), client_secret: secret };
    return bench.tokenReply(`${graph}/.default`, form, customer.tenantId);
  };
  expect(codeOf(await ask(ours.appId, oursSecret))).toBe(700016);
  expect(codeOf(await ask(shared.appId, sharedSecret))).toBe(7000229);
  customer.control.registration.roles.graph = ['Application.ReadWrite.All'];
  const token = await bench.tokenReply(`${graph}/.default`, {}, customer.tenantId);
  const there = new DirectoryClient(bench, String(token.json().access_token));
  expect(refusal(await there.post('/servicePrincipals', { appId: ours.appId }))[0]).toBe(400);
  const principal = (await there.post('/servicePrincipals', { appId: shared.appId })).json();
  expect(principal.appOwnerOrganizationId).toBe(bench.simulator.credentials.tenantId);
  customer.control.directory.grant(String(shared.appId), 'graph', 'SecurityAlert.Read.All');
  const claims = readJwt(String((await ask(shared.appId, sharedSecret)).json().access_token))?.claims;
  expect(claims).toMatchObject({
    tid: customer.tenantId,
    oid: principal.id,
    roles: ['SecurityAlert.Read.All'],
  });
});
