import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/provision/plan.ts';
import { azureCli } from '../../../src/provision/print/azure-cli.ts';
import { DirectoryClient, settledBench } from '../../simulator/directory-bench.ts';
import type { Bench, Json } from '../../simulator/support.ts';
import { createSelfSigned } from '../../support/certificates.ts';
import { type FakeAz, startFakeAz } from './fake-az.ts';
import { context, hostileName, planFromNothing, plans, tenantId } from './plans.ts';

const run = promisify(execFile);
let bench: Bench;
let directory: DirectoryClient;
let folder: string;
let az: FakeAz;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'az-'));
  bench = await settledBench();
  directory = await DirectoryClient.withRoles(
    bench,
    'Application.ReadWrite.All',
    'AppRoleAssignment.ReadWrite.All',
    'DelegatedPermissionGrant.ReadWrite.All',
  );
  az = startFakeAz(folder, directory, tenantId);
});
afterEach(async () => {
  await az[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Runs the script of a plan with the fake `az`; returns what it printed. */
async function runScript(plan: Plan): Promise<string> {
  writeFileSync(join(folder, 'script.sh'), azureCli.print(plan, context));
  const env = { PATH: `${folder}:${process.env.PATH}`, WAIT_SECONDS: '0', HOME: folder };
  const { stdout } = await run('sh', ['script.sh'], { cwd: folder, env });
  return stdout.trim();
}

describe('the script for the Azure CLI', () => {
  test.each(Object.entries(plans))('of the plan %s is a POSIX shell script', async (name, plan) => {
    const file = join(folder, `${name}.sh`);
    writeFileSync(file, azureCli.print(plan, context));
    await run('sh', ['-n', file]);
  });

  test('makes what provisioning makes, under any name, and changes nothing the second time', async () => {
    const federated = plans['hostile-names'] ?? planFromNothing();
    const appId = await runScript(federated);
    const [application, ...others] = bench.simulator.control.directory.applications();
    expect([application?.displayName, application?.appId, others]).toEqual([hostileName, appId, []]);
    const id = await directory.principalId(appId);
    const granted = (await directory.get(`/servicePrincipals/${id}/appRoleAssignments`)).json()
      .value as Json[];
    expect(granted).toHaveLength(3);
    const trusts = await directory.get(`/applications/${application?.id}/federatedIdentityCredentials`);
    expect((trusts.json().value as Json[]).map(({ issuer, subject }) => [issuer, subject])).toEqual([
      ["https://oidc.example/it's", 'system:serviceaccount:siem:${me}'],
    ]);
    az.changes();
    expect(await runScript(federated)).toBe(appId);
    expect(az.changes()).toEqual([]);
  });

  test('makes the certificate where it runs, beside those there are, and makes the application its own owner', async () => {
    const plan = planFromNothing({ ownsItself: true, permissions: [] });
    const appId = await runScript(plan);
    expect(statSync(join(folder, 'defender-siem.pem')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'defender-siem.pem'), 'utf8')).toContain('PRIVATE KEY');
    const another = createSelfSigned('another', []);
    writeFileSync(join(folder, 'defender-siem.pem'), another.cert + another.key);
    expect(await runScript(plan)).toBe(appId);
    const keys = await directory.get(`/applications(appId='${appId}')?$select=keyCredentials`);
    expect(keys.json().keyCredentials).toHaveLength(2);
    az.changes();
    await runScript(plan);
    expect(az.changes()).toEqual([]);
    const [application] = bench.simulator.control.directory.applications();
    const owners = await directory.get(`/applications/${application?.id}/owners?$select=id`);
    expect((owners.json().value as Json[]).map(({ id }) => id)).toContain(await directory.principalId(appId));
  });

  test('writes a secret where only its owner reads it, and only once', async () => {
    const plan = planFromNothing({ credential: { kind: 'secret', days: 180 }, permissions: [] });
    const appId = await runScript(plan);
    const secret = readFileSync(join(folder, 'defender-siem.secret'), 'utf8').trim();
    expect(statSync(join(folder, 'defender-siem.secret')).mode & 0o777).toBe(0o600);
    const form = { client_id: appId, client_secret: secret };
    expect((await bench.tokenReply('https://graph.microsoft.com/.default', form)).status).toBe(200);
    az.changes();
    await runScript(plan);
    expect(az.changes()).toEqual([]);
  });

  test('removes the application, and says so when there is none', async () => {
    const appId = await runScript(planFromNothing({ credential: undefined, permissions: [] }));
    const [known] = bench.simulator.control.directory.applications();
    const plan: Plan = {
      ...planFromNothing(),
      application: { appId, id: String(known?.id), displayName: 'defender-siem' },
      steps: [{ kind: 'delete-service-principal' }, { kind: 'delete-application' }],
    };
    await runScript(plan);
    expect(bench.simulator.control.directory.applications()).toEqual([]);
    az.changes();
    await runScript(plan);
    expect(az.changes()).toEqual([]);
  });
});
