import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/fields/secret.ts';
import type { TenantAuth } from '../../src/identity/credential.ts';
import { parts } from '../../src/parts.ts';
import { verifyAccess } from '../../src/provision/verify.ts';
import { ProvisionBench, twoPermissions } from '../support/provision-bench.ts';

const wanted = twoPermissions.map(({ resource, value }) => ({ resource, value }));

describe('provisioning an empty tenant', () => {
  test('makes one application with a certificate, whose token holds what is needed and reads', async () => {
    const bench = await ProvisionBench.start();
    const { done, lines, draft } = await bench.provision(bench.request({ kind: 'certificate' }));

    expect(draft.plan.steps.map(({ kind }) => kind)).toEqual([
      'create-application',
      'create-service-principal',
      'add-credential',
      'grant',
      'grant',
    ]);
    const [application, ...others] = bench.applications();
    expect(others).toEqual([]);
    expect(application).toMatchObject({
      displayName: 'defender-siem',
      tags: ['defender-siem', 'defender-siem:default'],
      signInAudience: 'AzureADMyOrg',
      publicClient: false,
      asksFor: wanted.map((permission) => ({ ...permission, type: 'Role' })),
      granted: wanted,
      secrets: [],
    });
    expect(application?.certificates).toHaveLength(1);
    const path = join(bench.folder, 'contoso.pem');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/BEGIN CERTIFICATE.*BEGIN PRIVATE KEY/s);
    expect(readdirSync(bench.folder)).toEqual(['contoso.pem', 'contoso.pem.keys']);
    expect(done.access.written).toEqual({
      clientId: application?.appId,
      certificate: { path: './contoso.pem' },
    });
    expect(lines).toContain(`created the app registration defender-siem (client id ${application?.appId})`);
    expect(lines.join('\n')).not.toContain('PRIVATE KEY');

    const told: string[] = [];
    await verifyAccess({
      tenant: bench.tenant,
      endpoints: bench.endpoints,
      credential: done.access.credential,
      permissions: twoPermissions,
      sources: [],
      sourceTypes: parts.sourceTypes,
      http: bench.http,
      clock: bench.clock,
      tell: (line) => told.push(line),
      signal: new AbortController().signal,
    });
    expect(told.at(-1)).toBe('got a token for WindowsDefenderATP with Alert.Read.All');
  });

  test('changes nothing the second time, whether the configuration names the access or not', async () => {
    const bench = await ProvisionBench.start();
    const first = await bench.provision(bench.request());
    bench.settle();
    const before = bench.applications();
    const again = await bench.provision(bench.request());
    expect(again.draft.plan.steps).toEqual([]);
    const auth: TenantAuth = first.done.access.credential;
    const third = await bench.provision(bench.request({ auth, kind: 'certificate' }));
    expect(third.draft.plan.steps).toEqual([]);
    expect(third.draft.working?.kind).toBe('secret');
    expect(third.lines).toEqual([]);
    expect(bench.applications()).toEqual(before);
    expect(readFileSync(join(bench.folder, 'contoso.secret'), 'utf8').trim()).not.toBe('');
  });

  test('leaves the entry alone that names a copy, which only the service can read', async () => {
    const bench = await ProvisionBench.start();
    const { done } = await bench.provision(bench.request());
    bench.settle();
    const secret = new Secret('${file:/run/credentials/defender-siem.service/secret}');
    const clientId = done.application.appId;
    const again = await bench.provision(bench.request({ auth: { kind: 'client-secret', clientId, secret } }));
    expect(again.draft.plan.steps).toEqual([]);
    expect(again.done.access.written).toEqual({ clientId });
  });

  test('makes an application that is to renew its credential its own owner, once', async () => {
    const bench = await ProvisionBench.start();
    const { draft } = await bench.provision(bench.request({ ownsItself: true }));
    expect(draft.plan.steps).toContainEqual({ kind: 'own-itself' });
    const [application] = bench.applications();
    expect(application?.owners).toContain(application?.servicePrincipalId);
    bench.settle();
    expect((await bench.provision(bench.request({ ownsItself: true }))).draft.plan.steps).toEqual([]);
  });

  test('tells several connectors of a tenant apart', async () => {
    const bench = await ProvisionBench.start();
    await bench.provision(bench.request({ connector: 'soc' }));
    await bench.provision(bench.request({ connector: 'lab', tenant: { ...bench.tenant, name: 'lab' } }));
    expect(bench.applications('soc')).toHaveLength(1);
    expect(bench.applications('lab')).toHaveLength(1);
    expect(bench.applications('lab')[0]?.displayName).toBe('defender-siem lab');
  });

  test('stops where the tag is on several applications, and names them', async () => {
    const bench = await ProvisionBench.start();
    const directory = await bench.directory();
    const tags = ['defender-siem', 'defender-siem:default'];
    const first = await directory.createApplication({ displayName: 'one', tags });
    const second = await directory.createApplication({ displayName: 'two', tags });
    bench.settle();
    await expect(bench.provision(bench.request())).rejects.toThrow(
      new RegExp(`Several app registrations.*${first.appId}.*${second.appId}`),
    );
    // The one that the configuration names wins.
    const auth = { kind: 'workload-identity', clientId: second.appId, tokenFile: '/none' } as const;
    const { done } = await bench.provision(bench.request({ auth }));
    expect(done.application.appId).toBe(second.appId);
  });

  test('trusts a service account, for once, with the audience of the cloud', async () => {
    const bench = await ProvisionBench.start();
    const federated = {
      name: 'k8s',
      issuer: 'https://oidc.example/1',
      subject: 'system:serviceaccount:siem:defender-siem',
      audiences: ['api://AzureADTokenExchange'],
    };
    const { done } = await bench.provision(bench.request({ kind: 'federated', federated }));
    bench.settle();
    const again = await bench.provision(
      bench.request({ kind: 'federated', federated, auth: done.access.credential }),
    );
    expect(again.draft.plan.steps).toEqual([]);
    expect(bench.applications()[0]).toMatchObject({ federated: [federated], secrets: [], certificates: [] });
    expect(done.access.written).toEqual({ clientId: done.application.appId, workloadIdentity: {} });
  });

  test('makes a public client with delegated permissions for the sign-in of a person', async () => {
    const bench = await ProvisionBench.start();
    const permissions = [
      { resource: 'graph', value: 'SecurityAlert.Read.All', type: 'Scope', neededBy: ['source alerts'] },
      { resource: 'defender', value: 'Alert.Read', type: 'Scope', neededBy: ['source mde'] },
    ] as const;
    const { done } = await bench.provision(bench.request({ kind: 'user', permissions }));
    expect(bench.applications()[0]).toMatchObject({
      publicClient: true,
      granted: [],
      delegated: permissions.map(({ resource, value }) => ({ resource, value })),
      secrets: [],
      certificates: [],
    });
    expect(done.access.written.user).toEqual({ cache: './contoso.token', key: '${file:./contoso.key}' });
    expect(statSync(join(bench.folder, 'contoso.key')).mode & 0o777).toBe(0o600);
    bench.settle();
    const again = await bench.provision(
      bench.request({ kind: 'user', permissions, auth: done.access.credential }),
    );
    expect(again.draft.plan.steps).toEqual([]);
    const less = bench.request({
      kind: 'user',
      permissions: permissions.slice(0, 1),
      auth: done.access.credential,
    });
    expect((await bench.provision(less)).draft.superfluous).toEqual([
      'the delegated permission Alert.Read of WindowsDefenderATP is granted, but nothing needs it',
    ]);
  });
});

describe('provisioning what is half right', () => {
  test('tells what is too much, and with repair takes it away and adds what is missing', async () => {
    const bench = await ProvisionBench.start();
    const { done } = await bench.provision(bench.request());
    const { appId } = done.application;
    const auth = done.access.credential;
    const { directory } = bench.simulator.control;
    directory.grant(appId, 'defender', 'Machine.Isolate');
    directory.revoke(appId, 'graph', 'SecurityAlert.Read.All');
    directory.enable(appId, false);
    const [ours] = bench.applications()[0]?.secrets ?? [];
    await (await bench.directory()).addPassword(done.application.id, {
      displayName: 'an old one',
      endDateTime: new Date(bench.clock.now() + 86_400_000).toISOString(),
    });
    bench.clock.advance(2 * 86_400_000);
    bench.settle();

    const told = await bench.provision(bench.request({ auth }));
    expect(told.draft.superfluous).toEqual([
      'the permission Machine.Isolate of WindowsDefenderATP is granted, but nothing needs it',
      expect.stringMatching(/^the client secret an old one ended on \d{4}-\d\d-\d\d$/),
    ]);
    expect(told.draft.plan.steps.map(({ kind }) => kind)).toEqual(['enable-service-principal', 'grant']);
    bench.settle();

    const repaired = await bench.provision(bench.request({ auth, repair: true }));
    expect(repaired.draft.plan.steps.map(({ kind }) => kind)).toEqual(['remove-credential', 'revoke']);
    bench.settle();
    expect(bench.applications()[0]).toMatchObject({ granted: expect.arrayContaining(wanted), enabled: true });
    expect(bench.applications()[0]?.granted).toHaveLength(2);
    expect(bench.applications()[0]?.secrets).toEqual([ours]);
    expect((await bench.provision(bench.request({ auth, repair: true }))).draft.plan.steps).toEqual([]);
  });

  test('lets an application that is there be used by the tenants of customers', async () => {
    const bench = await ProvisionBench.start();
    const { done } = await bench.provision(bench.request());
    const request = bench.request({ auth: done.access.credential, multiTenant: true });
    bench.settle();
    expect((await bench.provision(request)).draft.plan.steps).toEqual([{ kind: 'allow-other-tenants' }]);
    bench.settle();
    expect((await bench.provision(request)).draft.plan.steps).toEqual([]);
    expect(bench.applications()[0]?.signInAudience).toBe('AzureADMultipleOrgs');
  });

  test('adds a credential where the one that is configured has ended, or was removed', async () => {
    const bench = await ProvisionBench.start();
    const { done } = await bench.provision(bench.request());
    const auth = done.access.credential;
    bench.simulator.control.directory.ageCredentials(done.application.appId, -1000);
    bench.settle();
    const again = await bench.provision(bench.request({ auth, repair: true }));
    expect(again.draft.plan.steps.map(({ kind }) => kind)).toEqual(['remove-credential', 'add-credential']);
    expect(bench.applications()[0]?.secrets).toHaveLength(1);
    expect(again.done.access.written.clientSecret).toMatch(
      /^\$\{file:\.\/contoso-\d{4}-\d\d-\d\d\.secret\}$/,
    );
  });

  test('makes the service principal of a resource that the tenant has not', async () => {
    const bench = await ProvisionBench.start();
    bench.simulator.control.directory.withoutResource('defender');
    const { lines } = await bench.provision(bench.request());
    expect(lines[0]).toBe('created the service principal of WindowsDefenderATP in this tenant');
    expect(bench.applications()[0]?.granted).toEqual(wanted);
  });

  test('says who needs a resource that cannot be had, before anything is made', async () => {
    const bench = await ProvisionBench.start();
    bench.simulator.control.directory.withoutResource('defender');
    bench.simulator.control.directory.policies.resourcesMayBeCreated = false;
    await expect(bench.provision(bench.request())).rejects.toThrow(
      /no WindowsDefenderATP, and it cannot be created.*licence.*source mde/,
    );
    expect(bench.applications()).toEqual([]);
  });
});
