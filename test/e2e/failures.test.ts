import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { type Ended, runCli } from '../support/cli.ts';
import { graphSource, stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { runInProcess } from '../support/in-process.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const secret = 'a-secret-that-stays-one-3xV';
const fileSink = { name: 'disk', type: 'file', path: './events.ndjson' };

function expectNoSecret({ stdout, stderr }: Ended, ...secrets: readonly string[]): void {
  for (const each of [secret, ...secrets]) expect(stdout + stderr).not.toContain(each);
}

/** Returns a port of 127.0.0.1 at which nobody listens any more. */
async function closedPort(): Promise<number> {
  const receiver = await SyslogReceiver.listen();
  const { port } = receiver;
  await receiver[Symbol.asyncDispose]();
  return port;
}

test('a wrong client secret: 4, with the code of Entra ID and what to do', async () => {
  const simulator = await stillSimulator();
  const auth = { clientId: simulator.credentials.clientId, clientSecret: secret };
  const config = writeConfig(testFolder(), simulator, { sinks: [fileSink], tenant: { auth } });
  const [once, check] = await Promise.all([
    runCli(['once', '--config', config]),
    runInProcess(['check', '--live', '--config', config]),
  ]);
  expect(once.code).toBe(4);
  expect(once.stderr).toMatch(/AADSTS7000215.*value/s);
  expect(check.code).toBe(4);
  expect(check.stdout).toMatch(
    /^ {2}failed +token for graph .*AADSTS7000215.*\n +→ The client secret is wrong/m,
  );
  for (const ended of [once, check]) expectNoSecret(ended, simulator.credentials.clientSecret);
});

test('a missing permission: 4, with its name, and no secret even in the debug log', async () => {
  const simulator = await stillSimulator();
  simulator.control.registration.roles.graph = ['User.Read.All'];
  const config = writeConfig(testFolder(), simulator, {
    sinks: [fileSink],
    rest: { log: { level: 'debug' } },
  });
  const once = await runCli(['once', '--config', config]);
  expect(once.code).toBe(4);
  expect(once.stderr).toMatch(/SecurityAlert\.Read\.All/);
  expectNoSecret(once, simulator.credentials.clientSecret);
});

test('an API that nobody answers for: 5, with its address', async () => {
  const simulator = await stillSimulator();
  const port = await closedPort();
  const endpoints = { ...simulator.endpoints, graph: `https://127.0.0.1:${port}` };
  const config = writeConfig(testFolder(), simulator, { sinks: [fileSink], tenant: { endpoints } });
  const once = await runCli(['once', '--config', config]);
  expect(once.code).toBe(5);
  expect(once.stderr).toContain(`127.0.0.1:${port}`);
  expectNoSecret(once, simulator.credentials.clientSecret);
});

test('a receiver with another root: check names the sink and the cure', async () => {
  const simulator = await stillSimulator();
  await using receiver = await HttpReceiver.listen();
  const config = writeConfig(testFolder(), simulator, {
    sinks: [
      {
        name: 'siem',
        type: 'syslog',
        host: '127.0.0.1',
        port: Number(new URL(simulator.endpoints.graph).port),
      },
      { name: 'hec', type: 'splunk-hec', url: receiver.url, token: secret },
    ],
  });
  const check = await runInProcess(['check', '--live', '--config', config]);
  expect(check.code).toBe(5);
  expect(check.stdout).toMatch(/^ {2}failed +TLS .*\n +→ .*tls\.ca/m);
  expect(check.stdout).toMatch(/^ {2}failed +opened .*not as an HTTP Event Collector does\n +→ Check `url`/m);
  expectNoSecret(check, simulator.credentials.clientSecret);
});

test('a sink that is down: 3 when the time is over, and the next round delivers what was left', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator();
  const port = await closedPort();
  const tcp = { name: 'siem', type: 'syslog', host: '127.0.0.1', transport: 'tcp', format: 'json' };
  const retry = { initial: '200ms', max: '200ms' };
  const config = writeConfig(folder, simulator, { sinks: [{ ...tcp, port, retry }] });
  const down = await runCli(['once', '--config', config, '--timeout', '3s', '--json']);
  expect(down.code).toBe(3);
  expect(JSON.parse(down.stdout)).toMatchObject({
    drained: false,
    sources: { alerts: { accepted: 60 } },
    sinks: { siem: { delivered: 0 } },
  });
  expect(down.stderr).toContain('left in the journal');
  expect(down.stderr).toContain(`127.0.0.1:${port}`);

  const status = await runInProcess(['status', '--config', config]);
  expect(status.code).toBe(1);
  expect(status.stdout).toMatch(/siem: NOT OK, syslog, backlog 60 .*\n {4}problem: .*127\.0\.0\.1/);

  await using receiver = await SyslogReceiver.listen();
  writeConfig(folder, simulator, { sinks: [{ ...tcp, port: receiver.port, retry }] });
  const up = await runCli(['once', '--config', config]);
  expect(up.code).toBe(0);
  expect((await receiver.received(60)).length).toBe(60);
  expect((await runInProcess(['status', '--config', config])).code).toBe(0);
  expectNoSecret(down, simulator.credentials.clientSecret);
});

test('what a receiver refuses for good is a dead letter, and the rest is delivered', async () => {
  const simulator = await stillSimulator();
  await using receiver = await HttpReceiver.listen();
  const refused = simulator.control.published()['graph-alert'][5]?.id ?? '';
  receiver.answer = ({ body }) =>
    body.includes(refused) ? { status: 400, body: 'no such field' } : { status: 200 };
  const config = writeConfig(testFolder(), simulator, {
    sinks: [{ name: 'web', type: 'http', url: receiver.url, body: 'single' }],
  });
  const once = await runCli(['once', '--config', config, '--json']);
  expect(once.code).toBe(0);
  expect(JSON.parse(once.stdout)).toMatchObject({ sinks: { web: { delivered: 59, deadLettered: 1 } } });
  expect(once.stderr).toContain('no such field');
  const status = await runInProcess(['status', '--config', config]);
  expect(status.code).toBe(1);
  expect(status.stdout).toContain('dead letters 1');
});

test('a store of a later release: 6, and it is not touched', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator();
  const config = writeConfig(folder, simulator, { sinks: [fileSink] });
  expect((await runCli(['once', '--config', config])).code).toBe(0);
  const later = 4711;
  const db = new DatabaseSync(join(folder, 'state.db'));
  db.exec(`PRAGMA user_version = ${later}`);
  db.close();
  const commands = ['run', 'once', 'status'];
  const ended = await Promise.all(commands.map((command) => runInProcess([command, '--config', config])));
  for (const { code, stderr } of ended) {
    expect(code).toBe(6);
    expect(stderr).toContain(`schema ${later}`);
  }
  const again = new DatabaseSync(join(folder, 'state.db'), { readOnly: true });
  expect(again.prepare('PRAGMA user_version').get()).toEqual({ user_version: later });
  again.close();
});

test.each([
  ['that is no database', 'not a database at all, but longer than its header would be '.repeat(20)],
  ['in a folder that is not there', undefined],
])('a store %s: 6', async (_name, content) => {
  const folder = testFolder();
  const simulator = await stillSimulator();
  if (content !== undefined) writeFileSync(join(folder, 'state.db'), content);
  const rest = content === undefined ? { store: { path: './none/state.db' } } : {};
  const config = writeConfig(folder, simulator, { sinks: [fileSink], rest });
  const { code, stderr } = await runInProcess(['once', '--config', config]);
  expect(code).toBe(6);
  expect(stderr).toContain('state.db');
});

test('Microsoft throttles and breaks in the middle of paging: nothing is lost', async () => {
  const simulator = await stillSimulator({ historyAlerts: 0 });
  // Only what was updated at one time takes more than one page.
  const time = new Date(Date.now() - 3_600_000).toISOString();
  for (let number = 0; number < 120; number++) {
    const times = { createdDateTime: time, lastUpdateDateTime: time };
    simulator.control.inject('graph-alert', { id: `alert-${number}`, severity: 'low', ...times });
  }
  simulator.control.fault(
    { target: 'graph-alerts', kind: 'throttle', retryAfterSeconds: 1, times: 1 },
    { target: 'graph-alerts', kind: 'reset', when: 'after-headers', times: 1, whilePaging: true },
    { target: 'graph-alerts', kind: 'unauthorized', times: 1, whilePaging: true },
    { target: 'graph-alerts', kind: 'truncated-json', times: 1 },
  );
  const config = writeConfig(testFolder(), simulator, {
    sources: [{ ...graphSource, pageSize: 10 }],
    sinks: [fileSink],
  });
  const { code, stdout } = await runCli(['once', '--config', config, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    sources: { alerts: { accepted: 120 } },
    sinks: { disk: { delivered: 120 } },
  });
  expect(simulator.control.faults()).toEqual([]);
});

test.each([
  ['an unknown command', ['onec'], "did you mean 'once'?"],
  ['an unknown option', ['once', '--tiemout', '5s'], '--tiemout'],
  ['a bad timeout', ['once', '--timeout', 'soon'], '--timeout soon'],
  ['a configuration that is not there', ['once', '--config', '/no/such/file.yaml'], '/no/such/file.yaml'],
])('%s: 2', async (_name, args, words) => {
  const { code, stdout, stderr } = await runInProcess(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(words);
});
