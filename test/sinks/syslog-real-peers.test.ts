import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Payload } from '../../src/sinks/sink.ts';
import { syslog } from '../../src/sinks/syslog.ts';
import { imrelp, linesOf } from '../campaign/syslog-peers.ts';
import { testFolder } from '../support/connector-config.ts';
import { freePort, needPeer, type PeerName, peerTestTimeoutMs, startPeer } from '../support/debian-peer.ts';
import { payloads, sinkContext } from '../support/sink-contract.ts';

const never = new AbortController().signal;

function sinkTo(port: number, options: object) {
  const parsed = syslog.options.parse({ host: '127.0.0.1', port, ...options });
  return syslog.create(parsed, sinkContext({ clock: systemClock }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test(
  'imrelp that is killed again and again has all it was sent, each as often as it is said',
  async (context) => {
    await needPeer(context, 'rsyslog');
    const folder = testFolder();
    const port = await freePort();
    const out = `${folder}/out.log`;
    const start = () => startPeer('rsyslog', imrelp(port, folder, out), { folder, ports: [port] });
    let peer = await start();
    await using sink = sinkTo(port, { transport: 'relp', window: 16 });
    const texts = Array.from({ length: 2_000 }, (_, i) => `event-${i}`);
    let waiting: readonly Payload[] = payloads(...texts);
    let inDoubt = 0;
    for (let kills = 0; waiting.length > 0; ) {
      const before = linesOf(out).length;
      const sending = sink.send(waiting, never).catch(() => undefined);
      if (kills < 3) {
        kills++;
        await until(() => linesOf(out).length > before + 50);
        await peer.kill();
      }
      const outcomes = await sending;
      inDoubt += outcomes?.filter((each) => each.kind === 'deferred' && each.inDoubt === true).length ?? 0;
      waiting = waiting.filter((_payload, index) => outcomes?.[index]?.kind !== 'accepted');
      if (waiting.length > 0) peer = await start();
    }
    await peer[Symbol.asyncDispose]();
    const lines = linesOf(out);
    expect([...new Set(lines)]).toEqual(texts);
    expect(lines.length - texts.length).toBeLessThanOrEqual(inDoubt);
    // No more than the window was ever on the way when it was killed.
    expect(inDoubt).toBeLessThanOrEqual(3 * 16);
  },
  peerTestTimeoutMs,
);

const listening: Readonly<Record<PeerName, (port: number, folder: string) => string>> = {
  rsyslog: (port, folder) => `
global(workDirectory="${folder}")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
action(type="omfile" file="${folder}/out.log")
`,
  'syslog-ng': (port, folder) => `
@version: 3.38
source s { syslog(ip("127.0.0.1") port(${port}) transport("tcp")); };
destination d { file("${folder}/out.log"); };
log { source(s); destination(d); };
`,
};

test.for(['rsyslog', 'syslog-ng'] as const)(
  'what %s has read when it ends is confirmed, and what it has not when it hangs and is killed is in doubt',
  { timeout: peerTestTimeoutMs },
  async (name, context) => {
    await needPeer(context, name);
    const folder = testFolder();
    const port = await freePort();
    const start = () => startPeer(name, listening[name](port, folder), { folder, ports: [port] });
    const written = () => linesOf(`${folder}/out.log`).length;

    const first = await start();
    await using sink = sinkTo(port, { transport: 'tcp' });
    await sink.send(payloads('a', 'b', 'c'), never);
    await until(() => written() === 3);
    await first[Symbol.asyncDispose]();
    await until(() => sink.unconfirmed?.() === 0);
    expect(sink.takeInDoubt?.()).toBe(0);

    const second = await start();
    await sink.send(payloads('d'), never);
    await until(() => written() === 4);
    await second.hang();
    await sink.send(payloads('e', 'f'), never);
    await second.kill();
    let inDoubt = 0;
    await until(() => {
      inDoubt += sink.takeInDoubt?.() ?? 0;
      return inDoubt > 0;
    });
    // All of the connection: which of them had been read is not known.
    expect(inDoubt).toBe(3);

    await using _third = await start();
    await sink.send(payloads('d', 'e', 'f'), never);
    await sink[Symbol.asyncDispose]();
    expect(sink.takeInDoubt?.()).toBe(0);
    await until(() => written() === 7);
  },
);
