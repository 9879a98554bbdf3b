import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { testFolder } from '../support/connector-config.ts';
import { runInProcess, startInProcess } from '../support/in-process.ts';

interface Place {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly config: string;
  /** Runs a command as the administrators' application, which needs no person. */
  run(...args: readonly string[]): ReturnType<typeof runInProcess>;
}

/** A tenant with an application that may provision others, and a configuration whose tenant has no identity yet. */
async function place(options: Pick<SimulatorOptions, 'onAnswer'> = {}): Promise<Place> {
  const simulator = await startSimulator({
    seed: 5,
    ratePerMinute: 0,
    historyAlerts: 5,
    clock: systemClock,
    directorySettleMs: 0,
    visibilityLagMs: 0,
    ...options,
  });
  onTestFinished(() => simulator.close());
  simulator.control.registration.roles.graph = [
    'Application.ReadWrite.All',
    'AppRoleAssignment.ReadWrite.All',
  ];
  const folder = testFolder();
  const config = join(folder, 'defender-siem.yaml');
  const { endpoints, caFile, credentials } = simulator;
  const tenant = { name: 'contoso', id: credentials.tenantId, endpoints, tls: { ca: caFile } };
  writeFileSync(
    config,
    `# kept\n${stringify({
      tenants: [tenant],
      sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'contoso' }],
      sinks: [{ name: 'out', type: 'stdout' }],
    })}`,
    { mode: 0o640 },
  );
  const secretFile = join(folder, 'admin');
  writeFileSync(secretFile, credentials.clientSecret, { mode: 0o600 });
  const admin = ['--admin-client-id', credentials.clientId, '--admin-secret-file', secretFile];
  return {
    simulator,
    folder,
    config,
    run: (command = '', ...args) => runInProcess([command, '--config', config, ...admin, ...args]),
  };
}

const ours = ({ simulator }: Place) =>
  simulator.control.directory.applications().filter(({ tags }) => tags.includes('defender-siem'));

describe('provision', () => {
  test('makes the access, writes it down, tries it, and changes nothing the next time', async () => {
    const here = await place();
    const details = join(here.folder, 'details.txt');
    const first = await here.run('provision', '--details', details);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const [application] = ours(here);
    const clientId = application?.appId ?? '';
    expect(first.stdout).toContain(`created the app registration defender-siem (client id ${clientId})`);
    expect(first.stdout).toContain('+ contoso.auth.certificate.path: ./contoso.pem');
    expect(first.stdout).toContain('for the source alerts: it answers');
    expect(first.stdout.trim().split('\n').at(-1)).toMatch(/^tenant contoso is ready .*`defender-siem run`$/);

    expect(readFileSync(here.config, 'utf8')).toMatch(/^# kept\n/);
    expect(statSync(here.config).mode & 0o777).toBe(0o640);
    const [tenant] = loadConfig(here.config, parts, {}).tenants;
    expect(tenant?.auth).toEqual({ kind: 'certificate', clientId, path: join(here.folder, 'contoso.pem') });
    expect(statSync(details).mode & 0o777).toBe(0o600);
    const written = readFileSync(details, 'utf8');
    for (const line of [
      `Client ID (application ID): ${clientId}`,
      `Directory (tenant) ID: ${here.simulator.credentials.tenantId}`,
      'Microsoft Graph: scope: https://graph.microsoft.com/.default',
      `Microsoft Graph: API base URL: ${here.simulator.endpoints.graph}`,
    ]) {
      expect(written).toContain(line);
    }
    expect(written).toMatch(/Certificate thumbprint \(SHA-1\): [0-9A-F]{40}\n/);

    const before = [readFileSync(here.config, 'utf8'), ours(here), readdirSync(here.folder)];
    const second = await here.run('provision');
    expect(second.stdout).toContain('nothing changed: all was as it should be\n');
    expect([readFileSync(here.config, 'utf8'), ours(here), readdirSync(here.folder)]).toEqual(before);
  });

  test('says with --dry-run what it would do, as JSON where that is asked for, and does none of it', async () => {
    const here = await place();
    const text = readFileSync(here.config, 'utf8');
    const { code, stdout } = await here.run('provision', '--dry-run', '--json', '--with', 'response');
    expect(code).toBe(0);
    const steps = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).step as string);
    expect(steps.filter((step) => step.startsWith('would')).slice(0, 3)).toEqual([
      'would create the app registration defender-siem',
      'would create its service principal',
      'would add a certificate for 365 days',
    ]);
    expect(steps).toContain('would grant Machine.Isolate of WindowsDefenderATP (for response)');
    expect(ours(here)).toEqual([]);
    expect(readFileSync(here.config, 'utf8')).toBe(text);
    expect(readdirSync(here.folder).sort()).toEqual(['admin', 'defender-siem.yaml']);
  });

  test('of two runs at the same moment one makes the application, the other changes nothing and says why', async () => {
    const here = await place();
    const runs = await Promise.all([
      here.run('provision', '--credential', 'secret'),
      here.run('provision', '--credential', 'secret'),
    ]);
    expect(runs.map(({ code }) => code).sort()).toEqual([0, expect.toBeOneOf([2, 5])]);
    expect(runs.find(({ code }) => code !== 0)?.stderr).toMatch(
      /another run provisions or deprovisions tenant contoso at this moment|was changed while this command ran/,
    );
    expect(ours(here)).toHaveLength(1);
    expect(ours(here)[0]?.secrets).toHaveLength(1);
    expect(readdirSync(here.folder).sort()).toEqual([
      'admin',
      'contoso.secret',
      'contoso.secret.note',
      'defender-siem.yaml',
    ]);
  });

  test('ends with 4 and the page for consent where it may not grant; the next run finishes', async () => {
    const here = await place();
    const { registration, directory } = here.simulator.control;
    registration.roles.graph = ['Application.ReadWrite.All'];
    const first = await here.run('provision', '--credential', 'secret');
    const clientId = ours(here)[0]?.appId ?? '';
    expect(first.code).toBe(4);
    expect(first.stderr).toMatch(/AppRoleAssignment\.ReadWrite\.All.*\n.*Privileged Role Administrator/);
    const page = `${here.simulator.endpoints.authority}/${here.simulator.credentials.tenantId}/adminconsent?client_id=${clientId}`;
    expect(first.stdout.trim().split('\n').at(-1)).toBe(page);
    expect(first.stdout + first.stderr).not.toContain(
      readFileSync(join(here.folder, 'contoso.secret'), 'utf8').trim(),
    );

    directory.grant(clientId, 'graph', 'SecurityAlert.Read.All');
    const second = await here.run('provision');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('got a token for Microsoft Graph with SecurityAlert.Read.All');
  });

  test('stops before anything where the tenant lives in another cloud than the configuration says', async () => {
    const here = await place();
    const text = readFileSync(here.config, 'utf8').replace(
      'name: contoso\n',
      'name: contoso\n    cloud: gcc-high\n',
    );
    writeFileSync(here.config, text);
    const { code, stderr } = await here.run('provision');
    expect(code).toBe(2);
    expect(stderr).toMatch(/tenant contoso: .*cloud/);
    expect(ours(here)).toEqual([]);
  });

  test('leaves a configuration alone that was changed meanwhile; the next run goes on', async () => {
    let change = () => {};
    const here = await place({ onAnswer: (_tenant, _api, status) => status === 201 && change() });
    const changed = `${readFileSync(here.config, 'utf8')}# changed\n`;
    change = () => writeFileSync(here.config, changed);
    const running = here.run('provision', '--credential', 'secret');
    expect(await running).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was changed while this command ran'),
    });
    expect(readFileSync(here.config, 'utf8')).toBe(changed);
  });

  test('ends with 3 where it is stopped while it waits for the person', async () => {
    const here = await place();
    const running = startInProcess(['provision', '--config', here.config]);
    await vi.waitUntil(() => here.simulator.control.deviceCodes().length > 0, { timeout: 10_000 });
    running.send('SIGTERM');
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([3, expect.stringContaining('stopped before it was done')]);
    expect(ours(here)).toEqual([]);
  });

  test.each([
    [['--credential', 'password'], /there are certificate, secret, federated, user/],
    [['--credential', 'federated'], /needs --issuer and --subject/],
    [['--days', 'many'], /--days many/],
    [['--cloud', 'china'], /there are commercial/],
    [['--tenant', 'nobody'], /is called nobody/],
    [['--print', 'powershell'], /there are graph, azure-cli, terraform, bicep/],
  ])('refuses %j', async (args, words) => {
    const { code, stderr } = await (await place()).run('provision', ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe('deprovision', () => {
  test('removes what provision made, once that is confirmed, and nothing else', async () => {
    const here = await place();
    await here.run('provision', '--credential', 'secret');
    await here.run(
      'provision',
      '--credential',
      'secret',
      '--name',
      'lab',
      '--tenant',
      'contoso',
      '--dry-run',
    );
    const secret = join(here.folder, 'contoso.secret');
    writeFileSync(join(here.folder, 'contoso.notes.secret'), 'of somebody else');

    const asked = await here.run('deprovision');
    expect(asked.code).toBe(2);
    expect(asked.stdout).toMatch(
      /would delete the app registration: defender-siem .*\nwould delete .*contoso\.secret\n.*would set aside auth/s,
    );
    expect(asked.stderr).toContain('--yes');
    expect([ours(here).length, existsSync(secret)]).toEqual([1, true]);

    const done = await here.run('deprovision', '--yes');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(ours(here)).toEqual([]);
    expect(readdirSync(here.folder).sort()).toEqual(['admin', 'contoso.notes.secret', 'defender-siem.yaml']);
    expect(readFileSync(here.config, 'utf8')).toMatch(/# auth was set aside on .*\n/);
    expect(() => loadConfig(here.config, parts, {})).toThrow(/tenants\[0\]\.auth/);

    expect(await here.run('deprovision', '--yes')).toMatchObject({
      code: 0,
      stdout: 'nothing is to be removed\n',
    });
    expect(await here.run('provision', '--credential', 'secret')).toMatchObject({ code: 0 });
  });

  test('leaves an identity alone whose application is not in this directory', async () => {
    const here = await place();
    const { clientId, clientSecret } = here.simulator.credentials;
    const text = readFileSync(here.config, 'utf8').replace(
      'name: contoso\n',
      `name: contoso\n    auth: { clientId: ${clientId}, clientSecret: ${clientSecret} }\n`,
    );
    writeFileSync(here.config, text);
    expect(await here.run('deprovision', '--yes')).toMatchObject({
      code: 0,
      stdout: 'nothing is to be removed\n',
    });
    expect(readFileSync(here.config, 'utf8')).toBe(text);
  });
});
