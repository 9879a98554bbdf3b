import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assessCredential } from '../../src/app/credential-health.ts';
import { login, logout } from '../../src/app/login.ts';
import { connectTenant } from '../../src/app/tenant-connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import { apis } from '../../src/identity/clouds.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { runInProcess } from '../support/in-process.ts';

const quiet = () => {};
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const signal = new AbortController().signal;

/** A configuration whose tenant is read in the name of a person, at a simulator whose refresh tokens are good once. */
async function aPerson(options: Partial<SimulatorOptions> = {}) {
  const simulator = await stillSimulator({ approveDeviceCodes: true, ...options });
  const { registration } = simulator.control;
  registration.publicClient = true;
  registration.scopes = {
    graph: ['SecurityAlert.Read.All'],
    defender: ['Alert.Read'],
    xdr: ['Incident.Read'],
    siem: ['user_impersonation'],
    monitor: [],
  };
  simulator.control.refreshTokens.singleUse = true;
  const folder = testFolder();
  const { clientId } = simulator.credentials;
  const path = writeConfig(folder, simulator, {
    sinks: [{ name: 'out', type: 'file', path: join(folder, 'events.json'), format: 'json' }],
    tenant: { auth: { clientId, user: { cache: './person.token', key: '0123456789abcdef' } } },
    rest: { log: { level: 'silent' } },
  });
  const [tenant] = loadConfig(path, parts).tenants;
  if (tenant === undefined) throw new Error('the configuration has no tenant');
  const shown: string[] = [];
  const signIn = () =>
    login(tenant, { apis, clock: new FakeClock(), log, signal, show: (line) => shown.push(line) });
  const health = async () => (await assessCredential(tenant.auth, systemClock.now()))(tenant);
  return { simulator, folder, path, tenant, shown, signIn, health };
}

test('a person signs in once: alerts are read in their name, of every API, and the sign-in outlives each token', async () => {
  const { simulator, folder, path, tenant, shown, signIn, health } = await aPerson();
  expect(await health()).toMatchObject({
    healthy: false,
    problem: 'nobody has signed in: run `defender-siem login --tenant simulated`',
  });
  const { account, access } = await signIn();
  expect(shown).toEqual([expect.stringMatching(/enter the code \w+/)]);
  expect(account).toBe(simulator.control.person.userPrincipalName);
  expect(access.map(({ api, failure }) => [api, failure])).toEqual(apis.map((api) => [api, undefined]));
  expect(access[0]?.scopes).toContain('SecurityAlert.Read.All');
  const sealed = readFileSync(join(folder, 'person.token'), 'utf8');
  expect(await runInProcess(['once', '-c', path])).toMatchObject({ code: 0 });
  const delivered = readFileSync(join(folder, 'events.json'), 'utf8').trim().split('\n');
  expect(delivered).toHaveLength(60);
  expect(readFileSync(join(folder, 'person.token'), 'utf8')).not.toBe(sealed);
  expect(await health()).toMatchObject({ kind: 'user', healthy: true, problem: '' });
  expect(await logout(tenant, { clock: systemClock, signal })).toBe(true);
  expect(await logout(tenant, { clock: systemClock, signal })).toBe(false);
});

test('a sign-in that was revoked is told with the command, by `status` too, and mended by it without a restart', async () => {
  const { simulator, tenant, signIn, health } = await aPerson();
  await signIn();
  simulator.control.endRefreshTokens(50173);
  const connection = connectTenant(tenant, { quotas: createQuotas(systemClock), clock: systemClock, log });
  await expect(connection.tokens.token('graph')).rejects.toThrow(
    /AADSTS50173: .*run `defender-siem login --tenant simulated`/,
  );
  expect(await health()).toMatchObject({
    healthy: false,
    problem: expect.stringMatching(/^is refused since .*AADSTS50173.*run `defender-siem login/),
  });
  await signIn();
  expect(await connection.tokens.token('graph')).toMatch(/\./);
  expect(await health()).toMatchObject({ healthy: true });
  connection.close();
});

test('an application that is no public client is told to become one', async () => {
  const { simulator, signIn } = await aPerson();
  simulator.control.registration.publicClient = false;
  await expect(signIn()).rejects.toThrow(
    /public client: run `defender-siem provision --tenant simulated --repair`/,
  );
});

test('a sign-in that could not be kept is not begun', async () => {
  const { folder, shown, signIn } = await aPerson();
  rmSync(folder, { recursive: true });
  await expect(signIn()).rejects.toThrow(/auth.user.cache: the folder must be there/);
  expect(shown).toEqual([]);
});
