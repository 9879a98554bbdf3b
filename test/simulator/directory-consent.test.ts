import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readJwt } from '../../src/simulator/jwt.ts';
import {
  alertRoles,
  DirectoryClient,
  defenderAppId,
  graphAppId,
  refusal,
  settledBench,
  xdrAppId,
} from './directory-bench.ts';
import { type Bench, type Json, values } from './support.ts';

let bench: Bench;
let directory: DirectoryClient;

beforeEach(async () => {
  bench = await settledBench();
  directory = await DirectoryClient.withRoles(
    bench,
    'Application.ReadWrite.All',
    'AppRoleAssignment.ReadWrite.All',
    'DelegatedPermissionGrant.ReadWrite.All',
    'Organization.Read.All',
  );
});
afterEach(() => bench[Symbol.asyncDispose]());

describe('the resources', () => {
  test.each([
    ['Microsoft Graph', graphAppId, 'SecurityAlert.Read.All', alertRoles.graph],
    ['WindowsDefenderATP', defenderAppId, 'Alert.Read.All', alertRoles.defender],
    ['Microsoft Threat Protection', xdrAppId, 'Incident.Read.All', 'a9790345-4595-42e4-971a-ccdc79f19b7c'],
  ])('%s offers its permissions', async (name, appId, value, id) => {
    const query = '?$select=id,appId,displayName,appRoles,oauth2PermissionScopes';
    const principal = (await directory.get(`/servicePrincipals(appId='${appId}')${query}`)).json();
    expect(principal.displayName).toBe(name);
    expect(principal.appRoles).toContainEqual(expect.objectContaining({ value, id, isEnabled: true }));
    expect((principal.oauth2PermissionScopes as Json[]).length).toBeGreaterThan(3);
  });

  test('can be missing, and made where the tenant may have them', async () => {
    const { control } = bench.simulator;
    control.directory.withoutResource('defender');
    const path = `/servicePrincipals(appId='${defenderAppId}')`;
    expect(refusal(await directory.get(path))).toEqual([404, 'Request_ResourceNotFound']);
    control.directory.policies.resourcesMayBeCreated = false;
    const make = () => directory.post('/servicePrincipals', { appId: defenderAppId });
    expect(refusal(await make())).toEqual([400, 'Request_BadRequest']);
    control.directory.policies.resourcesMayBeCreated = true;
    expect((await make()).status).toBe(201);
    expect(refusal(await make())).toEqual([409, 'Request_MultipleObjectsWithSameKeyValue']);
    expect(control.directory.resources()).toContain('defender');
  });
});

describe('a service principal', () => {
  test('is made for an application, once, and switched off', async () => {
    const { application, principal } = await directory.registered();
    const again = await directory.post('/servicePrincipals', { appId: application.appId });
    expect(refusal(again)).toEqual([409, 'Request_MultipleObjectsWithSameKeyValue']);
    const path = `/servicePrincipals/${principal.id}`;
    expect((await directory.patch(path, { accountEnabled: false })).status).toBe(204);
    expect((await directory.get(path)).json().accountEnabled).toBe(false);
    expect((await directory.delete(path)).status).toBe(204);
    expect(
      values(await directory.get(`/servicePrincipals?$filter=appId%20eq%20'${application.appId}'`)),
    ).toEqual([]);
  });

  test('is not made for nothing', async () => {
    const body = { appId: '00000000-0000-4000-8000-000000000000' };
    const reply = await directory.post('/servicePrincipals', body);
    expect(refusal(reply)).toEqual([400, 'Request_BadRequest']);
    expect((reply.json().error as Json).details).toMatchObject([{ code: 'NoBackingApplicationObject' }]);
  });
});

describe('an application permission', () => {
  test('is granted once, read from both sides, and revoked', async () => {
    const { principal } = await directory.registered();
    const reply = await directory.assign(principal.id, graphAppId, alertRoles.graph);
    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({
      appRoleId: alertRoles.graph,
      principalDisplayName: 'defender-siem',
      principalType: 'ServicePrincipal',
      resourceDisplayName: 'Microsoft Graph',
    });
    const again = await directory.assign(principal.id, graphAppId, alertRoles.graph);
    expect(refusal(again)).toEqual([400, 'Request_BadRequest']);
    expect((again.json().error as Json).message).toBe(
      'Permission being assigned already exists on the object',
    );
    const graph = await directory.principalId(graphAppId);
    const own = `/servicePrincipals/${principal.id}/appRoleAssignments`;
    const given = `/servicePrincipals/${graph}/appRoleAssignedTo`;
    expect(values(await directory.get(own))).toEqual(values(await directory.get(given)));
    expect((await directory.delete(`${given}/${reply.json().id}`)).status).toBe(204);
    expect(values(await directory.get(own))).toEqual([]);
    expect((await directory.delete(`${given}/${reply.json().id}`)).status).toBe(404);
  });

  test('can be granted from the side of the client', async () => {
    const { principal } = await directory.registered();
    const resourceId = await directory.principalId(defenderAppId);
    const body = { principalId: principal.id, resourceId, appRoleId: alertRoles.defender };
    const reply = await directory.post(`/servicePrincipals/${principal.id}/appRoleAssignments`, body);
    expect(reply.status).toBe(201);
  });

  test('is refused where the resource does not offer it, or the client is unknown', async () => {
    const { principal } = await directory.registered();
    const wrongRole = await directory.assign(principal.id, defenderAppId, alertRoles.graph);
    const wrongClient = await directory.assign(
      '00000000-0000-4000-8000-000000000000',
      graphAppId,
      alertRoles.graph,
    );
    expect(refusal(wrongRole)).toEqual([400, 'Request_BadRequest']);
    expect(refusal(wrongClient)).toEqual([400, 'Request_BadRequest']);
  });

  test('is in the token', async () => {
    const { application, principal } = await directory.registered();
    await directory.assign(principal.id, graphAppId, alertRoles.graph);
    const secret = (await directory.post(`/applications/${application.id}/addPassword`, {})).json();
    const reply = await bench.tokenReply('https://graph.microsoft.com/.default', {
      client_id: String(application.appId),
      client_secret: String(secret.secretText),
    });
    const claims = readJwt(String(reply.json().access_token))?.claims;
    expect(claims).toMatchObject({ roles: ['SecurityAlert.Read.All'], oid: principal.id });
    expect(bench.simulator.control.directory.applications()).toMatchObject([
      { appId: application.appId, granted: [{ resource: 'graph', value: 'SecurityAlert.Read.All' }] },
    ]);
  });
});

describe('delegated permissions', () => {
  test('are granted for all, changed and taken back', async () => {
    const { principal } = await directory.registered();
    const resourceId = await directory.principalId(graphAppId);
    const body = { clientId: principal.id, consentType: 'AllPrincipals', resourceId, scope: 'User.Read' };
    const reply = await directory.post('/oauth2PermissionGrants', body);
    expect(reply.status).toBe(201);
    const again = await directory.post('/oauth2PermissionGrants', body);
    expect(refusal(again)).toEqual([409, 'Request_MultipleObjectsWithSameKeyValue']);
    const path = `/oauth2PermissionGrants/${reply.json().id}`;
    expect((await directory.patch(path, { scope: 'User.Read SecurityAlert.Read.All' })).status).toBe(204);
    const filter = encodeURIComponent(`clientId eq '${principal.id}' and consentType eq 'AllPrincipals'`);
    const found = values(await directory.get(`/oauth2PermissionGrants?$filter=${filter}`));
    expect(found).toMatchObject([{ scope: 'User.Read SecurityAlert.Read.All' }]);
    expect(bench.simulator.control.directory.applications()[0]?.delegated).toEqual([
      { resource: 'graph', value: 'User.Read' },
      { resource: 'graph', value: 'SecurityAlert.Read.All' },
    ]);
    expect((await directory.delete(path)).status).toBe(204);
    expect(refusal(await directory.get(path))).toEqual([404, 'Request_ResourceNotFound']);
  });
});

test('the organisation tells its id', async () => {
  expect(values(await directory.get('/organization'))).toMatchObject([
    { id: bench.simulator.credentials.tenantId, displayName: 'Contoso' },
  ]);
});
