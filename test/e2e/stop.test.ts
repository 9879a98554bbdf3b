import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cli, runCli } from '../support/cli.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { listens, reportListening } from '../support/listening-report.ts';

const sinks = [{ name: 'out', type: 'stdout' }];

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends run with 0 before it has loaded anything',
  async (signal) => {
    // There is none: what does not come so far does not miss it.
    const config = join(testFolder(), 'defender-siem.yaml');
    const { code, stderr } = await runCli(['run', '--config', config], { node: reportListening(signal) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(`^${listens}[12]\n$`) });
  },
);

test('SIGHUP does not end run while it starts', async () => {
  const config = writeConfig(testFolder(), await stillSimulator(), { sinks });
  const cli = new Cli(['run', '--config', config], { node: reportListening('SIGHUP') });
  await cli.logged('"started"');
  cli.kill('SIGTERM');
  expect((await cli.ended()).code).toBe(0);
});

test('run ends with 0 although something keeps its process from ending', async () => {
  const rest = { shutdown: { grace: '500ms' } };
  const config = writeConfig(testFolder(), await stillSimulator(), { sinks, rest });
  const node = ['--import', 'data:text/javascript,setInterval(() => {}, 3_600_000)'];
  const cli = new Cli(['run', '--config', config], { node });
  await cli.logged('"started"');
  cli.kill('SIGTERM');
  expect((await cli.ended()).code).toBe(0);
});
