import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { RelpDecoder } from '../../src/sinks/relp-frame.ts';
import { syslog } from '../../src/sinks/syslog.ts';
import { createAuthority } from '../support/certificates.ts';
import { anEvent } from '../support/event.ts';
import { HeldClock } from '../support/held-clock.ts';
import { RelpReceiver } from '../support/relp-receiver.ts';
import { payloads, sinkContext, sinkContract } from '../support/sink-contract.ts';
import { parse5424 } from '../support/syslog-parser.ts';

const never = new AbortController().signal;

function relpSink(port: number, extra: object = {}, context = sinkContext()) {
  const options = { host: '127.0.0.1', port, transport: 'relp', ...extra };
  return syslog.create(syslog.options.parse(options), context);
}

const textOf = (message: Buffer) => parse5424(message).text;
const names = (count: number) => Array.from({ length: count }, (_, i) => `event ${i}`);

sinkContract('syslog over relp', {
  async open() {
    const receiver = await RelpReceiver.listen();
    const sink = relpSink(receiver.port);
    return {
      sink,
      received: async (count) => (await receiver.received(count)).map(textOf),
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await receiver[Symbol.asyncDispose]();
        expect(receiver.violations).toEqual([]);
      },
    };
  },
  async refused() {
    const receiver = await RelpReceiver.listen();
    const { port } = receiver;
    await receiver[Symbol.asyncDispose]();
    const sink = relpSink(port);
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
  async silent() {
    const receiver = await RelpReceiver.listen();
    receiver.hold();
    const sink = relpSink(receiver.port, {}, sinkContext({ clock: new HeldClock() }));
    return {
      sink,
      async [Symbol.asyncDispose]() {
        await receiver[Symbol.asyncDispose]();
        await sink[Symbol.asyncDispose]();
      },
    };
  },
});

test('many messages go through one session, never more of them on the way than the window allows', async () => {
  await using receiver = await RelpReceiver.listen();
  const sink = relpSink(receiver.port, { window: 7 }, sinkContext({ clock: new HeldClock() }));
  receiver.fault = () => {
    receiver.hold();
    setImmediate(() => receiver.release());
    return undefined;
  };
  await sink.send(payloads(...names(300)), never);
  await sink.send(payloads(...names(300)), never);
  await sink[Symbol.asyncDispose]();
  expect(receiver.messages.map(textOf)).toEqual([...names(300), ...names(300)]);
  expect(receiver).toMatchObject({ violations: [], opened: 1, closed: 1, mostOpen: 7 });
});

test('RELP over TLS', async () => {
  const authority = createAuthority();
  const { cert, key } = authority.issue('siem');
  await using receiver = await RelpReceiver.listen({ cert, key, ca: authority.cert });
  await using sink = relpSink(receiver.port, { tls: { verify: false } });
  await sink.send(payloads('secret'), never);
  expect(receiver.messages.map(textOf)).toEqual(['secret']);
});

test.each([
  ['reset', /reset|closed the connection/],
  ['serverclose', /the receiver closed the RELP session/],
  ['hang up', /closed the connection|reset/],
  ['wrong number', /answered number \d+, which is not open/],
  ['garbage', /no RELP frame/],
] as const)(
  '%s in mid-window: what was answered is accepted, the rest is in doubt',
  async (fault, reason) => {
    await using receiver = await RelpReceiver.listen();
    await using sink = relpSink(receiver.port, { window: 8 });
    receiver.fault = (message) => (textOf(message) === 'event 10' ? fault : undefined);
    const outcomes = await sink.send(payloads(...names(40)), never);
    expect(outcomes.slice(0, 4)).toEqual(Array(4).fill({ kind: 'accepted' }));
    const accepted = outcomes.filter(({ kind }) => kind === 'accepted').length;
    expect(accepted).toBeLessThanOrEqual(10);
    expect(outcomes[10]).toMatchObject({
      kind: 'deferred',
      reason: expect.stringMatching(reason),
      inDoubt: true,
    });
    // What never left is in no doubt.
    expect(outcomes.at(-1)).toEqual({ kind: 'deferred', reason: expect.stringMatching(reason) });
    receiver.fault = () => undefined;
    const rest = payloads(...names(40)).slice(accepted);
    expect(await sink.send(rest, never)).toEqual(rest.map(() => ({ kind: 'accepted' })));
    expect([...new Set(receiver.messages.map(textOf))]).toEqual(names(40));
    expect(receiver.violations).toEqual([]);
  },
);

test('a receiver that does not answer is given up after writeTimeout', async () => {
  await using receiver = await RelpReceiver.listen();
  const clock = new HeldClock();
  await using sink = relpSink(receiver.port, { writeTimeout: '7s' }, sinkContext({ clock }));
  await sink.probe(never);
  let waits = 0;
  // The first is for the kernel to take the message, the second for the answer.
  clock.passes = (ms) => ms === 7_000 && ++waits > 1;
  receiver.fault = () => 'no answer';
  expect(await sink.send(payloads('a'), never)).toEqual([
    { kind: 'deferred', reason: expect.stringMatching(/no answer to messages for 7000 ms/), inDoubt: true },
  ]);
});

test('a refused message is tried again, and given up when only it is refused', async () => {
  await using receiver = await RelpReceiver.listen();
  await using sink = relpSink(receiver.port);
  receiver.fault = (message) => (textOf(message) === 'event 1' ? 'refuse' : undefined);
  const batch = payloads(...names(3));
  const [, bad] = batch;
  if (bad === undefined) throw new Error('three payloads');
  const refused = { kind: 'deferred', reason: 'the receiver refuses: 500 the queue is full' };
  expect(await sink.send(batch, never)).toEqual([{ kind: 'accepted' }, refused, { kind: 'accepted' }]);
  for (let attempt = 2; attempt < 10; attempt++) expect(await sink.send([bad], never)).toEqual([refused]);
  expect(await sink.send([bad], never)).toEqual([
    { kind: 'rejected', reason: 'the receiver refused it 10 times: 500 the queue is full' },
  ]);
});

test('a receiver that refuses everything makes no dead letter', async () => {
  await using receiver = await RelpReceiver.listen();
  await using sink = relpSink(receiver.port);
  receiver.fault = () => 'refuse';
  const batch = payloads(...names(20));
  for (let attempt = 1; attempt <= 15; attempt++) {
    const outcomes = await sink.send(batch, never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(batch.map(() => 'deferred'));
  }
});

test.each([
  ['refuses a session', '500 no', /refuses a session: 500 no/],
  ['names no version', '200 OK\ncommands=syslog', /names no version of RELP/],
  ['does not take syslog', '200 OK\nrelp_version=0\ncommands=eventlog', /does not offer the RELP command/],
])('a receiver that %s is told by the probe', async (_case, greeting, message) => {
  await using receiver = await RelpReceiver.listen();
  receiver.greeting = greeting;
  await using sink = relpSink(receiver.port);
  await expect(sink.probe(never)).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringMatching(message),
  });
});

test('a receiver of plain syslog is told by the probe', async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let waits = 0;
  const clock = new HeldClock((ms) => ms === 30_000 && ++waits > 1);
  await using sink = relpSink(port, {}, sinkContext({ clock }));
  await expect(sink.probe(never)).rejects.toThrow(/no answer to the `open` of RELP/);
  server.close();
});

test('hints in place of an answer win a receiver no time', async () => {
  const server = createServer(async (socket) => {
    await once(socket, 'data');
    for (let hint = 0; hint < 5; hint++) {
      socket.write('0 hint 0\n');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.end('1 rsp 6 500 no\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const waits: number[] = [];
  const clock = new HeldClock((ms) => {
    waits.push(ms);
    return false;
  });
  await using sink = relpSink(port, { writeTimeout: '7s' }, sinkContext({ clock }));
  await expect(sink.probe(never)).rejects.toThrow(/refuses a session: 500 no/);
  // One for what is written, and one for the answer.
  expect(waits.filter((ms) => ms === 7_000).length).toBe(2);
  server.close();
});

test('a receiver that does not answer the farewell holds up no stop whose time is over', async () => {
  await using receiver = await RelpReceiver.listen();
  const sink = relpSink(receiver.port, {}, sinkContext({ clock: new HeldClock() }));
  await sink.send(payloads('a'), never);
  receiver.hold();
  const over = new AbortController();
  const ended = sink.end?.(over.signal);
  over.abort();
  await ended;
});

test('a session that the receiver closed while idle is noticed before the next batch', async () => {
  await using receiver = await RelpReceiver.listen();
  await using sink = relpSink(receiver.port);
  await sink.send(payloads('first'), never);
  receiver.reset();
  const outcomes = await sink.send(payloads('second'), never);
  expect(outcomes.every(({ kind }) => kind === 'accepted' || kind === 'deferred')).toBe(true);
  if (outcomes[0]?.kind === 'deferred') await sink.send(payloads('second'), never);
  expect(receiver.messages.map(textOf)).toEqual(['first', 'second']);
});

test('without maxMessageBytes no message is longer than imrelp takes', async () => {
  await using receiver = await RelpReceiver.listen();
  await using sink = relpSink(receiver.port);
  await sink.send(payloads('x'.repeat(sink.payloadBytes(anEvent()))), never);
  expect(receiver.messages[0]?.length).toBe(8096);
});

test('the port must be named, and tls may be', () => {
  expect(syslog.options.safeParse({ host: 'a', transport: 'relp' }).success).toBe(false);
  expect(syslog.options.safeParse({ host: 'a', transport: 'relp', port: 2514, tls: {} }).success).toBe(true);
});

test('frames are read however they are cut', () => {
  const bytes = Buffer.from('1 rsp 6 200 OK\n0 serverclose 0\n12 rsp 3 a\nb\n');
  for (let size = 1; size <= bytes.length; size++) {
    const decoder = new RelpDecoder();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size)
      frames.push(...decoder.push(bytes.subarray(at, at + size)));
    expect(frames.map(({ txnr, command, data }) => [txnr, command, data.toString()])).toEqual([
      [1, 'rsp', '200 OK'],
      [0, 'serverclose', ''],
      [12, 'rsp', 'a\nb'],
    ]);
  }
});

test.each(['x rsp 0\n', '1 rsp 2 abc\n', '1 rsp 0 \n', '1 rsp 999999999 a', '1234567890 rsp 0\n', '1 rsp\n'])(
  'what is no frame is refused: %j',
  (text) => {
    expect(() => new RelpDecoder().push(Buffer.from(text))).toThrow(/it (sent|announced)/);
  },
);
