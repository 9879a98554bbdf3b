import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { administer } from '../../src/commands/administer.ts';
import type { Invocation } from '../../src/commands/command.ts';
import { rotate } from '../../src/commands/rotate.ts';
import { fingerprintOf, readCredentialNote } from '../../src/identity/credential-note.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { testFolder } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';

/** Waits pass at once: what is waited for here has no time of its own. */
const clock: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(1, signal) };

interface Place {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly config: string;
  readonly admin: Readonly<Record<string, string>>;
}

/** A tenant whose administrators have an application, and a configuration whose tenant has no identity yet. */
async function place(auth?: Readonly<Record<string, unknown>>): Promise<Place> {
  const simulator = await startSimulator({
    seed: 5,
    ratePerMinute: 0,
    clock: systemClock,
    directorySettleMs: 0,
    visibilityLagMs: 0,
  });
  onTestFinished(() => simulator.close());
  const roles = ['Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'];
  simulator.control.registration.roles.graph = roles;
  const folder = testFolder();
  const config = join(folder, 'defender-siem.yaml');
  const { endpoints, caFile, credentials } = simulator;
  const tenant = { name: 'contoso', id: credentials.tenantId, endpoints, tls: { ca: caFile } };
  const sections = {
    tenants: [{ ...tenant, ...(auth === undefined ? {} : { auth }) }],
    sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'contoso' }],
    sinks: [{ name: 'out', type: 'stdout' }],
  };
  writeFileSync(config, stringify(sections));
  writeFileSync(join(folder, 'admin'), credentials.clientSecret, { mode: 0o600 });
  const admin = { 'admin-client-id': credentials.clientId, 'admin-secret-file': join(folder, 'admin') };
  return { simulator, folder, config, admin };
}

const run = ({ config, admin }: Place, ...args: readonly string[]) => {
  const named = Object.entries(admin).flatMap(([name, value]) => [`--${name}`, value]);
  return runInProcess(['provision', '--config', config, ...named, ...args]);
};

/** Runs `provision --rotate` with waits that pass at once; returns what it printed. */
async function rotated({ config, admin }: Place): Promise<readonly string[]> {
  const printed: string[] = [];
  const io = {
    out: (line: string) => printed.push(line),
    err: (line: string) => printed.push(line),
    readInput: async () => '',
    async *inputChunks() {},
    env: {},
    terminal: false,
    stop: new AbortController().signal,
    hurry: new AbortController().signal,
    endAfterStop: () => {},
    onReload: () => {},
  };
  const invocation: Invocation = { io, options: { config, ...admin }, positionals: [] };
  const administered = await administer(invocation, true);
  try {
    expect(await rotate(invocation, administered, { days: 100, clock })).toBe(0);
  } finally {
    administered.http.close();
  }
  return printed;
}

const applicationOf = ({ simulator }: Place) =>
  simulator.control.directory.applications().find(({ tags }) => tags.includes('defender-siem'));

describe('provision --rotate', () => {
  test('renews a certificate in its file, and removes the old one', async () => {
    const here = await place();
    expect(await run(here, '--days', '30')).toMatchObject({ code: 0 });
    const file = join(here.folder, 'contoso.pem');
    const before = readFileSync(file, 'utf8');
    const printed = await rotated(here);
    expect(printed.at(-1)).toBe('the credential of tenant contoso is renewed');
    expect(printed.join('\n')).toMatch(
      /registered a certificate until .*\n(.*\n)*removed the old certificate/,
    );
    expect(readFileSync(file, 'utf8')).not.toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(applicationOf(here)?.certificates).toHaveLength(1);
    // The configuration still fits, and what it names works.
    const again = await run(here);
    expect(again.stdout).toContain('nothing changed: all was as it should be');
  });

  test('renews a secret in its file, and notes when it ends', async () => {
    const here = await place();
    expect(await run(here, '--credential', 'secret', '--days', '30')).toMatchObject({ code: 0 });
    const file = join(here.folder, 'contoso.secret');
    const endOf = () =>
      readCredentialNote(file, fingerprintOf(readFileSync(file, 'utf8').trim()))?.endDateTime;
    const days = () => Math.round((Date.parse(endOf() ?? '') - Date.now()) / 86_400_000);
    expect(days()).toBe(30);
    expect(await rotated(here)).toContain('removed the old client secret');
    expect(days()).toBe(100);
    expect(applicationOf(here)?.secrets).toHaveLength(1);
  });

  test.each([
    ['an inline secret', { clientSecret: 'text' }, /move it into a file/],
    ['a managed identity', { managedIdentity: {}, clientId: undefined }, /does not end by itself/],
  ])('says why %s cannot be renewed', async (_, auth, why) => {
    const here = await place({ clientId: '11111111-1111-1111-1111-111111111111', ...auth });
    const { code, stderr } = await run(here, '--rotate');
    expect(code).toBe(2);
    expect(stderr).toMatch(why);
  });
});

describe('provision --print', () => {
  test('prints the whole plan without any sign-in, and nothing else', async () => {
    const config = join(testFolder(), 'defender-siem.yaml');
    writeFileSync(
      config,
      stringify({
        tenants: [{ name: 'contoso', id: 'contoso.invalid', cloud: 'gcc-high' }],
        sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'contoso' }],
        sinks: [{ name: 'out', type: 'stdout' }],
      }),
    );
    for (const [language, start] of [
      ['graph', '# The app registration'],
      ['azure-cli', '#!/bin/sh\n'],
      ['terraform', '# The app registration'],
      ['bicep', '// The app registration'],
    ] as const) {
      const { code, stdout, stderr } = await runInProcess([
        'provision',
        '--config',
        config,
        '--print',
        language,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.startsWith(start)).toBe(true);
      expect(stdout).toContain('SecurityAlert.Read.All');
    }
  });

  test('prints only what is missing for who may look', async () => {
    const here = await place();
    expect(await run(here)).toMatchObject({ code: 0 });
    const nothing = await run(here, '--print', 'azure-cli');
    expect(nothing.stdout).toContain("say 'nothing is to be done: all is as it should be'");
    here.simulator.control.directory.revoke(
      applicationOf(here)?.appId ?? '',
      'graph',
      'SecurityAlert.Read.All',
    );
    const { stdout } = await run(here, '--print', 'terraform');
    expect(stdout).toContain('resource "azuread_app_role_assignment" "graph_securityalert_read_all"');
    expect(stdout).not.toContain('resource "azuread_application" ');
  });

  test('names the languages there are', async () => {
    const here = await place();
    const { code, stderr } = await run(here, '--print', 'pulumi');
    expect(code).toBe(2);
    expect(stderr).toContain('--print pulumi: there are graph, azure-cli, terraform, bicep');
  });
});
