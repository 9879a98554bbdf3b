import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { login } from '../../src/app/login.ts';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { parts } from '../../src/parts.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { createClientCertificate, type Identity } from '../../src/simulator/certificates.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import {
  graphSource,
  type Section,
  stillSimulator,
  testFolder,
  writeConfig,
} from '../support/connector-config.ts';
import { FastClock } from '../support/fast-clock.ts';

/** Every API that a credential must open: Graph, Defender for Endpoint, and the SIEM API with its older tokens. */
const sources = [
  graphSource,
  { ...graphSource, name: 'endpoint', type: 'alerts' },
  { ...graphSource, name: 'detections', type: 'detections' },
];

let simulator: Simulator;
let folder: string;

beforeEach(async () => {
  folder = testFolder();
  simulator = await stillSimulator({ historyAlerts: 12 });
});
afterEach(() => vi.unstubAllEnvs());

const file = (name: string) => join(folder, name);

function configOf(auth: Section, read: readonly Section[] = sources): Config {
  const sinks = [{ name: 'file', type: 'file', path: './alerts.json', format: 'json' }];
  return loadConfig(writeConfig(folder, simulator, { sources: read, sinks, tenant: { auth } }), parts, {});
}

/** Starts the connector; it runs until the test is over, or what is returned stops it. */
async function start(config: Config): Promise<() => Promise<void>> {
  const store = openSqliteStore(file('state.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  const app = await createApp(config, {
    store,
    telemetry: new Telemetry(),
    // What is waited for is the schedule alone.
    clock: new FastClock(10, Date.now(), () => 0.5, 5),
    log: silentLog,
  });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const stop = new AbortController();
  const running = app.run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  onTestFinished(end);
  return end;
}

/** Resolves when everything that these APIs have shown was delivered. */
async function delivered(read: readonly Section[] = sources): Promise<void> {
  const kinds = { 'graph-alerts': 'graph-alert', alerts: 'alert', detections: 'detection' } as const;
  await vi.waitFor(
    () => {
      const text = readFileSync(file('alerts.json'), 'utf8');
      for (const { type } of read) {
        const records = simulator.control.published()[kinds[type as keyof typeof kinds]];
        expect(records.length).toBeGreaterThan(0);
        for (const { id } of records) expect(text).toContain(JSON.stringify(id));
      }
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** Shows a further alert, and refuses every token that was issued so far, once for each API. */
function refuseTokens(id: string): void {
  const evidence = {
    createdDateTime: new Date().toISOString(),
    lastUpdateDateTime: new Date().toISOString(),
  };
  simulator.control.inject('graph-alert', { id, title: id, severity: 'low', status: 'new', ...evidence });
  for (const target of ['graph-alerts', 'defender-alerts', 'siem-detections'] as const) {
    simulator.control.fault({ target, kind: 'unauthorized', times: 1 });
  }
}

/** What a kind of credential is set up with, and what an administrator then replaces it by. */
interface Kind {
  /** Writes the files, registers the credential; returns `auth` of the configuration. */
  setUp(): Promise<Section>;
  /** Puts another in its place, the old one being refused from now on. */
  rotate(): Promise<void>;
}

function write(name: string, content: string | Buffer): string {
  writeFileSync(file(name), content, { mode: 0o600 });
  return file(name);
}

/** The only certificate that the application now knows. */
async function registered(): Promise<Identity> {
  const identity = await createClientCertificate(Date.now());
  simulator.control.registration.certificates = [];
  simulator.control.registerCertificate(identity.certificate);
  return identity;
}

function pfxOf({ certificate, key }: Identity, password: string): Buffer {
  const chain = [forge.pki.certificateFromPem(certificate)];
  const container = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), chain, password);
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary');
}

const clientSecret: Kind = {
  async setUp() {
    simulator.control.registration.secrets = ['first-secret'];
    return { clientSecret: `\${file:${write('secret', 'first-secret\n')}}` };
  },
  async rotate() {
    simulator.control.registration.secrets = ['second-secret'];
    write('secret', 'second-secret\n');
  },
};

const pemCertificate: Kind = {
  async setUp() {
    await pemCertificate.rotate();
    return { certificate: { path: file('app.pem') } };
  },
  async rotate() {
    const { certificate, key } = await registered();
    write('app.pem', `${certificate}\n${key}`);
  },
};

const pfxCertificate: Kind = {
  async setUp() {
    write('app.pfx', pfxOf(await registered(), 'pfx password'));
    const password = `\${file:${write('password', 'pfx password')}}`;
    return { certificate: { pfx: file('app.pfx'), password } };
  },
  async rotate() {
    write('app.pfx', pfxOf(await registered(), 'pfx password'));
  },
};

const federated: Kind = {
  async setUp() {
    await federated.rotate();
    return { workloadIdentity: { tokenFile: file('token') } };
  },
  async rotate() {
    const issuer = `${simulator.endpoints.authority}/oidc/cluster`;
    const subject = `system:serviceaccount:siem:${Math.random()}`;
    const audiences = ['api://AzureADTokenExchange'];
    simulator.control.registration.federated = [{ issuer, subject, audiences }];
    write('token', simulator.control.federatedToken({ issuer, subject }));
  },
};

describe.each([
  ['a client secret', clientSecret],
  ['a certificate in PEM', pemCertificate],
  ['a certificate in PKCS#12', pfxCertificate],
  ['a token of a Kubernetes service account', federated],
])('%s', (_kind, { setUp, rotate }) => {
  test('collects from every API; another in its place is taken without a restart', async () => {
    simulator.control.registration.secrets = [];
    const { clientId } = simulator.credentials;
    await start(configOf({ clientId, ...(await setUp()) }));
    await delivered();
    await rotate();
    refuseTokens('after-the-rotation');
    await delivered();
  });
});

// One test, since Microsoft's library looks once in a process where the identity's endpoint is.
test('managed identities collect: the machine’s, and one that a user assigned, by either of its ids', async () => {
  const read = sources.slice(0, 2);
  const { control, managedIdentity } = simulator;
  for (const [name, value] of Object.entries(managedIdentity.environment.virtualMachine)) {
    vi.stubEnv(name, value);
  }
  control.fault({ target: 'managed-identity', kind: 'status', status: 410, times: 1 });
  const [own, assigned] = control.managedIdentities;
  for (const identity of [{}, { clientId: assigned?.clientId }, { resourceId: assigned?.resourceId }]) {
    folder = testFolder();
    const stop = await start(configOf({ managedIdentity: identity }, read));
    await delivered(read);
    refuseTokens('after-the-refusal');
    await delivered(read);
    await stop();
    if (own !== undefined) own.roles = { graph: [], defender: [], xdr: [], siem: [] };
  }
  expect(control.requests()['managed-identity']).toMatchObject({ 410: 1 });
});

test('a person who signed in with a device code collects, and the newest refresh token is kept', async () => {
  const { control, credentials } = simulator;
  Object.assign(control.registration, {
    publicClient: true,
    scopes: {
      graph: ['SecurityAlert.Read.All'],
      defender: ['Alert.Read'],
      xdr: [],
      siem: ['user_impersonation'],
    },
  });
  control.refreshTokens.singleUse = true;
  control.person.roles = ['Security Reader'];
  const user = { cache: file('person'), key: `\${file:${write('key', 'a key that is long enough')}}` };
  const config = configOf({ clientId: credentials.clientId, user });
  const [tenant] = config.tenants;
  if (tenant === undefined) throw new Error('no tenant');
  const impatient: Clock = { ...systemClock, sleep: () => systemClock.sleep(1) };
  const { account, access } = await login(tenant, {
    apis: ['graph', 'defender', 'siem'],
    clock: impatient,
    log: silentLog,
    signal: new AbortController().signal,
    show: () => control.approveDeviceCode(),
  });
  expect(account).toBe(control.person.userPrincipalName);
  expect(access.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  await start(config);
  await delivered();
  refuseTokens('after-the-refusal');
  await delivered();
});
