import { expect, test } from 'vitest';
import type { Health } from '../../src/app/health.ts';
import { parseExposition } from '../admin/exposition.ts';
import { Cli, runCli } from '../support/cli.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';

const sinks = [{ name: 'archive', type: 'file', path: './out.log', format: 'cef' }];

/** Starts `run`, and resolves with it and the address at which its admin server listens. */
async function runWithAdmin(config: string): Promise<{ cli: Cli; url: string }> {
  const cli = new Cli(['run', '--config', config]);
  await cli.logged('the admin server listens');
  return { cli, url: /"url":"([^"]*)"/.exec(cli.stderr)?.[1] ?? '' };
}

test('run is alive at once, ready when its source has been read, and tells how it is until it stops', async () => {
  const simulator = await stillSimulator();
  const folder = testFolder();
  const rest = { admin: { listen: '127.0.0.1:0' } };
  const { cli, url } = await runWithAdmin(writeConfig(folder, simulator, { sinks, rest }));

  expect((await fetch(`${url}livez`)).status).toBe(200);
  while ((await fetch(`${url}readyz`)).status !== 200);
  const health = (await (await fetch(`${url}status`)).json()) as Health;
  expect(health.sources[0]).toMatchObject({ name: 'alerts', accepted: 60, healthy: true });
  const metrics = parseExposition(await (await fetch(`${url}metrics`)).text());
  expect(metrics.get('defender_siem_records_accepted_total')?.samples).toEqual([
    { labels: { source: 'alerts' }, value: 60 },
  ]);
  expect(await (await fetch(url)).text()).toContain('graph-alerts of simulated');

  const taken = { admin: { listen: new URL(url).host } };
  const second = await runCli([
    'run',
    '--config',
    writeConfig(testFolder(), simulator, { sinks, rest: taken }),
  ]);
  expect(second).toMatchObject({ code: 2, stdout: '' });
  expect(second.stderr).toContain(`admin.listen ${taken.admin.listen}: another process listens there`);

  cli.kill('SIGTERM');
  expect((await cli.ended()).code).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('nothing listens any more once a configuration without admin is loaded', async () => {
  const simulator = await stillSimulator();
  const folder = testFolder();
  const rest = { admin: { listen: '127.0.0.1:0' } };
  const { cli, url } = await runWithAdmin(writeConfig(folder, simulator, { sinks, rest }));
  writeConfig(folder, simulator, { sinks });
  cli.kill('SIGHUP');
  await cli.logged('"msg":"started"', 2);
  await expect(fetch(url)).rejects.toThrow();
  cli.kill('SIGTERM');
  expect((await cli.ended()).code).toBe(0);
});
