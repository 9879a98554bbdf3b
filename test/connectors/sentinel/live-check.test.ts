import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { login } from '../../../src/app/login.ts';
import { connectTenant, monitorTokensOf, type TenantConfig } from '../../../src/app/tenant-connection.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createQuotas } from '../../../src/http/quotas.ts';
import { parts } from '../../../src/parts.ts';
import { type Clock, systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createClientCertificate } from '../../../src/simulator/certificates.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { findingsOf, idsWith } from '../../app/live-check/bench.ts';
import { type Section, stillSimulator, testFolder, writeConfig } from '../../support/connector-config.ts';
import { stubIdentityEndpoint } from '../../support/identity-endpoint.ts';
import { LogsIngestionServer } from '../../support/logs-ingestion-server.ts';
import { openSink, rootFile, rule } from './rig.ts';

const never = new AbortController().signal;
const roleMissing =
  'Give it the role Monitoring Metrics Publisher on the data collection rule; a new role takes up to 30 minutes to work.';

/** A simulated directory, and a rule in it to which these identities may write. */
async function directory(...publishers: readonly string[]) {
  const simulator = await stillSimulator({ historyAlerts: 1 });
  const server = await LogsIngestionServer.listen({
    rule,
    streams: { 'Custom-Defender_CL': {} },
    audience: 'https://monitor.azure.com',
    tenantId: simulator.credentials.tenantId,
    publishers: new Set(publishers),
  });
  const sink = {
    name: 'workspace',
    type: 'sentinel',
    endpoint: server.endpoint,
    rule,
    tenant: 'simulated',
    tls: { ca: rootFile() },
  };
  return { simulator, server, sink, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const servicePrincipal = '0b1ec700-5151-4000-8000-000000000001';

test('a sink that may write is ready; one whose role is missing says which, on what, and how long it takes', async () => {
  await using opened = await directory(servicePrincipal);
  const { simulator, server, sink } = opened;
  const sinks = [sink];
  const well = await findingsOf(simulator, { sinks });
  expect(well.get('sink.workspace.token')).toMatchObject({
    result: 'ok',
    finding: expect.stringContaining('of https://monitor.azure.com'),
  });
  expect(well.get('sink.workspace.opened')).toMatchObject({ result: 'ok', finding: 'ready for events' });
  server.settings = { ...server.settings, publishers: new Set() };
  const ill = await findingsOf(simulator, { sinks });
  expect(ill.get('sink.workspace.opened')).toMatchObject({
    result: 'failed',
    code: 'PERMISSION_MISSING',
    finding: expect.stringMatching(
      /answered 403: the identity of the tenant simulated may not write .* The API says: OperationFailed: /,
    ),
    advice: roleMissing,
  });
  expect(server.stored).toEqual([]);
});

test('without a token nothing is tried further, and a tenant that only a sink uses lacks no source', async () => {
  await using opened = await directory(servicePrincipal);
  const { simulator, sink } = opened;
  simulator.control.registration.secrets = ['another'];
  const findings = await findingsOf(simulator, { sinks: [sink] });
  expect(findings.get('sink.workspace.token')).toMatchObject({ result: 'failed', code: 'IDENTITY_REFUSED' });
  expect(idsWith(findings, 'not-tried')).toContain('sink.workspace.opened');
  expect([...findings.values()].filter(({ finding }) => finding === 'no source reads this tenant')).toEqual(
    [],
  );
});

/** Sets a credential up, and tells `auth` of the configuration and whose token it gets. */
const kinds: readonly (readonly [
  kind: string,
  setUp: (
    simulator: Simulator,
    folder: string,
  ) => Promise<{ readonly auth: Section; readonly objectId: string }>,
])[] = [
  [
    'a certificate',
    async ({ control, credentials: { clientId } }, folder) => {
      const { certificate, key } = await createClientCertificate(Date.now());
      control.registerCertificate(certificate);
      const path = join(folder, 'app.pem');
      writeFileSync(path, `${certificate}\n${key}`, { mode: 0o600 });
      return { auth: { clientId, certificate: { path } }, objectId: servicePrincipal };
    },
  ],
  [
    'a token of a Kubernetes service account',
    async ({ control, endpoints, credentials: { clientId } }, folder) => {
      const issuer = `${endpoints.authority}/oidc/cluster`;
      const subject = 'system:serviceaccount:siem:defender-siem';
      control.registration.federated = [{ issuer, subject, audiences: ['api://AzureADTokenExchange'] }];
      const tokenFile = join(folder, 'token');
      writeFileSync(tokenFile, control.federatedToken({ issuer, subject }), { mode: 0o600 });
      return { auth: { clientId, workloadIdentity: { tokenFile } }, objectId: servicePrincipal };
    },
  ],
  [
    'a managed identity',
    async ({ control, managedIdentity }) => {
      stubIdentityEndpoint(managedIdentity.environment.virtualMachine);
      return { auth: { managedIdentity: {} }, objectId: control.managedIdentities[0]?.objectId ?? '' };
    },
  ],
  [
    'a person',
    async (simulator, folder) => {
      const { control, credentials } = simulator;
      Object.assign(control.registration, {
        publicClient: true,
        scopes: {
          ...control.registration.scopes,
          graph: ['SecurityAlert.Read.All'],
          monitor: ['user_impersonation'],
        },
      });
      const user = { cache: join(folder, 'person'), key: 'a key that is long enough' };
      const auth = { clientId: credentials.clientId, user };
      const tenant = tenantWith(simulator, folder, auth);
      const clock: Clock = { ...systemClock, sleep: () => systemClock.sleep(1) };
      const show = () => control.approveDeviceCode();
      await login(tenant, { apis: ['graph'], clock, log: silentLog, signal: never, show });
      return { auth, objectId: control.person.objectId };
    },
  ],
];

test('the token of every kind of credential opens the way', async () => {
  await using opened = await directory();
  const { simulator, server } = opened;
  for (const [kind, setUp] of kinds) {
    const folder = testFolder();
    const { auth, objectId } = await setUp(simulator, folder);
    server.settings = { ...server.settings, publishers: new Set([objectId]) };
    const connection = connectTenant(tenantWith(simulator, folder, auth), {
      quotas: createQuotas(systemClock),
      clock: systemClock,
      log: silentLog,
    });
    const sink = openSink(server.endpoint, monitorTokensOf(connection));
    await expect(sink.probe(never), kind).resolves.toBeUndefined();
    await sink[Symbol.asyncDispose]();
    connection.close();
  }
});

function tenantWith(simulator: Simulator, folder: string, auth: Section): TenantConfig {
  const sinks = [{ name: 'out', type: 'stdout' }];
  const [tenant] = loadConfig(writeConfig(folder, simulator, { sinks, tenant: { auth } }), parts).tenants;
  if (tenant === undefined) throw new Error('no tenant');
  return tenant;
}
