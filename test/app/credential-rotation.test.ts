import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { assessCredential } from '../../src/app/credential-health.ts';
import { createCredentialRotation } from '../../src/app/credential-rotation.ts';
import { connectTenant } from '../../src/app/tenant-connection.ts';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createHttpClient } from '../../src/http/client.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import {
  fingerprintOf,
  notePath,
  readCredentialNote,
  writeCredentialNote,
} from '../../src/identity/credential-note.ts';
import { resourceAppIds } from '../../src/identity/resources.ts';
import { parts } from '../../src/parts.ts';
import { certificateFacts, makeCertificate } from '../../src/provision/certificate.ts';
import type { Directory } from '../../src/provision/directory.ts';
import { createGraphDirectory } from '../../src/provision/graph-directory.ts';
import { withCertificate } from '../../src/provision/key-credentials.ts';
import { readOwnKeys, writeOwnKeys } from '../../src/provision/own-keys.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import {
  graphSource,
  type Section,
  stillSimulator,
  testFolder,
  writeConfig,
} from '../support/connector-config.ts';

const dayMs = 86_400_000;
/** Many, so that something is collected at every moment. */
const sources = Array.from({ length: 6 }, (_, n) => ({ ...graphSource, name: `alerts-${n}` }));
let folder: string;
let simulator: Simulator;
let directory: Directory;

/** The host's time, which tokens are judged by, with waits two hundred times as short. */
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.max(ms / 200, Math.min(ms, 2)), signal),
};
beforeEach(() => {
  folder = testFolder();
});

/** Starts a tenant whose tokens end after a second, and its directory as an administrator has it. */
async function startTenant(directorySettleMs: number, tenants = 0): Promise<void> {
  simulator = await stillSimulator({
    historyAlerts: 3,
    clock: systemClock,
    tokenLifetimeSeconds: 2,
    tenants,
    directorySettleMs,
  });
  const { control, credentials, endpoints, caFile } = simulator;
  control.registration.roles.graph = ['Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'];
  const http = createHttpClient({
    tls: { ca: caFile, verify: true },
    timeoutMs: 10_000,
    maxResponseBytes: 2 ** 24,
    userAgent: 'test',
  });
  onTestFinished(() => http.close());
  const token = async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    });
    const url = `${endpoints.authority}/${credentials.tenantId}/oauth2/v2.0/token`;
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await http.request(
      { method: 'POST', url, headers, body: form.toString() },
      new AbortController().signal,
    );
    return String(JSON.parse(answer.body).access_token);
  };
  directory = createGraphDirectory({ http, origin: endpoints.graph, token, clock });
}

/** Makes an application that may read alerts and, with `owns`, renew its own credential. */
async function makeApplication(owns: boolean) {
  const application = await directory.createApplication({ displayName: 'app', tags: [] });
  const principal = await directory.createServicePrincipal(application.appId);
  const graph = await directory.servicePrincipal(resourceAppIds.graph);
  for (const value of ['SecurityAlert.Read.All', ...(owns ? ['Application.ReadWrite.OwnedBy'] : [])]) {
    const appRoleId = graph?.appRoles.find((role) => role.value === value)?.id ?? '';
    await directory.assign({ principalId: principal.id, resourceId: graph?.id ?? '', appRoleId });
  }
  if (owns) await directory.addOwner(application.id, principal.id);
  return application;
}

const file = (name: string) => join(folder, name);
type Application = Awaited<ReturnType<typeof makeApplication>>;

/** A credential that ends in ten days, as it stands in the configuration. */
const kinds: Readonly<Record<string, (application: Application) => Promise<Section>>> = {
  async certificate(application) {
    const { pem, facts } = await makeCertificate('old', 30, Date.now() - 20 * dayMs);
    writeFileSync(file('app.pem'), pem, { mode: 0o600 });
    await directory.updateApplication(application.id, withCertificate(application, facts));
    return { certificate: { path: './app.pem' } };
  },
  async secret(application) {
    const ends = (ms: number) => new Date(Date.now() + ms).toISOString();
    const endDateTime = ends(10 * dayMs);
    const added = await directory.addPassword(application.id, { displayName: 'old', endDateTime });
    writeFileSync(file('app.secret'), added.secretText, { mode: 0o600 });
    const note = { of: fingerprintOf(added.secretText), keyId: added.keyId };
    await writeCredentialNote(file('app.secret'), { ...note, startDateTime: ends(-20 * dayMs), endDateTime });
    return { clientSecret: '${file:./app.secret}' };
  },
};

/** A log of what is worth a look, and of what was told. */
class Told implements Log {
  readonly lines: string[] = [];
  readonly amiss: string[] = [];
  debug(): void {}
  info(_: unknown, message: string): void {
    this.lines.push(message);
  }
  warn(fields: unknown, message: string): void {
    this.amiss.push(`${message} ${JSON.stringify(fields)}`);
  }
  error(fields: unknown, message: string): void {
    this.warn(fields, message);
  }
}

/** Starts the connector with this identity; it runs until the test is over. */
async function start(auth: Section) {
  const sinks = [{ name: 'file', type: 'file', path: './alerts.json', format: 'json' }];
  const config = loadConfig(
    writeConfig(folder, simulator, {
      sinks,
      sources,
      tenant: { auth: { ...auth, rotate: { before: '30d' } } },
      rest: { watch: { heartbeat: '0s', blindSpots: true } },
    }),
    parts,
    {},
  );
  const log = new Told();
  const telemetry = new Telemetry();
  const store = openSqliteStore(file('state.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  const app = await createApp(config, { store, telemetry, clock, log });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const stop = new AbortController();
  const running = app.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { log, telemetry, config };
}

/** Shows a further alert, old enough to be settled. */
function show(id: string): void {
  const time = new Date(Date.now() - 3_000).toISOString();
  simulator.control.inject('graph-alert', {
    id,
    title: id,
    severity: 'low',
    status: 'new',
    createdDateTime: time,
    lastUpdateDateTime: time,
  });
}

const waiting = { timeout: 20_000, interval: 10 };

/** Resolves when each source has delivered this alert. */
async function delivered(id: string): Promise<void> {
  await vi.waitFor(() => {
    const lines = readFileSync(file('alerts.json'), 'utf8').split('\n');
    expect(lines.filter((line) => line.includes(`"${id}"`))).toHaveLength(sources.length);
  }, waiting);
}

describe.each(Object.keys(kinds))('a %s of its own', (kind) => {
  test('renews itself while alerts are collected: no run fails, and no alert is lost', async () => {
    await startTenant(500);
    const application = await makeApplication(true);
    const auth = await kinds[kind]?.(application);
    simulator.control.directory.settle();
    const { log, telemetry } = await start({ ...auth, clientId: application.appId });

    const told = () => log.lines.includes('the credential was renewed by itself');
    const runs = () => sources.reduce((sum, { name }) => sum + telemetry.source(name).runs, 0);
    let alerts = 0;
    for (; !told(); alerts++) {
      const before = runs();
      show(`alert-${alerts}`);
      await vi.waitFor(() => expect(told() || runs() > before).toBe(true), waiting);
    }
    // A token lives for less than what this takes: those of the end are of the new credential.
    for (let after = 0; after < 2; after++) {
      show(`alert-${alerts}`);
      await delivered(`alert-${alerts++}`);
    }

    expect(log.amiss).toEqual([]);
    for (const { name } of sources) {
      expect(telemetry.source(name)).toMatchObject({ failures: 0, lastError: undefined });
    }
    for (let alert = 0; alert < alerts; alert++) await delivered(`alert-${alert}`);

    const left = await directory.application(application.appId);
    const credentials = [...(left?.keyCredentials ?? []), ...(left?.passwordCredentials ?? [])];
    expect(credentials).toHaveLength(1);
    expect(Date.parse(credentials[0]?.endDateTime ?? '')).toBeGreaterThan(Date.now() + 9 * dayMs);
    expect(readdirSync(folder).filter((name) => /next|rotation/.test(name))).toEqual([]);
    if (kind === 'certificate') {
      const now = certificateFacts(new X509Certificate(readFileSync(file('app.pem'))));
      expect(Math.round((now.notAfterMs - Date.now()) / dayMs)).toBe(30);
    }
  });
});

test('an application that may not renew its credential says so in the log, in `status` and as a blind spot', async () => {
  await startTenant(0);
  const application = await makeApplication(false);
  const auth = await kinds.secret?.(application);
  const { log, config } = await start({ ...auth, clientId: application.appId });
  await vi.waitFor(() => expect(log.amiss.join()).toContain('cannot be renewed by itself'), {
    timeout: 20_000,
  });
  const of = fingerprintOf(readFileSync(file('app.secret'), 'utf8'));
  await vi.waitFor(() =>
    expect(readCredentialNote(file('app.secret'), of)?.problem).toMatch(/Application\.Read/),
  );
  const [tenant] = config.tenants;
  if (tenant === undefined) throw new TypeError('no tenant');
  expect((await assessCredential(tenant.auth, Date.now()))(tenant)).toMatchObject({
    healthy: true,
    problem: expect.stringMatching(/^expires in 9 days; cannot be renewed by itself: .*Application\.Read/),
  });
  await vi.waitFor(
    () =>
      expect(readFileSync(file('alerts.json'), 'utf8')).toMatch(
        /"credential-expiring".*the client secret ends on .*, and cannot be renewed by itself/,
      ),
    waiting,
  );
  expect(log.amiss).toEqual([expect.stringContaining('cannot be renewed by itself')]);
});

test('a credential that tenants share is renewed once, where its application is at home', async () => {
  await startTenant(0, 1);
  const application = await makeApplication(true);
  const auth = await kinds.secret?.(application);
  const [customer] = simulator.tenants;
  const { endpoints, caFile, credentials } = simulator;
  const entry = (name: string, id: string | undefined) => ({
    name,
    id,
    endpoints,
    tls: { ca: caFile },
    auth: { ...auth, clientId: application.appId, rotate: {} },
  });
  const path = file('defender-siem.yaml');
  const tenants = [entry('customer', customer?.tenantId), entry('home', credentials.tenantId)];
  const sections = { tenants, sources: [graphSource], sinks: [{ name: 'out', type: 'stdout' }] };
  writeFileSync(path, stringify({ ...sections, sources: [{ ...graphSource, tenant: 'home' }] }));
  const log = new Told();
  const quotas = createQuotas(clock);
  const connections = loadConfig(path, parts, {}).tenants.map((tenant) =>
    connectTenant(tenant, { quotas, clock, log }),
  );
  onTestFinished(() => {
    for (const connection of connections) connection.close();
  });
  const rotation = createCredentialRotation({ tenants: connections, clock, log });
  const before = readFileSync(file('app.secret'), 'utf8');
  await rotation.look(new AbortController().signal);
  expect(log.amiss).toEqual([]);
  expect(log.lines.filter((line) => line === 'the credential was renewed by itself')).toHaveLength(1);
  expect(readFileSync(file('app.secret'), 'utf8')).not.toBe(before);
  expect([rotation.problemOf('customer'), rotation.problemOf('home')]).toEqual([undefined, undefined]);
  const [left, ...others] = (await directory.application(application.appId))?.passwordCredentials ?? [];
  expect(others).toEqual([]);
  const valid = await rotation.validityOf(connections[0]?.credential ?? { kind: 'managed-identity' });
  expect(new Date(valid?.endMs ?? 0).toISOString()).toBe(new Date(left?.endDateTime ?? '').toISOString());
});

test('when a secret ends is asked of the directory where nothing tells, and noted', async () => {
  await startTenant(0);
  const application = await makeApplication(true);
  const endDateTime = new Date(Date.now() + 60 * dayMs).toISOString();
  const added = await directory.addPassword(application.id, { displayName: 'by hand', endDateTime });
  writeFileSync(file('app.secret'), added.secretText, { mode: 0o600 });
  const auth = { clientSecret: '${file:./app.secret}', clientId: application.appId };
  await start(auth);
  const of = fingerprintOf(added.secretText);
  await vi.waitFor(() => {
    const noted = readCredentialNote(file('app.secret'), of)?.endDateTime ?? '';
    expect(Date.parse(noted)).toBe(Date.parse(endDateTime));
  }, waiting);
});

test('a secret whose end nobody tells is named, since it cannot be renewed in time', async () => {
  await startTenant(0);
  const application = await makeApplication(false);
  const auth = await kinds.secret?.(application);
  rmSync(notePath(file('app.secret')));
  const { log } = await start({ ...auth, clientId: application.appId });
  await vi.waitFor(
    () =>
      expect(readFileSync(file('alerts.json'), 'utf8')).toMatch(
        /the client secret ends at a time that is not known here, and cannot be renewed by itself/,
      ),
    waiting,
  );
  expect(log.amiss).toEqual([expect.stringContaining('the directory does not tell the application')]);
});

test('a certificate renews itself without any permission, by proving that the application has its key', async () => {
  await startTenant(0);
  const application = await makeApplication(false);
  const { pem, facts } = await makeCertificate('old', 30, Date.now() - 20 * dayMs);
  writeFileSync(file('app.pem'), pem, { mode: 0o600 });
  const keyId = '11111111-2222-4333-8444-555555555555';
  await directory.updateApplication(application.id, withCertificate(application, facts, keyId));
  await writeOwnKeys(file('app.pem'), { applicationId: application.id, keyIds: { [facts.sha256]: keyId } });
  const { log } = await start({ certificate: { path: './app.pem' }, clientId: application.appId });
  await vi.waitFor(() => expect(log.lines).toContain('the credential was renewed by itself'), waiting);
  expect(log.amiss).toEqual([]);
  const [left, ...others] = (await directory.application(application.appId))?.keyCredentials ?? [];
  expect(others).toEqual([]);
  const now = certificateFacts(new X509Certificate(readFileSync(file('app.pem'))));
  expect(readOwnKeys(file('app.pem'))).toEqual({
    applicationId: application.id,
    keyIds: { [now.sha256]: left?.keyId, [facts.sha256]: '' },
  });
});
