import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { recordOf } from '../../src/normalise/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { Cli, runCli } from '../support/cli.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const loaded = '"configuration loaded anew"';
const refused = '"the new configuration is refused; the old one goes on"';

function sinkAt(name: string, receiver: SyslogReceiver) {
  const retry = { initial: '100ms', max: '100ms' };
  const batch = { linger: '10ms' };
  return {
    name,
    type: 'syslog',
    host: '127.0.0.1',
    port: receiver.port,
    transport: 'tcp',
    format: 'json',
    retry,
    batch,
  };
}

/** The id and version of each message that has arrived, in order. */
function arrivals(receiver: SyslogReceiver): string[] {
  return receiver.messages.map((message) => {
    const { id, version } = recordOf('graph-alert', parse5424(message).text);
    return `${id} ${version}`;
  });
}

/** Resolves once every one of these has arrived. */
async function arrived(receiver: SyslogReceiver, wanted: readonly string[]): Promise<void> {
  while (!new Set(arrivals(receiver)).isSupersetOf(new Set(wanted))) {
    await receiver.received(receiver.messages.length + 1);
  }
}

/** Shows an alert at once, updated a minute ago as far as Microsoft says; returns its id and version. */
function inject(simulator: Simulator, id: string): string {
  const version = new Date(Date.now() - 60_000).toISOString();
  simulator.control.inject('graph-alert', {
    id,
    title: `Injected ${id}`,
    severity: 'high',
    status: 'new',
    createdDateTime: version,
    lastUpdateDateTime: version,
    evidence: [],
  });
  return `${id} ${version}`;
}

test('run delivers alerts as they unfold, and SIGTERM ends it with nothing left behind', async () => {
  const simulator = await startSimulator({
    seed: 3,
    ratePerMinute: 900,
    historyAlerts: 5,
    historySpanMs: 3_600_000,
    visibilityLagMs: 0,
    clock: systemClock,
  });
  onTestFinished(() => simulator.close());
  await using receiver = await SyslogReceiver.listen();
  const config = writeConfig(testFolder(), simulator, { sinks: [sinkAt('siem', receiver)] });
  const cli = new Cli(['run', '--config', config]);
  await receiver.received(25);
  cli.kill('SIGTERM');
  const { code, stdout, stderr } = await cli.ended();
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/"msg":"stopped"\}\n$/);

  const shown = simulator.control
    .published()
    ['graph-alert'].flatMap(({ id, versions }) => versions.map((version) => `${id} ${version}`));
  const came = arrivals(receiver);
  expect(new Set(came).isSubsetOf(new Set(shown))).toBe(true);
  expect(new Set(came).size).toBe(came.length);
  const { sinks } = JSON.parse((await runCli(['status', '--json', '--config', config])).stdout) as {
    sinks: readonly { backlog: number }[];
  };
  expect(sinks.map(({ backlog }) => backlog)).toEqual([0]);
});

test('SIGHUP brings a valid new configuration into effect, and refuses an invalid one', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator({ historyAlerts: 5 });
  await using first = await SyslogReceiver.listen();
  await using second = await SyslogReceiver.listen();
  const config = writeConfig(folder, simulator, { sinks: [sinkAt('first', first)] });
  const cli = new Cli(['run', '--config', config]);
  await first.received(5);

  const good = writeConfig(folder, simulator, { sinks: [sinkAt('first', first), sinkAt('second', second)] });
  cli.kill('SIGHUP');
  await cli.logged(loaded);
  await cli.logged('"msg":"started"', 2);
  const before = inject(simulator, 'after-a-good-configuration');
  await Promise.all([arrived(first, [before]), arrived(second, [before])]);

  const text = readFileSync(good, 'utf8');
  writeFileSync(good, text.replace('name: second', 'nmae: second'));
  cli.kill('SIGHUP');
  await cli.logged(refused);
  expect(cli.stderr).toContain('sinks[1].nmae: unknown key');
  const after = inject(simulator, 'after-a-bad-configuration');
  await Promise.all([arrived(first, [after]), arrived(second, [after])]);

  cli.kill('SIGINT');
  expect(await cli.ended()).toMatchObject({ code: 0 });
  expect(first.messages.length).toBe(7);
  // A sink that is new gets what is accepted from then on.
  expect(arrivals(second)).toEqual([before, after]);
  expect(cli.stderr).not.toContain(simulator.credentials.clientSecret);
});

test('SIGHUP with a configuration that is valid, yet cannot be started, brings the old one back', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator({ historyAlerts: 5 });
  await using first = await SyslogReceiver.listen();
  const config = writeConfig(folder, simulator, { sinks: [sinkAt('first', first)] });
  const cli = new Cli(['run', '--config', config]);
  await first.received(5);

  // An address for documentation (RFC 5737), which no host has.
  const listenNowhere = '\nadmin: { listen: "203.0.113.1:9464" }\n';
  writeFileSync(config, `${readFileSync(config, 'utf8')}${listenNowhere}`);
  cli.kill('SIGHUP');
  await cli.logged(refused);
  expect(cli.stderr).toContain('admin.listen 203.0.113.1:9464: this host has no such address');
  await cli.logged('"msg":"started"', 2);
  await arrived(first, [inject(simulator, 'after-the-return')]);

  cli.kill('SIGTERM');
  expect(await cli.ended()).toMatchObject({ code: 0 });
});

test('run goes on when nobody reads its log any more', async () => {
  const simulator = await stillSimulator({ historyAlerts: 5 });
  await using receiver = await SyslogReceiver.listen();
  const rest = { log: { level: 'debug' } };
  const config = writeConfig(testFolder(), simulator, { sinks: [sinkAt('siem', receiver)], rest });
  const cli = new Cli(['run', '--config', config]);
  await receiver.received(5);
  cli.stopReadingErrors();
  for (const id of ['first', 'second', 'third']) await arrived(receiver, [inject(simulator, id)]);
  cli.kill('SIGTERM');
  expect(await cli.ended()).toMatchObject({ code: 0 });
});

test('beside a run, another process on the same store is refused, and status reads', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator();
  await using receiver = await SyslogReceiver.listen();
  const config = writeConfig(folder, simulator, { sinks: [sinkAt('siem', receiver)] });
  const cli = new Cli(['run', '--config', config]);
  await receiver.received(60);

  const [once, status] = await Promise.all([
    runCli(['once', '--config', config]),
    runCli(['status', '--config', config]),
  ]);
  expect(once.code).toBe(6);
  expect(once.stderr).toMatch(/state\.db: process \d+ on .* is using it/);
  expect([0, 1]).toContain(status.code);
  expect(status.stdout).toMatch(/alerts: .*graph-alerts of simulated, .*accepted 60/);
  expect(status.stdout).toMatch(/siem: .*syslog, backlog \d+/);

  cli.kill('SIGTERM');
  expect((await cli.ended()).code).toBe(0);
});
