import { expect, test } from 'vitest';
import { type CloudName, cloudNames, resolveEndpoints } from '../../src/identity/clouds.ts';
import { cloudMismatch, locateTenant, readTenantMetadata } from '../../src/identity/tenant-metadata.ts';
import { refusal } from '../support/fake-entra.ts';
import { type ScriptedAnswer, scriptedHttp } from '../support/scripted-http.ts';

const id = '0a0a0a0a-1111-2222-3333-444444444444';
const com = 'https://login.microsoftonline.com';
const us = 'https://login.microsoftonline.us';
const signal = new AbortController().signal;

/** What the authorities tell of tenants of each cloud. */
const told: Readonly<Record<CloudName, object>> = {
  commercial: {
    issuer: `${com}/${id}/v2.0`,
    token_endpoint: `${com}/${id}/oauth2/v2.0/token`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
  },
  gcc: {
    issuer: `${com}/${id}/v2.0`,
    tenant_region_scope: 'NA',
    tenant_region_sub_scope: 'GCC',
    cloud_instance_name: 'microsoftonline.com',
    msgraph_host: 'graph.microsoft.com',
  },
  'gcc-high': {
    issuer: `${us}/${id}/v2.0`,
    tenant_region_scope: 'USGov',
    tenant_region_sub_scope: 'DODCON',
    cloud_instance_name: 'microsoftonline.us',
    msgraph_host: 'graph.microsoft.us',
  },
  dod: {
    issuer: `${us}/${id}/v2.0`,
    tenant_region_scope: 'USGov',
    tenant_region_sub_scope: 'DOD',
    cloud_instance_name: 'microsoftonline.us',
    msgraph_host: 'dod-graph.microsoft.us',
  },
};
const china = {
  issuer: `https://login.partner.microsoftonline.cn/${id}/v2.0`,
  cloud_instance_name: 'partner.microsoftonline.cn',
  msgraph_host: 'microsoftgraph.chinacloudapi.cn',
};

function answering(byAuthority: Readonly<Record<string, ScriptedAnswer>>) {
  return scriptedHttp(({ url }) => byAuthority[new URL(url).origin] ?? refusal(90002, 'invalid_tenant'));
}

test.each(cloudNames)('a tenant of %s is known by its metadata, and by its GUID', async (cloud) => {
  const http = answering({ [com]: { body: told[cloud] } });
  const metadata = await readTenantMetadata({ http, authority: com, tenantId: 'contoso.com' }, signal);
  expect(metadata).toMatchObject({ tenantId: id, cloud });
  expect(http.sent[0]?.url).toBe(`${com}/contoso.com/v2.0/.well-known/openid-configuration`);
  for (const configured of cloudNames) {
    const mismatch = cloudMismatch(configured, metadata);
    if (configured === cloud) expect(mismatch).toBeUndefined();
    else expect(mismatch).toContain(`\`cloud\` says ${configured}: set \`cloud: ${cloud}\``);
  }
});

test('the cloud in China is named as one without Defender; an unknown instance says nothing', async () => {
  const read = (body: object) =>
    readTenantMetadata({ http: answering({ [com]: { body } }), authority: com, tenantId: id }, signal);
  expect(cloudMismatch('commercial', await read(china))).toContain('21Vianet');
  const unknown = await read({
    issuer: `https://127.0.0.1:4443/${id}/v2.0`,
    cloud_instance_name: '127.0.0.1',
  });
  expect(unknown.cloud).toBeUndefined();
  expect(cloudMismatch('dod', unknown)).toBeUndefined();
});

test('a tenant that the configured authority does not know is looked for in the other clouds', async () => {
  const http = answering({ [us]: { body: told['gcc-high'] } });
  const question = { http, tenantId: id, tenant: 'contoso' };
  const found = await locateTenant({ ...question, endpoints: resolveEndpoints('commercial') }, signal);
  expect(cloudMismatch('commercial', found)).toContain('set `cloud: gcc-high`');
  expect(http.sent.map(({ url }) => new URL(url).origin)).toEqual([com, us]);
});

test('a tenant that none knows is refused in the words of the configured authority', async () => {
  const http = answering({});
  const endpoints = resolveEndpoints('commercial');
  await expect(locateTenant({ http, tenantId: id, tenant: 'contoso', endpoints }, signal)).rejects.toThrow(
    /^tenant contoso: .*AADSTS90002/,
  );
  expect(http.sent).toHaveLength(2);
});

test("an authority of the configuration's own is the only one asked", async () => {
  const http = answering({ [us]: { body: told.dod } });
  const endpoints = resolveEndpoints('commercial', undefined, { authority: 'https://login.test' });
  await expect(locateTenant({ http, tenantId: id, endpoints }, signal)).rejects.toThrow('AADSTS90002');
  expect(http.sent.map(({ url }) => new URL(url).origin)).toEqual(['https://login.test']);
});

test('an answer that tells of no tenant is no metadata', async () => {
  const http = answering({ [com]: { body: '<html>Sign in to the proxy</html>' } });
  await expect(readTenantMetadata({ http, authority: com, tenantId: id }, signal)).rejects.toMatchObject({
    code: 'IDENTITY_UNAVAILABLE',
  });
});
