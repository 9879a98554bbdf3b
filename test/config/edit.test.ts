import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { starterConfiguration } from '../../src/config/edit-starter.ts';
import { findEditTarget } from '../../src/config/edit-target.ts';
import { editTenant, setAuthAside } from '../../src/config/edit-tenant.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parts } from '../../src/parts.ts';
import { testFolder } from '../support/connector-config.ts';

const clientId = '11111111-1111-1111-1111-111111111111';
const id = '00000000-0000-0000-0000-000000000001';
const written = {
  name: 'contoso',
  id,
  cloud: 'commercial',
  auth: { clientId, certificate: { path: './contoso.pem' } },
} as const;

const file = `# The night shift's file: ask before you change it.
store: { path: ./state.db }

tenants:
  # the one in production
  - name: contoso            # as the SOC calls it
    id: ${id}
    auth:
      clientId: 22222222-2222-2222-2222-222222222222   # by hand
      clientSecret: very secret indeed
  - name: fabrikam
    id: fabrikam.onmicrosoft.com
    auth: { clientId: "${clientId}", clientSecret: "\${env:FABRIKAM}" }

sources:
  - name: alerts
    tenant: contoso
    filter:
      severity: [high]       # no more, please
  - { name: both, type: alerts, tenant: [contoso, fabrikam] }

sinks:
  - name: siem
    type: syslog
    host: siem.example
    port: 6514
    transport: tls
    format: cef
    tls: { ca: certs/not-on-this-machine.pem }
`;

function find(text: string | undefined, wanted?: string) {
  return findEditTarget('/etc/defender-siem/config.yaml', text, wanted, parts, {});
}

describe('the tenant whose entry is written', () => {
  test.each(['contoso', 'CONTOSO', id])('is found by %s, whatever else is wrong with the file', (wanted) => {
    const target = find(file, wanted);
    expect(target).toMatchObject({ name: 'contoso', id, cloud: undefined, index: 0 });
    expect(target.auth).toMatchObject({ kind: 'client-secret' });
    expect(target.sources.map(({ name, type, tenant }) => [name, type, tenant])).toEqual([
      ['alerts', 'graph-alerts', 'contoso'],
      ['both@contoso', 'alerts', 'contoso'],
    ]);
  });

  test('may be without an identity', () => {
    const text = `tenants: [{ name: contoso, id: ${id}, cloud: gcc }]\nsources: []`;
    expect(find(text)).toMatchObject({ name: 'contoso', cloud: 'gcc', auth: undefined, sources: [] });
  });

  test('may name an application, and want rotation, without a credential yet', () => {
    const text = `tenants: [{ name: contoso, id: ${id}, auth: { clientId: ${clientId}, rotate: {} } }]`;
    expect(find(text)).toMatchObject({ auth: undefined, clientId, rotates: true });
    expect(editTenant(text, 0, written).text).toContain('rotate: {}');
  });

  test('is asked for where there are several', () => {
    expect(() => find(file)).toThrow('Give --tenant: one of contoso, fabrikam');
    expect(() => find(undefined)).toThrow('Give --tenant: its GUID or domain');
    expect(() => find(file, 'adatum')).toThrow('is called adatum. It has contoso, fabrikam.');
  });

  test('is asked for by name where several have its id', () => {
    const twice = `tenants: [{ name: a, id: ${id} }, { name: b, id: ${id} }]`;
    expect(() => find(twice, id)).toThrow('one of their names, a, b');
    expect(find(twice, 'b').index).toBe(1);
  });

  test('is a new one where a domain or GUID is not in the file yet, with a name that is free', () => {
    expect(find(file, 'contoso.example')).toMatchObject({
      name: 'contoso-2',
      id: 'contoso.example',
      index: undefined,
    });
    expect(find(undefined, '99999999-0000-0000-0000-000000000001')).toMatchObject({
      name: 'tenant',
      index: undefined,
    });
  });

  test('is none where the entry is wrong elsewhere, or a group', () => {
    expect(() => find(`tenants: [{ name: contoso, id: no-id }]`)).toThrow(/tenants\[0\]\.id/);
    const group = `tenants: [{ name: msp, customers: [{ name: a, id: ${id} }], auth: {} }]`;
    expect(() => find(group, 'msp')).toThrow('msp is a group of tenants: give --tenant one of its customers');
  });

  test('may be a customer of a group, with what the group says', () => {
    const text = `
tenants:
  - name: msp
    cloud: gcc
    auth: { clientId: ${clientId}, workloadIdentity: {} }
    customers: [{ name: adatum, id: ${id} }, { name: northwind, id: northwind.example, cloud: commercial }]
sources: [{ name: alerts, tenant: msp }, { name: mine, tenant: northwind }]`;
    expect(find(text, id)).toMatchObject({
      name: 'adatum',
      id,
      cloud: 'gcc',
      group: 'msp',
      clientId,
      auth: { kind: 'workload-identity' },
      sources: [{ name: 'alerts@adatum', tenant: 'adatum' }],
    });
    expect(find(text, 'northwind')).toMatchObject({
      cloud: 'commercial',
      sources: [{ name: 'alerts@northwind' }, { name: 'mine' }],
    });
  });
});

describe('the identity of a tenant', () => {
  test('is put into its entry, and all else stays: comments, order, other entries', () => {
    const { text, changes } = editTenant(file, 0, written);
    expect(text).toBe(
      file
        .replace('clientId: 22222222-2222-2222-2222-222222222222   #', `clientId: ${clientId}   #`)
        .replace(
          '      clientSecret: very secret indeed\n',
          '      certificate:\n        path: ./contoso.pem\n',
        ),
    );
    expect(changes).toEqual([
      '- contoso.auth.clientSecret',
      '- contoso.auth.clientId: 22222222-2222-2222-2222-222222222222',
      `+ contoso.auth.clientId: ${clientId}`,
      '+ contoso.auth.certificate.path: ./contoso.pem',
    ]);
    expect(changes.join()).not.toContain('very secret');
    expect(editTenant(text, 0, written)).toEqual({ text, changes: [] });
  });

  test('is added with a source where the tenant is new', () => {
    const { text, changes } = editTenant(file, undefined, { ...written, name: 'adatum', cloud: 'gcc-high' });
    expect(changes).toEqual([
      `+ tenants: adatum (${id}, gcc-high)`,
      `+ adatum.auth.clientId: ${clientId}`,
      '+ adatum.auth.certificate.path: ./contoso.pem',
      '+ sources: adatum-alerts (graph-alerts)',
    ]);
    expect(file.split('\n').filter((line) => !text.split('\n').includes(line))).toEqual([]);
    expect(text.startsWith(file.slice(0, file.indexOf('\nsources:')))).toBe(true);
    expect(find(text, 'adatum')).toMatchObject({
      index: 2,
      cloud: 'gcc-high',
      sources: [{ name: 'adatum-alerts' }],
    });
  });

  test('is put into an entry on one line too, which is then written anew', () => {
    const { text } = editTenant(file, 1, { ...written, name: 'fabrikam' });
    expect(find(text, 'fabrikam').auth).toMatchObject({ kind: 'certificate', clientId });
    expect(find(text, 'contoso').auth).toMatchObject({ kind: 'client-secret' });
    expect(text).toContain('# the one in production');
  });

  test('that the entry has stays where only the application is another', () => {
    const { text } = editTenant(file, 0, { ...written, auth: { clientId } });
    expect(text).toContain('clientSecret: very secret indeed');
  });

  test('is set aside: it stays in a comment, without the credential', () => {
    const { text, changes } = setAuthAside(file, 0, '2026-11-23');
    expect(changes).toEqual(['- tenants[0].auth (application 22222222-2222-2222-2222-222222222222)']);
    const remark =
      '    # auth was set aside on 2026-11-23, with the application 22222222-2222-2222-2222-222222222222: run `defender-siem provision` to have one again\n';
    const auth = file.slice(file.indexOf('    auth:\n'), file.indexOf('  - name: fabrikam'));
    expect(text).toBe(file.replace(auth, () => remark));
    expect(text).not.toContain('very secret');
    expect(find(text, 'contoso').auth).toBeUndefined();
    expect(setAuthAside(text, 0, '2026-11-23').changes).toEqual([]);
    const again = editTenant(text, 0, written).text;
    expect(again).not.toContain('set aside');
    expect(find(again, 'contoso').auth).toMatchObject({ clientId });
  });
});

test('a first configuration is valid as it is written', () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'contoso.pem'), '');
  const path = join(folder, 'defender-siem.yaml');
  writeFileSync(path, starterConfiguration(written));
  const config = loadConfig(path, parts, {});
  expect(config.sources).toMatchObject([{ name: 'contoso-alerts', type: 'graph-alerts', tenant: 'contoso' }]);
  expect(config.sinks).toMatchObject([{ name: 'console', type: 'stdout' }]);
});
