import { describe, expect, test } from 'vitest';
import type { Sink } from '../../src/sinks/sink.ts';
import { syslog } from '../../src/sinks/syslog.ts';
import { Unconfirmed } from '../../src/sinks/unconfirmed.ts';
import { createAuthority } from '../support/certificates.ts';
import { FailingReceiver } from '../support/failing-receiver.ts';
import { HeldClock } from '../support/held-clock.ts';
import { payloads, sinkContext } from '../support/sink-contract.ts';
import { parse5424 } from '../support/syslog-parser.ts';

const never = new AbortController().signal;
const authority = createAuthority();
const { cert, key } = authority.issue('siem');

/** A batch that no buffer in a receiver's process takes, and that fits into those of the kernel. */
const large = (name: string) =>
  payloads(...Array.from({ length: 100 }, (_, i) => `${name}-${i} ${'x'.repeat(5_000)}`));
const accepted = (count: number) => Array.from({ length: count }, () => ({ kind: 'accepted' }));

/** Lets sockets do what they do until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** What `takeInDoubt` reports once it reports anything. */
async function inDoubt(sink: Sink): Promise<number> {
  let events = 0;
  await until(() => {
    events = sink.takeInDoubt?.() ?? 0;
    return events > 0;
  });
  return events;
}

describe.each([
  ['tcp', undefined],
  ['tls', { cert, key }],
] as const)('what a receiver has not read, over %s', (transport, tls) => {
  async function rig(extra: object = {}, clock = new HeldClock((ms) => ms <= 2_000)) {
    const receiver = await FailingReceiver.listen(tls);
    const options = { host: '127.0.0.1', port: receiver.port, transport, ...extra };
    const verify = tls === undefined ? {} : { tls: { verify: false } };
    const sink = syslog.create(syslog.options.parse({ ...options, ...verify }), sinkContext({ clock }));
    return {
      receiver,
      sink,
      clock,
      async [Symbol.asyncDispose]() {
        await receiver[Symbol.asyncDispose]();
        await sink[Symbol.asyncDispose]();
      },
    };
  }

  test('is in doubt when the connection is reset, all of it, and once', async () => {
    await using it = await rig();
    it.receiver.pace = 'hangs';
    expect(await it.sink.send(large('a'), never)).toEqual(accepted(100));
    expect(await it.sink.send(large('b'), never)).toEqual(accepted(100));
    expect(it.sink.unconfirmed?.()).toBe(200);
    it.receiver.reset();
    expect(await inDoubt(it.sink)).toBe(200);
    expect(it.sink.takeInDoubt?.()).toBe(0);
    expect(it.sink.unconfirmed?.()).toBe(0);
  });

  test('is in doubt when a process that hangs ends', async () => {
    await using it = await rig();
    it.receiver.pace = 'hangs';
    await it.sink.send(large('a'), never);
    it.receiver.close();
    expect(await inDoubt(it.sink)).toBe(100);
  });

  test('is nothing when the receiver closes after it has read everything', async () => {
    await using it = await rig();
    await it.sink.send(large('a'), never);
    await it.receiver.received(100);
    it.receiver.close();
    await until(() => it.sink.unconfirmed?.() === 0);
    expect(it.sink.takeInDoubt?.()).toBe(0);
  });

  test('is in doubt when the receiver ends its own direction only: it may or may not read on', async () => {
    await using it = await rig();
    it.receiver.pace = 'hangs';
    await it.sink.send(large('a'), never);
    it.receiver.halfClose();
    expect(await inDoubt(it.sink)).toBe(100);
  });

  test('is in doubt when the receiver does not read for writeTimeout, and before the next batch', async () => {
    await using it = await rig({ writeTimeout: '7s', maxMessageBytes: '2MiB' });
    it.receiver.pace = 'hangs';
    await it.sink.send(payloads('first'), never);
    it.clock.passes = (ms) => ms === 7_000 || ms <= 2_000;
    const huge = payloads(...Array.from({ length: 64 }, () => 'x'.repeat(2 ** 20)));
    await expect(it.sink.send(huge, never)).rejects.toThrow('the receiver has not read for 7000 ms');
    // Nothing more goes out while it is not known what became of the first.
    await expect(it.sink.send(payloads('second'), never)).rejects.toThrow(
      /1 events before these may be lost/,
    );
    expect(it.sink.takeInDoubt?.()).toBe(1);
  });

  test('gets no more once it hangs: the receiver has to show first that it lives', async () => {
    await using it = await rig({ confirm: '1m', writeTimeout: '7s' });
    it.receiver.pace = 'hangs';
    await it.sink.send(large('a'), never);
    it.clock.nowMs += 60_000;
    it.clock.passes = (ms) => ms === 7_000 || ms <= 2_000;
    await expect(it.sink.send(payloads('b'), never)).rejects.toThrow(/100 events before these may be lost/);
    expect(it.sink.takeInDoubt?.()).toBe(100);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(it.sink.send(payloads('b'), never)).rejects.toThrow(/did not answer the end of one/);
    }
    it.clock.passes = (ms) => ms <= 2_000;
    it.receiver.pace = 'reads';
    expect(await it.sink.send(payloads('b'), never)).toEqual(accepted(1));
    await it.receiver.received(1);
    await until(() => it.receiver.messages.some((message) => parse5424(message).text === 'b'));
  });

  test('is in doubt when the receiver ends the connection as we are about to: that is no answer', async () => {
    await using it = await rig({ confirm: '1m', writeTimeout: '7s' });
    it.receiver.pace = 'hangs';
    await it.sink.send(large('a'), never);
    it.clock.nowMs += 60_000;
    it.clock.passes = (ms) => ms === 2_000 || ms === 50;
    const next = it.sink.send(payloads('b'), never);
    it.receiver.halfClose();
    await expect(next).rejects.toThrow(/100 events before these may be lost/);
    expect(it.sink.takeInDoubt?.()).toBe(100);
  });

  test('is confirmed by ending the connection when it is time, and the next batch takes a new one', async () => {
    await using it = await rig({ confirm: '1m' }, new HeldClock((ms) => ms <= 2_000));
    await it.sink.send(payloads('a'), never);
    await it.sink.send(payloads('b'), never);
    expect(it.receiver.taken).toBe(1);
    expect(it.sink.unconfirmed?.()).toBe(2);
    it.clock.nowMs += 60_000;
    await it.sink.send(payloads('c'), never);
    expect(it.receiver.taken).toBe(2);
    expect(it.sink.unconfirmed?.()).toBe(1);
    expect(it.sink.takeInDoubt?.()).toBe(0);
    expect(it.receiver.messages.slice(0, 2).map((message) => parse5424(message).text)).toEqual(['a', 'b']);
  });

  test('is confirmed in the same way while nothing is sent', async () => {
    await using it = await rig({ confirm: '1m' }, new HeldClock((ms) => ms <= 2_000 || ms === 60_000));
    await it.sink.send(payloads('a'), never);
    await until(() => it.sink.unconfirmed?.() === 0);
    expect(it.sink.takeInDoubt?.()).toBe(0);
    expect(it.receiver.messages.map((message) => parse5424(message).text)).toEqual(['a']);
  });

  test('is known at our own end: nothing after an answer, all without one', async () => {
    await using good = await rig({}, new HeldClock((ms) => ms < 2_000));
    await good.sink.send(large('a'), never);
    await good.sink[Symbol.asyncDispose]();
    expect(good.sink.takeInDoubt?.()).toBe(0);
    expect(good.receiver.messages.length).toBe(100);

    await using bad = await rig();
    bad.receiver.pace = 'hangs';
    await bad.sink.send(large('a'), never);
    await bad.sink[Symbol.asyncDispose]();
    expect(bad.sink.takeInDoubt?.()).toBe(100);
  });

  test('is in doubt at once when there is no time left for a farewell', async () => {
    await using it = await rig();
    await it.sink.send(large('a'), never);
    it.receiver.pace = 'hangs';
    it.clock.passes = () => false;
    const over = new AbortController();
    const ended = it.sink.end?.(over.signal);
    over.abort();
    await ended;
    expect(it.sink.takeInDoubt?.()).toBe(100);
  });

  test('a slow receiver is no lost one', async () => {
    await using it = await rig({ confirm: '1m' }, new HeldClock((ms) => ms <= 2_000));
    it.receiver.pace = 'slow';
    await it.sink.send(payloads('a', 'b'), never);
    it.clock.nowMs += 60_000;
    await it.sink.send(payloads('c'), never);
    expect(it.sink.takeInDoubt?.()).toBe(0);
  });

  test('the probe tells a receiver that takes connections and hangs', async () => {
    await using it = await rig({ writeTimeout: '7s' }, new HeldClock((ms) => ms === 7_000 || ms <= 2_000));
    it.receiver.pace = 'hangs';
    await expect(it.sink.probe(never)).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
      message: expect.stringMatching(/takes connections but did not answer the end of one for 7000 ms/),
    });
  });

  test('with `confirm: 0s` a receiver that never answers an end is served all the same', async () => {
    await using it = await rig({ confirm: '0s' });
    it.receiver.pace = 'hangs';
    await it.sink.probe(never);
    await it.sink.send(payloads('a'), never);
    it.clock.nowMs += 3_600_000;
    expect(await it.sink.send(payloads('b'), never)).toEqual(accepted(1));
    expect(it.receiver.taken).toBe(1);
  });
});

test('what so many bytes were written after must have been read', () => {
  const unconfirmed = new Unconfirmed(100);
  unconfirmed.add(60, 6, 1);
  unconfirmed.add(60, 7, 2);
  expect(unconfirmed).toMatchObject({ payloads: 13, sinceMs: 1 });
  unconfirmed.add(40, 8, 3);
  expect(unconfirmed).toMatchObject({ payloads: 15, sinceMs: 2 });
  unconfirmed.add(500, 1, 4);
  expect(unconfirmed).toMatchObject({ payloads: 1, sinceMs: 4 });
  expect(unconfirmed.clear()).toBe(1);
  expect(unconfirmed).toMatchObject({ payloads: 0, sinceMs: undefined });
});
