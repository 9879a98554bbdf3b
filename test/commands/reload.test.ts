import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseExposition } from '../admin/exposition.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { freePort } from '../support/debian-peer.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { startInProcess } from '../support/in-process.ts';

const quiet = { log: { level: 'silent' } };

function run(config: string) {
  const running = startInProcess(['run', '--config', config]);
  onTestFinished(async () => {
    running.send('SIGTERM');
    running.send('second SIGTERM');
    await running.ended;
  });
  return running;
}

function sink(receiver: HttpReceiver, name = 'web') {
  return { name, type: 'http', url: receiver.url, format: 'json' };
}

test('a SIGHUP while an older one is still being followed counts: the last configuration is in effect', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator({ historyAlerts: 5 });
  await using hanging = await HttpReceiver.listen();
  await using second = await HttpReceiver.listen();
  await using third = await HttpReceiver.listen();
  hanging.answer = () => 'hang';
  const rest = { ...quiet, shutdown: { grace: '500ms' } };
  const running = run(writeConfig(folder, simulator, { sinks: [sink(hanging)], rest }));
  await hanging.arrived(1);

  // The sink hangs: the first configuration takes its grace to end, and meanwhile there is a third one.
  writeConfig(folder, simulator, { sinks: [sink(second), sink(hanging, 'hanging')], rest });
  running.send('SIGHUP');
  writeConfig(folder, simulator, { sinks: [sink(third)], rest });
  running.send('SIGHUP');
  // The sink of that name goes on where it was, at another place.
  await third.arrived(1);
  expect(second.requests).toEqual([]);
});

test('the counters go on from one configuration to the next, and forget what that does not name', async () => {
  const folder = testFolder();
  const simulator = await stillSimulator({ historyAlerts: 5 });
  await using receiver = await HttpReceiver.listen();
  const url = `http://127.0.0.1:${await freePort()}/metrics`;
  const rest = { ...quiet, admin: { listen: new URL(url).host } };
  const gone = { name: 'gone', type: 'file', path: join(folder, 'gone.json') };
  const running = run(writeConfig(folder, simulator, { sinks: [sink(receiver), gone], rest }));
  await receiver.arrived(1);

  writeConfig(folder, simulator, { sinks: [sink(receiver)], rest });
  running.send('SIGHUP');
  for (;;) {
    const metrics = await fetch(url).then(
      async (answer) => parseExposition(await answer.text()),
      () => undefined,
    );
    const delivered = metrics?.get('defender_siem_events_delivered_total')?.samples ?? [];
    const [web, ...others] = delivered;
    // What arrived before the end of the first configuration is counted when its answers are.
    if (others.length > 0 || (web?.value ?? 0) < 5) continue;
    expect(web).toEqual({ labels: { sink: 'web' }, value: 5 });
    break;
  }
});
