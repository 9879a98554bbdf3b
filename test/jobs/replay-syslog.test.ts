import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { recordOf } from '../../src/normalise/index.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

test('what a broken connection swallowed of a replay is sent once more, also when the replay was over', async () => {
  await using receiver = await SyslogReceiver.listen();
  const sink = {
    name: 'siem',
    type: 'syslog',
    host: '127.0.0.1',
    port: receiver.port,
    transport: 'tcp',
    format: 'json',
    maxMessageBytes: '64KiB',
    retry: { initial: '10ms', max: '20ms' },
    batch: { maxEvents: 10, linger: '5ms' },
  };
  const folder = testFolder();
  const rest = { watch: { heartbeat: '0s', blindSpots: false }, audit: { every: '0s' } };
  const path = writeConfig(folder, await stillSimulator(), { sinks: [sink], rest });
  const store = openSqliteStore(join(folder, 'state.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  const telemetry = new Telemetry();
  await using app = await createApp(loadConfig(path, parts, {}), {
    store,
    telemetry,
    clock: systemClock,
    log: silentLog,
  });
  const stop = new AbortController();
  const run = app.run(stop.signal);
  await receiver.received(60);
  while ((await store.progress()).sinks[0]?.backlog !== 0) await systemClock.sleep(5);
  await receiver.hangUp();
  const idOf = (message: Buffer) => recordOf('graph-alert', parse5424(message).text).id;
  const live = receiver.messages.map(idOf);

  // The next connections break at the first data: whatever was written into them is gone.
  let broken = 0;
  receiver.onConnection = (socket) => {
    if (broken++ < 2) {
      socket.once('data', () => socket.resetAndDestroy());
    } else {
      receiver.onConnection = undefined;
      receiver.read(socket);
    }
  };
  const through = await store.offset('siem');
  const spec = {
    version: 1,
    sink: 'siem',
    asked: '--sink siem',
    deadLetters: false,
    allRoutes: false,
    after: 0,
    through,
  };
  await store.addJob('replay', JSON.stringify(spec), Date.now(), { keepFrom: 1 });
  const again = () => receiver.messages.slice(60).map(idOf);
  while (!new Set(again()).isSupersetOf(new Set(live))) await receiver.received(receiver.messages.length + 1);
  // In their order, but for what was sent once more.
  const first = [...new Set(again())];
  expect(first).toEqual(live);
  stop.abort();
  await run;
  expect(telemetry.sink('siem').possiblyRepeated).toBeGreaterThan(0);
});
