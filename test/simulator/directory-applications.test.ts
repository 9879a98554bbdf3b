import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DirectoryClient, defenderAppId, graphAppId, refusal, settledBench } from './directory-bench.ts';
import { type Bench, ids, type Json, values } from './support.ts';

let bench: Bench;
let directory: DirectoryClient;

beforeEach(async () => {
  bench = await settledBench();
  directory = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
});
afterEach(() => bench[Symbol.asyncDispose]());

const asked = [
  {
    resourceAppId: graphAppId,
    resourceAccess: [{ id: '472e4a4d-bb4a-4026-98d1-0b0d74cb74a5', type: 'Role' }],
  },
];

describe('an application', () => {
  test('is made with what was sent, and the rest as Graph has it', async () => {
    const reply = await directory.post('/applications', {
      displayName: 'defender-siem',
      signInAudience: 'AzureADMyOrg',
      tags: ['defender-siem'],
      notes: 'SIEM connector',
      requiredResourceAccess: asked,
    });
    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#applications/$entity',
      createdDateTime: '2026-11-02T12:00:00Z',
      displayName: 'defender-siem',
      keyCredentials: [],
      passwordCredentials: [],
      requiredResourceAccess: asked,
      signInAudience: 'AzureADMyOrg',
    });
    expect((await directory.application()).signInAudience).toBe('AzureADandPersonalMicrosoftAccount');
  });

  test('is found by its object id, its client id, its name, its tag', async () => {
    const { id, appId } = await directory.application({ tags: ['defender-siem', 'siem:contoso'] });
    await directory.application({ displayName: 'another' });
    const paths = [
      `/applications/${id}`,
      `/applications(appId='${appId}')`,
      `/applications(appId=%27${String(appId).toUpperCase()}%27)`,
    ];
    for (const path of paths) expect((await directory.get(path)).json().id).toBe(id);
    const filters = [
      `displayName eq 'Defender-SIEM'`,
      `tags/any(t:t eq 'siem:contoso')`,
      `appId eq '${appId}'`,
      `startswith(displayName,'defender') and tags/any(x:x eq 'defender-siem')`,
    ];
    for (const filter of filters) {
      const found = await directory.get(`/applications?$filter=${encodeURIComponent(filter)}`);
      expect([filter, ids(found)]).toEqual([filter, [id]]);
    }
  });

  test('is changed and deleted; what it asks for is replaced as a whole', async () => {
    const { id } = await directory.application({ requiredResourceAccess: asked });
    const other = [{ resourceAppId: defenderAppId, resourceAccess: [] }];
    const patched = await directory.patch(`/applications/${id}`, {
      requiredResourceAccess: other,
      isFallbackPublicClient: true,
    });
    expect([patched.status, patched.text]).toEqual([204, '']);
    expect((await directory.get(`/applications/${id}`)).json()).toMatchObject({
      displayName: 'defender-siem',
      isFallbackPublicClient: true,
      requiredResourceAccess: other,
    });
    expect((await directory.delete(`/applications/${id}`)).status).toBe(204);
    expect(refusal(await directory.get(`/applications/${id}`))).toEqual([404, 'Request_ResourceNotFound']);
    expect(refusal(await directory.delete(`/applications/${id}`))).toEqual([404, 'Request_ResourceNotFound']);
  });

  test('takes its service principal along when it is deleted', async () => {
    const { application, principal } = await directory.registered();
    await directory.delete(`/applications/${application.id}`);
    expect((await directory.get(`/servicePrincipals/${principal.id}`)).status).toBe(404);
  });

  test.each([
    ['no name', {}, /displayName/],
    ['an unknown property', { displayName: 'x', nonsense: 1 }, /Invalid property 'nonsense'/],
    ['a secret', { displayName: 'x', passwordCredentials: [{}] }, /service actions/],
    ['an unknown audience', { displayName: 'x', signInAudience: 'Everybody' }, /signInAudience/],
    ['one resource twice', { displayName: 'x', requiredResourceAccess: [...asked, ...asked] }, /duplicate/],
  ])('is refused with %s', async (_what, body, message) => {
    const reply = await directory.post('/applications', body);
    expect(refusal(reply)).toEqual([400, 'Request_BadRequest']);
    expect((reply.json().error as Json).message).toMatch(message);
  });

  test('is refused when it is no JSON, or does not say that it is', async () => {
    const url = `${bench.simulator.endpoints.graph}/v1.0/applications`;
    const authorization = `Bearer ${directory.token}`;
    const body = JSON.stringify({ displayName: 'x' });
    const json = { authorization, 'content-type': 'application/json; charset=utf-8' };
    expect(refusal(await bench.call('POST', url, { authorization }, body))[0]).toBe(400);
    expect(refusal(await bench.call('POST', url, json, body.slice(1)))[0]).toBe(400);
    expect((await bench.call('POST', url, json, body)).status).toBe(201);
    expect((await directory.get('/applications/%ZZ')).status).toBe(400);
    expect((await directory.send('PUT', '/applications', {})).status).toBe(400);
  });

  test('is refused when the directory is full', async () => {
    bench.simulator.control.directory.policies.applicationQuota = 1;
    await directory.application();
    const reply = await directory.post('/applications', { displayName: 'another' });
    expect(refusal(reply)).toEqual([403, 'Directory_QuotaExceeded']);
  });
});

describe('a list of applications', () => {
  test('comes in pages, with the selected properties', async () => {
    const made: unknown[] = [];
    for (let count = 0; count < 5; count += 1) made.push((await directory.application()).id);
    let next: string | undefined = '/applications?$top=2&$select=id,displayName';
    const seen: string[] = [];
    for (let pages = 0; next !== undefined; pages += 1) {
      expect(pages).toBeLessThan(3);
      const page = await directory.get(next);
      for (const value of values(page)) expect(Object.keys(value)).toEqual(['id', 'displayName']);
      seen.push(...ids(page));
      next = page.json()['@odata.nextLink'] as string | undefined;
    }
    expect(seen).toEqual(made);
  });

  test.each([
    [`?$filter=notes%20eq%20'x'`, 'Request_UnsupportedQuery'],
    ['?$filter=tags%20eq%20%27x%27', 'Request_UnsupportedQuery'],
    ['?$orderby=displayName', 'Request_UnsupportedQuery'],
    ['?$top=0', 'Request_BadRequest'],
    ['?$skiptoken=nonsense', 'Directory_ExpiredPageToken'],
    ['?$select=nonsense', 'Request_BadRequest'],
  ])('asked with %s is refused', async (query, code) => {
    await directory.application();
    expect(refusal(await directory.get(`/applications${query}`))).toEqual([400, code]);
  });
});

describe('an owner', () => {
  test('is added and removed by reference', async () => {
    const { application, principal } = await directory.registered();
    const owners = `/applications/${application.id}/owners`;
    const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principal.id}` };
    expect((await directory.post(`${owners}/$ref`, reference)).status).toBe(204);
    expect(values(await directory.get(owners))).toMatchObject([
      { '@odata.type': '#microsoft.graph.servicePrincipal', id: principal.id },
    ]);
    expect(refusal(await directory.post(`${owners}/$ref`, reference))).toEqual([400, 'Request_BadRequest']);
    expect((await directory.delete(`${owners}/${principal.id}/$ref`)).status).toBe(204);
    expect(values(await directory.get(owners))).toEqual([]);
  });
});
