import { mkdirSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { login } from '../../../src/app/login.ts';
import { simulatedTenant } from '../../../src/commands/demo/configuration.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { fingerprintOf, writeCredentialNote } from '../../../src/identity/credential-note.ts';
import { parts } from '../../../src/parts.ts';
import { neededPermissions } from '../../../src/provision/needed-permissions.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createAuthority } from '../../support/certificates.ts';
import { graphSource, stillSimulator, testFolder } from '../../support/connector-config.ts';
import { HeldClock } from '../../support/held-clock.ts';
import { serveProxy } from '../../support/https-server.ts';
import { stubIdentityEndpoint } from '../../support/identity-endpoint.ts';
import { ProvisionBench } from '../../support/provision-bench.ts';
import { blackHole, checkClock, findingsOf, idsWith } from './bench.ts';

const dayMs = 86_400_000;
const endpointSource = { ...graphSource, name: 'endpoint', type: 'alerts' };
const siemSource = { ...graphSource, name: 'siem-api', type: 'detections' };

/** A simulator whose application has exactly what a source of Graph alerts needs. */
async function leastSimulator(options: Parameters<typeof stillSimulator>[0] = {}) {
  const simulator = await stillSimulator(options);
  const { roles } = simulator.control.registration;
  roles.graph = ['SecurityAlert.Read.All'];
  roles.defender = [];
  roles.xdr = [];
  return simulator;
}

test('all is well: each finding of a tenant, in order', async () => {
  const found = await findingsOf(await leastSimulator());
  expect([...found.keys()]).toEqual([
    'tenant.simulated.route',
    'tenant.simulated.authority',
    'tenant.simulated.directory',
    'tenant.simulated.token.graph',
    'tenant.simulated.permission.graph.SecurityAlert.Read.All',
    'tenant.simulated.credential',
    'tenant.simulated.api.graph',
    'tenant.simulated.clock.authority',
    'tenant.simulated.clock.graph',
    'tenant.simulated.source.alerts',
    'sink.disk.opened',
  ]);
  expect(idsWith(found, 'ok')).toHaveLength(found.size - 1);
  expect(found.get('tenant.simulated.directory')?.finding).toMatch(/^51515151-.*, cloud commercial$/);
  expect(found.get('tenant.simulated.token.graph')?.finding).toMatch(
    /^with the client secret of 51515151-.*, as service principal \S+, of https:\/\/graph\.microsoft\.com, for 60m$/,
  );
  expect(found.get('tenant.simulated.permission.graph.SecurityAlert.Read.All')?.finding).toBe(
    'granted, for source alerts',
  );
  expect(found.get('tenant.simulated.credential')).toMatchObject({
    result: 'unknown',
    finding: expect.stringContaining('the app may not read its own registration'),
  });
  expect(found.get('tenant.simulated.api.graph')?.finding).toMatch(
    /^127\.0\.0\.1 at 127\.0\.0\.1:\d+, TLSv1\.3, its certificate ends \S+ \(\d+ d left\)$/,
  );
});

test('missing and superfluous permissions, with what needs them; the other source is read all the same', async () => {
  const simulator = await stillSimulator();
  const { roles } = simulator.control.registration;
  roles.graph = ['User.Read.All'];
  roles.defender = ['Alert.ReadWrite.All'];
  roles.xdr = ['Incident.ReadWrite.All'];
  const found = await findingsOf(simulator, { sources: [graphSource, endpointSource] });
  expect(found.get('tenant.simulated.permission.graph.SecurityAlert.Read.All')).toMatchObject({
    result: 'failed',
    finding: 'missing, source alerts needs it; the token has User.Read.All',
    advice: expect.stringMatching(/SecurityAlert\.Read\.All of Microsoft Graph and grant admin consent/),
    code: 'PERMISSION_MISSING',
  });
  expect(found.get('tenant.simulated.source.alerts')).toMatchObject({
    result: 'not-tried',
    finding: 'needs: permission SecurityAlert.Read.All',
  });
  expect(found.get('tenant.simulated.permission.defender.Alert.Read.All')).toMatchObject({
    result: 'ok',
    finding: 'Alert.ReadWrite.All is granted, for source endpoint',
  });
  expect(found.get('tenant.simulated.source.endpoint')?.result).toBe('ok');
  const superfluous = ['graph', 'defender', 'xdr'].map(
    (resource) => found.get(`tenant.simulated.permissions.${resource}.superfluous`)?.finding,
  );
  expect(superfluous).toEqual([
    'nothing in this configuration needs User.Read.All of Microsoft Graph',
    'nothing in this configuration needs Alert.ReadWrite.All of WindowsDefenderATP',
    'nothing in this configuration needs Incident.ReadWrite.All of Microsoft Threat Protection',
  ]);
});

test('the permissions of response actions are superfluous where they are not all there', async () => {
  const simulator = await leastSimulator();
  const { roles } = simulator.control.registration;
  const facts = { tenants: [], sources: [] };
  const ofDefender = neededPermissions(facts, '', [], { response: true })
    .filter(({ resource }) => resource === 'defender')
    .map(({ value }) => value);
  roles.defender = ofDefender.slice(1);
  const some = await findingsOf(simulator);
  expect(some.get('tenant.simulated.permissions.defender.superfluous')?.result).toBe('warning');
  roles.defender = [...ofDefender, 'Vulnerability.Read.All'];
  const all = await findingsOf(simulator);
  expect(all.get('tenant.simulated.permissions.defender.response')).toMatchObject({
    result: 'ok',
    finding: expect.stringContaining('Machine.Isolate'),
  });
  expect(all.get('tenant.simulated.permissions.defender.superfluous')?.finding).toBe(
    'nothing in this configuration needs Vulnerability.Read.All of WindowsDefenderATP',
  );
});

test('no licence: the words of each API, and what to do', async () => {
  const simulator = await leastSimulator();
  simulator.control.registration.roles.defender = ['Alert.Read.All'];
  simulator.control.habits.licensed = false;
  const found = await findingsOf(simulator, { sources: [graphSource, endpointSource] });
  expect(found.get('tenant.simulated.source.alerts')).toMatchObject({
    result: 'failed',
    finding: expect.stringContaining('Account is not provisioned'),
    advice: 'Open the Defender portal once as an administrator, or check the licence.',
    code: 'PERMISSION_MISSING',
  });
  expect(found.get('tenant.simulated.source.endpoint')).toMatchObject({
    result: 'failed',
    finding: expect.stringContaining('Account mode is inactive'),
  });
});

test('a tenant that the authority does not know', async () => {
  const id = '99999999-0000-4000-8000-000000000000';
  const found = await findingsOf(await leastSimulator(), { tenant: { id } });
  expect(found.get('tenant.simulated.directory')).toMatchObject({
    result: 'failed',
    finding: expect.stringContaining('AADSTS90002'),
    code: 'IDENTITY_REFUSED',
  });
  expect(found.get('tenant.simulated.directory')?.advice).toMatch(/^The tenant .*`cloud`.*\.$/);
  expect(found.get('tenant.simulated.token.graph')).toMatchObject({
    result: 'not-tried',
    finding: 'needs: directory',
  });
});

test('a tenant of another cloud: which, and what to set', async () => {
  const found = await findingsOf(await leastSimulator({ cloud: 'gcc' }));
  expect(found.get('tenant.simulated.directory')).toMatchObject({
    result: 'failed',
    finding: expect.stringContaining('`cloud` says commercial'),
    advice: 'Set `cloud: gcc`.',
    code: 'IDENTITY_REFUSED',
  });
});

test.each([
  [10_000, 'ok', ''],
  [45_000, 'warning', 'this host is 44 s ahead'],
  [-45_000, 'warning', 'this host is 45 s behind'],
  [400_000, 'failed', 'this host is 399 s ahead'],
] as const)('a clock %d ms off: %s', async (aheadMs, result, finding) => {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const simulator = await leastSimulator({ clock: Object.assign(checkClock(), { nowMs: now }) });
  const clock = Object.assign(checkClock(), { nowMs: now + aheadMs });
  const found = await findingsOf(simulator, {}, { clock });
  for (const host of ['authority', 'graph']) {
    const told = found.get(`tenant.simulated.clock.${host}`);
    expect(told?.result).toBe(result);
    if (finding === '') continue;
    expect(told).toMatchObject({ finding, advice: 'Let this host take its time from the network (NTP).' });
  }
});

test('the end of a secret is told where the application may read its registration', async () => {
  const bench = await ProvisionBench.start({ directorySettleMs: 0 });
  const { simulator } = bench;
  const directory = await bench.directory();
  const { id, appId: clientId } = await directory.createApplication({ displayName: 'connector' });
  await directory.createServicePrincipal(clientId);
  for (const value of ['SecurityAlert.Read.All', 'Application.Read.All']) {
    simulator.control.directory.grant(clientId, 'graph', value);
  }
  const found = async (daysLeft: number) => {
    const endDateTime = new Date(Date.now() + (daysLeft + 0.5) * dayMs).toISOString();
    const { secretText } = await directory.addPassword(id, { displayName: `${daysLeft}`, endDateTime });
    bench.settle();
    return await findingsOf(simulator, { tenant: { auth: { clientId, clientSecret: secretText } } });
  };
  const late = await found(200);
  expect(late.get('tenant.simulated.credential')).toMatchObject({
    result: 'ok',
    finding: expect.stringMatching(/^client secret ends \S+ \(200 d left\)$/),
  });
  expect(late.has('tenant.simulated.permissions.graph.superfluous')).toBe(false);
  expect((await found(6)).get('tenant.simulated.credential')).toMatchObject({
    result: 'warning',
    finding: expect.stringContaining('6 d left'),
    advice: expect.stringContaining('provision --tenant simulated --rotate'),
  });
});

test('what is noted beside the file of a secret: its end, and why it was not renewed', async () => {
  const simulator = await leastSimulator();
  simulator.control.registration.roles.graph = ['SecurityAlert.Read.All', 'Application.ReadWrite.OwnedBy'];
  const { clientId, clientSecret } = simulator.credentials;
  const folder = testFolder();
  const path = join(folder, 'secret');
  writeFileSync(path, clientSecret, { mode: 0o600 });
  const note = {
    of: fingerprintOf(clientSecret),
    endDateTime: new Date(Date.now() + 12.5 * dayMs).toISOString(),
    problem: 'the application does not own itself: run `provision --repair`',
  };
  await writeCredentialNote(path, note);
  const auth = { clientId, clientSecret: '${file:./secret}', rotate: { before: '30d' } };
  const found = await findingsOf(simulator, { tenant: { auth } }, {}, folder);
  expect(found.get('tenant.simulated.credential')).toMatchObject({
    result: 'warning',
    finding: expect.stringMatching(/^client secret ends \S+ \(12 d left\)$/),
  });
  expect(found.get('tenant.simulated.rotation')).toMatchObject({
    result: 'warning',
    finding: 'did not succeed: the application does not own itself',
    advice: 'Run `provision --repair`.',
  });
  expect(found.get('tenant.simulated.permission.graph.Application.ReadWrite.OwnedBy')?.result).toBe('ok');
});

test('a certificate as credential: when it ends, and whether it has', async () => {
  const simulator = await leastSimulator();
  const authority = createAuthority();
  const folder = testFolder();
  const use = async (daysLeft: number) => {
    const notAfter = new Date(Date.now() + (daysLeft + 0.5) * dayMs);
    const { cert, key } = authority.issue('app', [], { notBefore: new Date(0), notAfter });
    simulator.control.registerCertificate(cert);
    writeFileSync(join(folder, 'app.pem'), cert + key);
    const auth = { clientId: simulator.credentials.clientId, certificate: { path: './app.pem' } };
    return await findingsOf(simulator, { tenant: { auth } }, {}, folder);
  };
  const good = await use(90);
  expect(idsWith(good, 'failed', 'warning')).toEqual([]);
  expect(good.get('tenant.simulated.token.graph')?.finding).toContain('with the certificate of 51515151-');
  expect(good.get('tenant.simulated.credential')?.finding).toMatch(
    /^certificate \w{8}… ends \S+ \(90 d left\)$/,
  );
  expect((await use(20)).get('tenant.simulated.credential')).toMatchObject({
    result: 'warning',
    finding: expect.stringContaining('20 d left'),
    advice: expect.stringContaining('provision --tenant simulated --rotate'),
  });
  const ended = await use(-3);
  expect(ended.get('tenant.simulated.credential')).toMatchObject({
    result: 'failed',
    code: 'IDENTITY_REFUSED',
  });
  expect(ended.get('tenant.simulated.token.graph')).toMatchObject({ result: 'failed' });
});

test('a federated token', async () => {
  const simulator = await leastSimulator();
  const folder = testFolder();
  const trust = { issuer: 'https://cluster.example', subject: 'system:serviceaccount:siem:connector' };
  simulator.control.registration.federated = [{ ...trust, audiences: ['api://AzureADTokenExchange'] }];
  writeFileSync(join(folder, 'token'), simulator.control.federatedToken(trust));
  const { clientId } = simulator.credentials;
  const workload = { clientId, workloadIdentity: { tokenFile: './token' } };
  const federated = await findingsOf(simulator, { tenant: { auth: workload } }, {}, folder);
  expect(idsWith(federated, 'failed', 'not-tried')).toEqual([]);
  expect(federated.get('tenant.simulated.token.graph')?.finding).toContain('with the federated token of');
  expect(federated.get('tenant.simulated.credential')?.finding).toContain('its platform renews it');
});

test('a managed identity', async () => {
  const simulator = await leastSimulator();
  stubIdentityEndpoint(simulator.managedIdentity.environment.virtualMachine);
  const managed = await findingsOf(simulator, { tenant: { auth: { managedIdentity: {} } } });
  expect(idsWith(managed, 'failed', 'not-tried')).toEqual([]);
  expect(managed.get('tenant.simulated.token.graph')?.finding).toContain(
    'with the system-assigned managed identity',
  );
  expect(managed.get('tenant.simulated.credential')?.finding).toBe('managed identity: Azure renews it');
});

test('the sign-in of a person: who, and what is granted to them; and nobody', async () => {
  const simulator = await leastSimulator({ approveDeviceCodes: true });
  const { registration } = simulator.control;
  registration.publicClient = true;
  registration.scopes.graph = ['SecurityAlert.Read.All'];
  const folder = testFolder();
  const auth = {
    clientId: registration.clientId,
    user: { cache: './contoso.token', key: 'a key of its own' },
  };
  const nobody = await findingsOf(simulator, { tenant: { auth } }, {}, folder);
  expect(nobody.get('tenant.simulated.credential')).toMatchObject({
    result: 'failed',
    finding: expect.stringContaining('nobody has signed in'),
    advice: 'Run `defender-siem login --tenant simulated`.',
  });
  expect(nobody.get('tenant.simulated.token.graph')?.result).toBe('failed');
  const [tenant] = loadConfig(join(folder, 'defender-siem.yaml'), parts).tenants;
  if (tenant === undefined) throw new Error('no tenant');
  const signal = new AbortController().signal;
  const clock = new HeldClock((ms) => ms <= 5_000, Date.now());
  await login(tenant, { apis: ['graph'], clock, log: silentLog, signal, show: () => {} });
  const found = await findingsOf(simulator, { tenant: { auth } }, {}, folder);
  expect(idsWith(found, 'failed', 'not-tried')).toEqual([]);
  expect(found.get('tenant.simulated.token.graph')?.finding).toContain(
    'with the sign-in of a person to 51515151-',
  );
  expect(found.get('tenant.simulated.permission.graph.SecurityAlert.Read.All')?.result).toBe('ok');
  expect(found.get('tenant.simulated.credential')?.finding).toMatch(
    /^sign-in of \S+ since 20\d\d-\d\d-\d\d: /,
  );
});

test('credential files that cannot be read are named, and no secret is', async () => {
  const simulator = await leastSimulator();
  const folder = testFolder();
  mkdirSync(join(folder, 'x'));
  writeFileSync(join(folder, 'app.pem'), 'no certificate at all');
  const auth = { clientId: simulator.credentials.clientId, certificate: { path: './app.pem' } };
  const found = await findingsOf(simulator, { tenant: { auth } }, {}, folder);
  for (const key of ['token.graph', 'credential']) {
    expect(found.get(`tenant.simulated.${key}`)).toMatchObject({
      result: 'failed',
      finding: expect.stringContaining('app.pem'),
      code: 'CONFIG_INVALID',
    });
  }
});

test('a wrong secret: the advice of Entra ID once, the secret nowhere', async () => {
  const simulator = await leastSimulator();
  const clientSecret = 'wrong-secret-3xV';
  const auth = { clientId: simulator.credentials.clientId, clientSecret };
  const found = await findingsOf(simulator, { tenant: { auth }, sources: [graphSource, siemSource] });
  for (const api of ['graph', 'siem']) {
    expect(found.get(`tenant.simulated.token.${api}`)).toMatchObject({
      result: 'failed',
      finding: expect.stringMatching(/AADSTS7000215 \(trace id .*\)$/),
      advice: expect.stringContaining('not its id'),
      code: 'IDENTITY_REFUSED',
    });
  }
  expect(JSON.stringify([...found.values()])).not.toContain(clientSecret);
  expect(idsWith(found, 'not-tried')).toEqual([
    'tenant.simulated.permission.graph.SecurityAlert.Read.All',
    'tenant.simulated.credential',
    'tenant.simulated.source.alerts',
    'tenant.simulated.source.siem-api',
  ]);
});

test('no private root named: the simulator’s is, for the authority and the API', async () => {
  const found = await findingsOf(await leastSimulator(), { tenant: { tls: undefined } });
  for (const key of ['authority', 'api.graph']) {
    expect(found.get(`tenant.simulated.${key}`)).toMatchObject({
      result: 'failed',
      finding: expect.stringContaining('Throw-away CA'),
      advice: expect.stringContaining('`tls.ca`'),
      code: 'API_UNREACHABLE',
    });
  }
  expect(found.get('tenant.simulated.route')?.finding).toBe('direct, public roots');
});

test('through a proxy: it is named without its password, and each host is reached through it', async () => {
  await using proxy = await serveProxy();
  const url = proxy.origin.replace('//', '//someone:s3cret-of-proxy@');
  const found = await findingsOf(await leastSimulator(), { tenant: { proxy: url } });
  expect(idsWith(found, 'failed', 'not-tried')).toEqual([]);
  expect(found.get('tenant.simulated.route')?.finding).toContain(`through the proxy ${proxy.origin}`);
  expect(found.get('tenant.simulated.api.graph')?.finding).toContain(`through 127.0.0.1:${proxy.port}`);
  expect(JSON.stringify([...found.values()])).not.toContain('s3cret-of-proxy');
});

test('an API in a black hole costs its own time; the authority, the token and the sinks are told', async () => {
  const simulator = await leastSimulator();
  const endpoints = { ...simulator.endpoints, graph: 'https://192.0.2.1' };
  const found = await findingsOf(simulator, { tenant: { endpoints } }, blackHole('192.0.2.1'));
  expect(found.get('tenant.simulated.api.graph')).toMatchObject({
    result: 'failed',
    finding: '192.0.2.1:443 has not answered within 5 s: a firewall drops the packets, or the host is down',
    advice: expect.stringContaining('Let this host through the firewall to 192.0.2.1, port 443'),
  });
  expect(idsWith(found, 'not-tried')).toEqual([
    'tenant.simulated.clock.graph',
    'tenant.simulated.source.alerts',
  ]);
  expect(found.get('sink.disk.opened')?.result).toBe('ok');
});

test('an API that retires is told of, and one that is gone', async () => {
  const simulator = await leastSimulator();
  simulator.control.habits.siem = 'gone';
  const found = await findingsOf(simulator, { sources: [siemSource] });
  expect(found.get('tenant.simulated.source.siem-api')).toMatchObject({
    result: 'failed',
    code: 'API_RETIRED',
    advice: expect.stringMatching(/graph-alerts/),
  });
  expect(found.get('tenant.simulated.source.siem-api.retirement')).toMatchObject({
    result: 'warning',
    finding: expect.stringContaining('2023-12-31'),
    advice: 'Use a source of type graph-alerts.',
  });
});

test('a broken tenant and a broken sink do not stop the others', async () => {
  const simulator = await leastSimulator();
  const folder = testFolder();
  const broken = {
    name: 'broken',
    id: 'broken.example',
    auth: { clientId: simulator.credentials.clientId, clientSecret: 'x' },
    endpoints: { authority: 'https://login.invalid', graph: 'https://graph.invalid' },
  };
  const found = await findingsOf(
    simulator,
    {
      sources: [{ ...graphSource, name: 'other', tenant: 'broken' }, graphSource],
      sinks: [
        { name: 'gone', type: 'syslog', host: 'siem.invalid' },
        { name: 'disk', type: 'file', path: './events.ndjson' },
      ],
      rest: { tenants: [broken, simulatedTenant(simulator)] },
    },
    {},
    folder,
  );
  expect(idsWith(found, 'failed')).toEqual([
    'tenant.broken.authority',
    'tenant.broken.api.graph',
    'sink.gone.name',
  ]);
  expect(found.get('tenant.simulated.source.alerts')?.result).toBe('ok');
  expect(found.get('sink.disk.opened')?.result).toBe('ok');
});

test('tenants of the same cloud have its hosts in common: each way is gone once', async () => {
  const simulator = await leastSimulator({ tenants: 12 });
  const { clientId, clientSecret } = simulator.credentials;
  const customers = simulator.tenants.map(({ tenantId }, index) => ({ name: `c${index}`, id: tenantId }));
  const group = {
    name: 'customers',
    customers,
    auth: { clientId, clientSecret },
    endpoints: simulator.endpoints,
    tls: { ca: simulator.caFile },
  };
  let ways = 0;
  const connect = (host: string, port: number) => {
    ways++;
    return new Socket().connect(port, host);
  };
  const sources = [{ ...graphSource, tenant: 'customers' }];
  const found = await findingsOf(
    simulator,
    { sources, rest: { tenants: [group] } },
    { network: { connect } },
  );
  expect(idsWith(found, 'failed', 'not-tried')).toEqual([]);
  const read = [...found.keys()].filter((id) => /^tenant\.c\d+\.source\.alerts@c\d+$/.test(id));
  expect(read).toEqual(customers.map(({ name }) => `tenant.${name}.source.alerts@${name}`));
  expect(ways).toBe(1);
});

test('a tenant that no source reads is looked at as far as it goes', async () => {
  const simulator = await leastSimulator();
  const idle = { ...simulatedTenant(simulator), name: 'idle' };
  const found = await findingsOf(simulator, { rest: { tenants: [simulatedTenant(simulator), idle] } });
  expect(
    [...found].filter(([id]) => id.startsWith('tenant.idle.')).map(([id, { result }]) => `${result} ${id}`),
  ).toEqual([
    'ok tenant.idle.route',
    'ok tenant.idle.authority',
    'ok tenant.idle.directory',
    'unknown tenant.idle.credential',
    'ok tenant.idle.clock.authority',
    'warning tenant.idle.sources',
  ]);
});

test('a check that is stopped says so', async () => {
  const stop = AbortSignal.abort(new Error('stopped'));
  const found = await findingsOf(await leastSimulator(), {}, { signal: stop });
  expect(new Set([...found.values()].map(({ result }) => result))).toEqual(new Set(['not-tried']));
});
