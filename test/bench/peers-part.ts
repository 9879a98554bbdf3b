import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.ts';
import { freePort, startPeer, whyNoPeer } from '../support/debian-peer.ts';
import { Helper } from './child.ts';
import { measureStage } from './measure-stage.ts';
import { atLeast, type Findings, type Part, type Place, type Target } from './part.ts';
import type { Fed, Feed } from './peers/feeder.ts';
import { templates } from './peers/fields.ts';
import { type Relay, relays } from './peers/relays.ts';
import { cpuSecondsOf, peakMemoryOf } from './process-figures.ts';
import { type Shape, writePages } from './records.ts';
import { medianOf } from './round.ts';
import type { Measured } from './stage.ts';
import { stages } from './stages/index.ts';
import { perSecond } from './stages-part.ts';
import { tableOf } from './table.ts';

/** Longer takes nothing that works, ms. */
const longestRunMs = 300_000;
/** The project's own goals: the whole way to each relay, by shape. */
const asked: Readonly<Record<string, Readonly<Record<Shape['name'], number>>>> = {
  'syslog-ng': { alerts: 4, events: 3 },
};

/** The same work through what users would pick instead. */
export const peersPart: Part = {
  name: 'peers',
  title: 'Beside other relays',
  about:
    'The same records through syslog-ng and rsyslog: JSON over loopback TCP from a process that sends as fast as it is ' +
    'read, fifteen fields of CEF, a queue on the disk, octet-counted TCP to the same counting receiver. Timed from the ' +
    "first byte sent until the receiver has the last message; memory and CPU are the daemon's; medians of the rounds. " +
    'They neither poll nor de-duplicate, and acknowledge nothing to whom they read from.',
  async run(place) {
    const results: Findings[] = [];
    for (const shape of place.options.shapes) results.push(await measureShape(shape, place));
    return {
      text: results.map(({ text }) => text).join('\n'),
      targets: results.flatMap(({ targets }) => targets),
    };
  },
};

/** One way, ours or that of another, with what it came to. */
interface Row {
  readonly name: string;
  readonly title: string;
  readonly measured: Measured;
}

async function measureShape(shape: Shape, place: Place): Promise<Findings> {
  const { records } = place.options;
  const file = join(place.folder, `${shape.name}.ndjson`);
  writeFileSync(file, `${[...shape.records(records)].join('\n')}\n`);
  const pages = writePages(shape, records, join(place.folder, `peers-${shape.name}`));
  const own: Row[] = [];
  for (const stage of stages.filter(({ name }) => name === 'plain' || name === 'whole-tcp')) {
    const measured = await measureStage(stage, pages, place);
    place.say(`${shape.name} ${stage.name}: ${Math.round(perSecond(measured))}/s`);
    own.push({ name: stage.name, title: stage.title, measured });
  }
  const whole = own.find(({ name }) => name === 'whole-tcp')?.measured;
  if (whole === undefined) throw new Error('there is no whole way to compare with');
  const others: Row[] = [];
  for (const relay of relays) {
    const measured = await measureRelay(relay, shape, file, place);
    if (measured !== undefined) others.push({ name: relay.name, title: relay.title, measured });
  }
  const rows = [...own, ...others].map(({ title, measured }) => [
    title,
    Math.round(perSecond(measured)).toLocaleString('en'),
    ((measured.cpuSeconds / measured.records) * 1e6).toFixed(1),
    (measured.peakBytes / 2 ** 20).toFixed(0),
    (perSecond(whole) / perSecond(measured)).toFixed(2),
  ]);
  const columns = [
    { head: 'Way' },
    ...['Records/s', 'CPU s per million', 'Peak memory, MiB', 'Our whole way to it'].map((head) => ({
      head,
      figures: true as const,
    })),
  ];
  const targets: readonly Target[] = others.flatMap(({ name, title, measured }) => {
    const least = asked[name]?.[shape.name];
    if (least === undefined) return [];
    return [
      atLeast(`${shape.name}: whole way to ${title}`, least, perSecond(whole) / perSecond(measured), ' x'),
    ];
  });
  return { text: `${records.toLocaleString('en')} ${shape.name}:\n\n${tableOf(columns, rows)}`, targets };
}

/** Resolves with the medians of a relay's rounds; undefined, and says so, where it is missing or does not work. */
async function measureRelay(
  relay: Relay,
  shape: Shape,
  file: string,
  place: Place,
): Promise<Measured | undefined> {
  const missing = await whyNoPeer(relay.peer);
  if (missing !== undefined) {
    place.say(`NOT MEASURED: ${relay.title}: ${missing}; apt-get install ${relay.packages}`);
    return undefined;
  }
  try {
    const rounds: Measured[] = [];
    for (let round = 0; round <= place.options.rounds; round++) {
      const measured = await runRelay(relay, shape, file, place);
      place.say(`${shape.name} ${relay.name}: ${Math.round(perSecond(measured))}/s`);
      // The first warms up: files in the cache, pages of the daemon's program.
      if (round > 0) rounds.push(measured);
    }
    return {
      records: place.options.records,
      wallSeconds: medianOf(rounds.map(({ wallSeconds }) => wallSeconds)),
      cpuSeconds: medianOf(rounds.map(({ cpuSeconds }) => cpuSeconds)),
      peakBytes: Math.max(...rounds.map(({ peakBytes }) => peakBytes)),
    };
  } catch (error) {
    place.say(`NOT MEASURED: ${relay.title}: ${messageOf(error)}`);
    return undefined;
  }
}

/** One pass through a daemon of its own, whose queue is empty. */
async function runRelay(relay: Relay, shape: Shape, file: string, place: Place): Promise<Measured> {
  const { records } = place.options;
  const folder = join(place.folder, `relay-${relay.name}`);
  mkdirSync(folder, { recursive: true });
  try {
    const from = await freePort();
    const task = { from, to: place.ports.tcp, folder, template: templates[shape.name] };
    await using daemon = await startPeer(relay.peer, relay.configuration(task), { folder, ports: [from] });
    await using feeder = new Helper<Feed, Fed>(place.own('peers/feeder'));
    const cpuBefore = cpuSecondsOf(daemon.pid);
    const reached = place.receiver.ask({ count: records });
    const { beganAtMs } = await feeder.ask({ file, port: from });
    const answer = await within(reached, () => daemon.output());
    if (!('reachedAtMs' in answer)) throw new Error('the receiver answers something else');
    return {
      records,
      wallSeconds: (answer.reachedAtMs - beganAtMs) / 1000,
      cpuSeconds: cpuSecondsOf(daemon.pid) - cpuBefore,
      peakBytes: peakMemoryOf(daemon.pid),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rejects with what the daemon said when its messages do not come. */
async function within<T>(promise: Promise<T>, said: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not all messages came within ${longestRunMs} ms: ${said()}`)),
      longestRunMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
