import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordOf } from '../../src/normalise/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { openSqliteReader } from '../../src/store/sqlite.ts';
import { Cli, runCli } from '../support/cli.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { HttpReceiver, type ReceivedRequest } from '../support/http-receiver.ts';

/** The id and version of each event of some requests, in order. */
function eventsOf(requests: readonly ReceivedRequest[]): string[] {
  return requests.flatMap(({ body }) =>
    body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { id, version } = recordOf('graph-alert', line);
        return `${id} ${version}`;
      }),
  );
}

function httpSink(receiver: HttpReceiver) {
  return {
    name: 'siem',
    type: 'http',
    url: receiver.url,
    format: 'json',
    batch: { maxEvents: 5, linger: '10ms' },
    retry: { initial: '100ms', max: '100ms' },
  };
}

async function eventually(condition: () => boolean, receiver: HttpReceiver): Promise<void> {
  while (!condition()) await receiver.arrived(receiver.requests.length + 1);
}

/** Resolves once the sink is through the journal. */
async function delivered(storePath: string): Promise<void> {
  await using reader = openSqliteReader(storePath);
  while ((await reader.progress()).sinks[0]?.backlog !== 0) await systemClock.sleep(10);
}

test('a replay that another process asked for outlasts a kill -9: all again, in order, repeats only in flight', async () => {
  const simulator = await stillSimulator();
  const receiver = await HttpReceiver.listen();
  onTestFinished(() => receiver[Symbol.asyncDispose]());
  const folder = testFolder();
  const config = writeConfig(folder, simulator, { sinks: [httpSink(receiver)] });
  const first = new Cli(['run', '--config', config]);
  await eventually(() => eventsOf(receiver.requests).length === 60, receiver);
  await delivered(join(folder, 'state.db'));
  const live = eventsOf(receiver.requests);
  const liveRequests = receiver.requests.length;

  // From the fifth batch of the replay on, the receiver takes what is sent and answers no more.
  receiver.answer = () => (receiver.requests.length >= liveRequests + 5 ? 'hang' : { status: 200 });
  const command = new Cli(['replay', '--sink', 'siem', '--since', '1d', '--config', config]);
  await eventually(() => receiver.requests.length === liveRequests + 5, receiver);
  first.kill('SIGKILL');
  await first.ended();
  const killedAt = receiver.requests.length;
  receiver.answer = () => ({ status: 200 });

  const second = new Cli(['run', '--config', config]);
  expect(await command.ended()).toMatchObject({
    code: 0,
    stdout: 'job 1: replay --sink siem --since 1d: done, sent 60, refused 0\n',
  });
  const again = eventsOf(receiver.requests.slice(liveRequests));
  const inFlight = eventsOf(receiver.requests.slice(killedAt - 1, killedAt));
  expect(again).toEqual([...live.slice(0, 25), ...inFlight, ...live.slice(25)]);
  expect(inFlight).toEqual(live.slice(20, 25));
  expect(second.stderr).toContain('"msg":"job goes on where it was"');
  second.kill('SIGTERM');
  expect(await second.ended()).toMatchObject({ code: 0 });

  // Nobody has the store now: the command does it by itself, and asks nothing of the API.
  const calls = simulator.control.requests();
  const alone = await runCli(['replay', '--sink', 'siem', '--since', '1d', '--json', '--config', config]);
  expect({ code: alone.code, jobs: JSON.parse(alone.stdout) as unknown }).toMatchObject({
    code: 0,
    jobs: [{ id: 2, kind: 'replay', name: 'siem', state: 'done', done: 60, problem: '' }],
  });
  expect(eventsOf(receiver.requests).slice(-60)).toEqual(live);
  expect(simulator.control.requests()).toEqual(calls);
});
