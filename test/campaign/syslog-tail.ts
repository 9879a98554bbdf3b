import { randomOf } from '../../src/simulator/random.ts';
import { createAuthority } from '../support/certificates.ts';
import { whyNoPeer } from '../support/debian-peer.ts';
import type { Report, Scale, Scenario } from './scenario.ts';
import { holds, rigFolder, type SinkRig, startSinkRig } from './sink-rig.ts';
import { type Peer, relpPeer, rsyslogPeer, streamPeer } from './syslog-peers.ts';

/** How many events one delivery holds at most. */
const batchEvents = 25;
/** The shortest wait: a FIN and an RST need the host's time, however fast the clock runs, ms. */
const leastWaitMs = 20;

async function run({ seed, long, note }: Scale): Promise<Report> {
  const random = randomOf(seed, 'syslog-tail');
  const folder = rigFolder();
  await using stack = new AsyncDisposableStack();
  const peers: Peer[] = [];
  for (const open of await peersOf(long, folder, note)) peers.push(stack.use(await open()));
  const sinks = peers.map(({ name, options }) => ({
    name,
    type: 'syslog',
    format: 'json',
    host: '127.0.0.1',
    ...(options.transport === 'tls' ? { tls: { verify: false } } : {}),
    ...options,
    connectTimeout: '10m',
    writeTimeout: '10m',
    confirm: '20m',
    batch: { maxEvents: batchEvents },
    retry: { initial: '1s', max: '30s' },
  }));
  // In an hour of its clock, which is 3.6 s, a receiver that hangs is given up six times.
  const rig = stack.use(
    await startSinkRig({ seed: `syslog-tail ${seed}`, speed: 1000, leastWaitMs, sinks, folder }),
  );

  let breaks = 0;
  let stops = 0;
  for (let round = 0; round < (long ? 150 : 6); round++) {
    const alerts = (part: string) =>
      Array.from({ length: random.between(1, 40) }, (_, i) => `alert-${round}-${part}${i}`);
    rig.publish(alerts('a'));
    await pause(random.between(0, 300));
    for (const peer of peers.filter(() => round === 0 || random.chance(0.7))) {
      const fault = await peer.breakDown(random);
      breaks++;
      if (long) note(`round ${round}: ${peer.name} ${fault}`);
    }
    rig.publish(alerts('b'));
    // Longer than the source waits from run to run: some of these events meet a receiver that is broken.
    await pause(random.between(400, 700));
    if (random.chance(0.2)) {
      stops++;
      await rig.restart();
    }
    await pause(random.between(0, 300));
    for (const peer of peers) await peer.mend();
  }
  return await report(rig, peers, { breaks, stops });
}

/** What the receivers have, against what exists. */
async function report(
  rig: SinkRig,
  peers: readonly Peer[],
  { breaks, stops }: { readonly breaks: number; readonly stops: number },
): Promise<Report> {
  const published = rig.published();
  const missing = (peer: Peer) => {
    const received = new Set(peer.received());
    return published.filter((id) => !received.has(id));
  };
  await holds(() => peers.every((peer) => missing(peer).length === 0), 20_000);
  const figures = { breaks, stops, events: published.length, lost: 0, 'possibly repeated': 0, repeated: 0 };
  const broken: string[] = [];
  for (const peer of peers) {
    const lost = missing(peer);
    const received = peer.received();
    const repeated = received.length - new Set(received).size;
    const { possiblyRepeated } = rig.telemetry.sink(peer.name);
    figures.lost += lost.length;
    figures['possibly repeated'] += possiblyRepeated;
    figures.repeated += repeated;
    if (lost.length > 0) broken.push(`${peer.name} lost ${lost.length}, the first is ${lost[0]}`);
    // A batch in hand when the program is told to stop is sent again by the next one, which knows nothing of it.
    const allowed = possiblyRepeated + stops * batchEvents;
    if (repeated > allowed) broken.push(`${peer.name} got ${repeated} again, at most ${allowed} were said`);
    const strange = received.filter((id) => !published.includes(id));
    if (strange.length > 0) broken.push(`${peer.name} got what does not exist: ${strange[0]}`);
    for (const violation of peer.violations()) broken.push(`${peer.name} was sent no syslog: ${violation}`);
    const letters = await rig.refused(peer.name);
    if (letters.length > 0)
      broken.push(`${peer.name} refused ${letters.length} for good, which was never said`);
  }
  return { figures, broken };
}

async function peersOf(
  long: boolean,
  folder: string,
  note: Scale['note'],
): Promise<readonly (() => Promise<Peer>)[]> {
  const certificate = createAuthority().issue('127.0.0.1');
  const peers = [
    () => streamPeer('tcp', undefined),
    () => streamPeer('tls', certificate),
    () => relpPeer('relp'),
  ];
  if (!long) return peers;
  const reason = await whyNoPeer('rsyslog');
  if (reason === undefined) return [...peers, () => rsyslogPeer('rsyslog', folder)];
  note(`NOT TRIED with rsyslog: ${reason}`);
  return peers;
}

/** Waits by the host's clock: the receivers and their sockets are real. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Receivers of syslog that break in every way. */
export const scenario: Scenario = {
  name: 'syslog-tail',
  promise:
    'a syslog receiver that hangs, resets, closes or refuses loses nothing, and repeats are those counted',
  run,
};
