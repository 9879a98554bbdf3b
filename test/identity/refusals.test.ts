import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  connectTenant,
  createTenantClients,
  type TenantConnection,
} from '../../src/app/tenant-connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConnectorError } from '../../src/errors.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import type { Api } from '../../src/identity/clouds.ts';
import { signInWithDeviceCode } from '../../src/identity/device-code.ts';
import { makeSealKey, sealSignIn } from '../../src/identity/sign-in-seal.ts';
import { parts } from '../../src/parts.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createClientCertificate } from '../../src/simulator/certificates.ts';
import type { FederatedTokenRequest } from '../../src/simulator/identity/oidc-issuers.ts';
import type { Registration } from '../../src/simulator/identity/registration.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Section, writeConfig } from '../support/connector-config.ts';
import { FakeClock } from '../support/fake-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'refusals-'));
const clock = new FakeClock(Math.floor(Date.now() / 1000) * 1000);
const subject = 'system:serviceaccount:siem:connector';
const key = '0123456789abcdef';
let simulator: Simulator;
let asItWas: Registration;
let sealKey: Awaited<ReturnType<typeof makeSealKey>>;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 9, ratePerMinute: 0, historyAlerts: 0, clock });
  asItWas = structuredClone(simulator.control.registration);
  sealKey = await makeSealKey(key);
});
afterEach(() => {
  const { registration, person } = simulator.control;
  Object.assign(registration, structuredClone(asItWas));
  Object.assign(person, { refusal: undefined, consents: true, roles: ['Global Administrator'] });
  Object.assign(simulator.control.refreshTokens, { lifetimeSeconds: 86_400, idleSeconds: 86_400 });
  simulator.control.clearFaults();
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Returns the way to this tenant of the configuration, as the connector has it. */
function connected(tenant: Section): TenantConnection {
  const path = writeConfig(folder, simulator, { tenant, sinks: [{ name: 'out', type: 'stdout' }] });
  const [configured] = loadConfig(path, parts).tenants;
  if (configured === undefined) throw new Error('the configuration has no tenant');
  const connection = connectTenant(configured, { quotas: createQuotas(clock), clock, log: silentLog });
  onTestFinished(() => connection.close());
  return connection;
}

async function failure(doing: Promise<unknown>): Promise<ConnectorError> {
  const error = await doing.catch((thrown: unknown) => thrown);
  if (error instanceof ConnectorError) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

const app = () => ({ clientId: simulator.credentials.clientId });
const auth = (credential: Section): Section => ({ auth: { ...app(), ...credential } });
const secret = (clientSecret = simulator.credentials.clientSecret): Section => auth({ clientSecret });

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return `./${name}`;
}

async function certificate(bornMs: number, known: boolean): Promise<Section> {
  const identity = await createClientCertificate(bornMs);
  if (known) simulator.control.registerCertificate(identity.certificate);
  return auth({ certificate: { path: write('app.pem', `${identity.certificate}\n${identity.key}`) } });
}

/** A token file of a cluster that the application trusts, but for what differs. */
function federated(differs: Partial<FederatedTokenRequest>): Section {
  const issuer = `${simulator.endpoints.authority}/oidc/cluster`;
  const trust = { issuer, subject, audiences: ['api://AzureADTokenExchange'] };
  simulator.control.registration.federated = [trust];
  const token = simulator.control.federatedToken({ issuer, subject, ...differs });
  return auth({ workloadIdentity: { tokenFile: write('federated', token) } });
}

/** A person who signed in once. */
function person(refreshToken = simulator.control.issueRefreshToken('https://graph.microsoft.com')): Section {
  simulator.control.registration.publicClient = true;
  const signIn = { refreshToken, ...app(), signedInAtMs: clock.now() };
  return auth({ user: { cache: write('sign-in', sealSignIn(signIn, sealKey)), key } });
}

const repair = /run `defender-siem provision --tenant simulated --repair`/;
const rotate = /run `defender-siem provision --tenant simulated --rotate`/;
const login = /run `defender-siem login --tenant simulated`/;
const yearMs = 365 * 86_400_000;

/** What an administrator or time does to whom, and what the person on call is told. */
interface Case {
  readonly code: number;
  readonly tenant: () => Section | Promise<Section>;
  readonly does?: (control: Simulator['control']) => void;
  readonly says: RegExp;
  readonly api?: Api;
}

const elsewhere = '99999999-0000-4000-8000-000000000000';
const set =
  <Name extends keyof Simulator['control']>(name: Name, changes: Partial<Simulator['control'][Name]>) =>
  (control: Simulator['control']) =>
    void Object.assign(Object(control[name]), changes);

const cases: readonly Case[] = [
  { code: 7000215, tenant: () => secret('another'), says: /the secret's value, not its id/ },
  {
    code: 7000222,
    tenant: () => secret('an old one'),
    does: set('registration', { expiredSecrets: ['an old one'] }),
    says: rotate,
  },
  {
    code: 700016,
    tenant: () => ({ auth: { clientId: elsewhere, clientSecret: 'x' } }),
    says: /check the tenant id and `auth.clientId`.*run `defender-siem provision --tenant simulated`/,
  },
  {
    code: 7000229,
    tenant: () => secret(),
    does: set('registration', { servicePrincipalId: undefined }),
    says: repair,
  },
  {
    code: 7000112,
    tenant: () => secret(),
    does: set('registration', { enabled: false }),
    says: /enable it under Enterprise applications/,
  },
  { code: 90002, tenant: () => ({ ...secret(), id: elsewhere }), says: /compare the id with/ },
  {
    code: 90002,
    tenant: () => ({ ...secret(), id: 'no.example' }),
    says: /compare the id with/,
    api: 'siem',
  },
  {
    code: 500011,
    tenant: () => secret(),
    does: set('registration', { missingResources: ['defender'] }),
    says: repair,
    api: 'defender',
  },
  { code: 700027, tenant: () => certificate(clock.now(), false), says: rotate },
  { code: 1000502, tenant: () => certificate(clock.now() - 5 * yearMs, true), says: rotate },
  {
    code: 700211,
    tenant: () => federated({ issuer: 'https://other.example' }),
    says: /issuer 'https:..other/,
  },
  { code: 700212, tenant: () => federated({ audience: 'api://Other' }), says: /audience 'api:..Other'/ },
  { code: 700213, tenant: () => federated({ subject: 'system:other' }), says: /subject 'system:other'/ },
  { code: 700024, tenant: () => federated({ lifetimeSeconds: -900 }), says: /have the token file renewed/ },
  {
    code: 50027,
    tenant: () => auth({ workloadIdentity: { tokenFile: write('federated', 'x.y.z') } }),
    says: /check the token file/,
  },
  { code: 70000, tenant: () => person('1.unknown'), says: login },
  { code: 50173, tenant: () => person(), does: (control) => control.endRefreshTokens(50173), says: login },
  { code: 70008, tenant: () => person(), does: set('refreshTokens', { lifetimeSeconds: 0 }), says: login },
  { code: 700082, tenant: () => person(), does: set('refreshTokens', { idleSeconds: 0 }), says: login },
  { code: 50057, tenant: () => person(), does: set('person', { refusal: 50057 }), says: /have it enabled/ },
  { code: 65001, tenant: () => person(), says: repair, api: 'defender' },
];

test.each(cases)('AADSTS$code, as it comes about, names the remedy', async (one) => {
  const { tokens } = connected(await one.tenant());
  one.does?.(simulator.control);
  const error = await failure(tokens.token(one.api ?? 'graph'));
  expect(error.code).toBe('IDENTITY_REFUSED');
  expect(error.message).toContain(`AADSTS${one.code}: `);
  expect(error.message).toMatch(one.says);
});

/** A person at the page of Microsoft, and what comes of it. */
const atThePage: readonly Omit<Case, 'tenant'>[] = [
  { code: 65004, does: set('person', { consents: false }), says: /an account that may grant it/ },
  { code: 90094, does: set('person', { roles: [] }), says: repair },
  { code: 53003, does: set('person', { refusal: 53003 }), says: /does not allow device codes/ },
  { code: 50076, does: set('person', { refusal: 50076 }), says: login },
  { code: 7000218, does: set('registration', { publicClient: false }), says: repair },
];

test.each(atThePage)('AADSTS$code at a sign-in with a device code names the remedy', async (one) => {
  Object.assign(simulator.control.registration, {
    publicClient: true,
    requestedScopes: { ...asItWas.requestedScopes, graph: ['SecurityAlert.Read.All'] },
  });
  one.does?.(simulator.control);
  const clients = createTenantClients();
  onTestFinished(() => clients.close());
  const { clientId, tenantId } = simulator.credentials;
  const signIn = signInWithDeviceCode(
    {
      http: clients.clientFor({ ca: simulator.caFile, verify: true }, undefined),
      endpoints: simulator.endpoints,
      tenant: 'simulated',
      tenantId,
      clientId,
      scopes: ['https://graph.microsoft.com/.default', 'offline_access'],
      clock,
      show: () => void simulator.control.approveDeviceCode(),
    },
    new AbortController().signal,
  );
  const error = await failure(signIn);
  expect(error.message).toContain(`AADSTS${one.code}: `);
  expect(error.message).toMatch(one.says);
});

/** Every code of the reference's table (§2.1), beside those that pass by themselves. */
const table = [
  7000215, 7000222, 7000216, 7000218, 7000219, 700016, 7000229, 7000112, 90002, 900023, 50059, 50128, 90019,
  50194, 90051, 50049, 500011, 50001, 70011, 1002012, 65001, 90094, 65004, 700027, 700024, 700023, 700021,
  1000502, 700030, 700211, 700212, 700213, 50013, 50027, 53003, 530032, 530034, 50105, 50076, 50079, 50072,
  50158, 50034, 50020, 90072, 50126, 50055, 50053, 50057, 70008, 700082, 70043, 50173, 70018, 70019, 70020,
  7000014, 50011, 50196, 90013, 90014, 900144,
];
/** What tells somebody to do something. */
const remedy =
  /\b(run|give|check|register|enable|compare|use|put|set|make|have|assign|lift|sign in|wait|start|add|report|buy)\b/i;

test('every code of the table is told with its remedy, whichever endpoint says it', async () => {
  const one = connected(secret());
  for (const code of table) {
    for (const api of ['graph', 'siem'] as const) {
      // Who has seen a loop asks no more for a while.
      const { tokens } = code === 50196 ? connected(secret()) : one;
      simulator.control.fault({ target: 'token', kind: 'aadsts', code, times: 1 });
      const error = await failure(tokens.token(api));
      const [, sentence = ''] = new RegExp(`AADSTS${code}: (.*) \\(trace id`).exec(error.message) ?? [];
      expect(error, String(code)).toMatchObject({ code: 'IDENTITY_REFUSED', exitCode: 4 });
      expect(sentence, String(code)).toMatch(remedy);
      simulator.control.clearFaults();
    }
  }
});

test.each([90033, 90090, 90024, 70016])('AADSTS%i is asked again before it is told', async (code) => {
  simulator.control.fault({ target: 'token', kind: 'aadsts', code });
  const { tokens } = connected(secret());
  expect(await failure(tokens.token('graph'))).toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
  simulator.control.clearFaults();
  expect(await tokens.token('graph')).toMatch(/^eyJ/);
});
