import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { syslog } from '../../src/sinks/syslog.ts';
import { anEvent } from '../support/event.ts';
import { HeldClock } from '../support/held-clock.ts';
import { payloads, sinkContext, sinkContract } from '../support/sink-contract.ts';
import { parse3164, parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const never = new AbortController().signal;

function tcpSink(port: number, extra: object = {}, context = sinkContext()) {
  const options = { host: '127.0.0.1', port, transport: 'tcp', ...extra };
  return syslog.create(syslog.options.parse(options), context);
}

async function unusedPort(): Promise<number> {
  const receiver = await SyslogReceiver.listen();
  const { port } = receiver;
  await receiver[Symbol.asyncDispose]();
  return port;
}

for (const framing of ['octet-counting', 'newline'] as const) {
  sinkContract(`syslog over tcp, ${framing}`, {
    async open() {
      const receiver = await SyslogReceiver.listen(framing);
      const sink = tcpSink(receiver.port, { framing });
      return {
        sink,
        received: async (count) => (await receiver.received(count)).map((message) => parse5424(message).text),
        async [Symbol.asyncDispose]() {
          await sink[Symbol.asyncDispose]();
          await receiver[Symbol.asyncDispose]();
        },
      };
    },
    async refused() {
      const sink = tcpSink(await unusedPort(), { framing });
      return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
    },
  });
}

test('a refused connection is told in plain words with the address', async () => {
  const port = await unusedPort();
  await using sink = tcpSink(port);
  await expect(sink.probe(never)).rejects.toThrow(
    `sink siem: tcp://127.0.0.1:${port}: the connection was refused`,
  );
});

test('a name that does not exist is told in plain words', async () => {
  await using sink = tcpSink(514, { host: 'no-such-host.invalid' });
  await expect(sink.probe(never)).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringMatching(/tcp:\/\/no-such-host\.invalid:514: .*DNS/),
  });
});

test('RFC 3164 with and without a tag', async () => {
  await using receiver = await SyslogReceiver.listen();
  await using tagged = tcpSink(receiver.port, { rfc: 3164 });
  await using bare = tcpSink(receiver.port, { rfc: 3164, tag: 'none' });
  await tagged.send(payloads('CEF:0|a'), never);
  await bare.send(payloads('CEF:0|b'), never);
  const [first, second] = await receiver.received(2);
  expect(parse3164(first ?? Buffer.of())).toMatchObject({ app: 'defender-siem', text: 'CEF:0|a' });
  expect(parse3164(second ?? Buffer.of(), false)).toMatchObject({ app: '-', text: 'CEF:0|b' });
});

test('one connection serves many batches', async () => {
  await using receiver = await SyslogReceiver.listen();
  await using sink = tcpSink(receiver.port);
  for (let batch = 1; batch <= 5; batch++) await sink.send(payloads('a', 'b'), never);
  await receiver.received(10);
  expect(receiver.connections).toBe(1);
});

test('a message fills maxMessageBytes to the byte, one byte more is refused, and the rest goes on', async () => {
  await using receiver = await SyslogReceiver.listen();
  await using sink = tcpSink(receiver.port, { maxMessageBytes: 1000 });
  const room = sink.payloadBytes(anEvent());
  const [fits, tooLong] = payloads('x'.repeat(room), 'x'.repeat(room + 1));
  if (fits === undefined || tooLong === undefined) throw new Error('two payloads');
  const outcomes = await sink.send([fits, tooLong, fits], never);
  expect(outcomes).toEqual([
    { kind: 'accepted' },
    { kind: 'rejected', reason: 'the message has 1001 bytes, maxMessageBytes allows 1000' },
    { kind: 'accepted' },
  ]);
  expect((await receiver.received(2)).map((message) => message.length)).toEqual([1000, 1000]);
});

test('without maxMessageBytes no message is longer than rsyslog takes', async () => {
  await using receiver = await SyslogReceiver.listen();
  await using sink = tcpSink(receiver.port);
  await sink.send(payloads('x'.repeat(sink.payloadBytes(anEvent()))), never);
  const [message] = await receiver.received(1);
  expect(message?.length).toBe(8096);
});

test('a peer that hung up while idle is noticed before the next batch, which takes a new connection', async () => {
  await using receiver = await SyslogReceiver.listen();
  await using sink = tcpSink(receiver.port);
  await sink.send(payloads('first'), never);
  await receiver.received(1);
  await receiver.hangUp();
  await sink.send(payloads('second'), never);
  const texts = (await receiver.received(2)).map((message) => parse5424(message).text);
  expect(texts).toEqual(['first', 'second']);
  expect(receiver.connections).toBe(2);
});

test('a reset in mid-batch throws, and the next batch takes a new connection', async () => {
  await using receiver = await SyslogReceiver.listen();
  await using sink = tcpSink(receiver.port, { maxMessageBytes: '2MiB' });
  receiver.onConnection = (socket) => socket.once('data', () => socket.resetAndDestroy());
  // More than any socket buffer takes, so that the write cannot be over before the reset.
  const large = payloads(...Array.from({ length: 32 }, () => 'x'.repeat(2 ** 20)));
  await expect(sink.send(large, never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  receiver.onConnection = undefined;
  await sink.send(payloads('after'), never);
  expect((await receiver.received(1)).map((message) => parse5424(message).text)).toEqual(['after']);
});

test('a peer that stops reading is given up after writeTimeout', async () => {
  await using receiver = await SyslogReceiver.listen();
  const clock = new HeldClock();
  await using sink = tcpSink(
    receiver.port,
    { maxMessageBytes: '2MiB', writeTimeout: '7s' },
    sinkContext({ clock }),
  );
  const stalled = Promise.withResolvers<Socket>();
  receiver.onConnection = (socket) => stalled.resolve(socket.pause());
  await sink.send(payloads('first'), never);
  const socket = await stalled.promise;
  const closed = once(socket, 'close');
  clock.passes = (ms) => ms === 7_000;
  const large = payloads(...Array.from({ length: 32 }, () => 'x'.repeat(2 ** 20)));
  await expect(sink.send(large, never)).rejects.toThrow(/the receiver has not read for 7000 ms/);
  socket.resume();
  await closed;
});

test('an abort in mid-write ends it with the reason and hangs up', async () => {
  await using receiver = await SyslogReceiver.listen();
  const clock = new HeldClock();
  await using sink = tcpSink(receiver.port, { maxMessageBytes: '2MiB' }, sinkContext({ clock }));
  const stalled = Promise.withResolvers<Socket>();
  receiver.onConnection = (socket) => stalled.resolve(socket.pause());
  await sink.send(payloads('first'), never);
  const socket = await stalled.promise;
  const closed = once(socket, 'close');
  const stop = new AbortController();
  const large = payloads(...Array.from({ length: 32 }, () => 'x'.repeat(2 ** 20)));
  const sent = sink.send(large, stop.signal);
  setImmediate(() => stop.abort(new Error('stop')));
  await expect(sent).rejects.toThrow('stop');
  socket.resume();
  await closed;
});

test('a sink that is disposed of says goodbye', async () => {
  await using receiver = await SyslogReceiver.listen();
  const ended = Promise.withResolvers<void>();
  receiver.onConnection = (socket) => socket.resume().once('end', () => ended.resolve());
  const sink = tcpSink(receiver.port);
  await sink.probe(never);
  await sink[Symbol.asyncDispose]();
  await ended.promise;
});

test.each([
  ['facility kern', { facility: 'kern' }],
  ['facility 0', { facility: 0 }],
  ['facility 24', { facility: 24 }],
  ['a message size below 480', { maxMessageBytes: 479 }],
  ['a time zone that is none', { timeZone: 'Mars/Olympus' }],
  ['an SD-ID without an enterprise number', { structuredData: { mine: { a: 'b' } } }],
  ['a URL for a host', { host: 'tls://siem.example' }],
  ['a host with its port', { host: 'siem.example:6514' }],
  ['a host in brackets', { host: '[2001:db8::1]' }],
  ['an empty host', { host: ' ' }],
  ['tls with tcp', { transport: 'tcp', tls: {} }],
  ['a datagram beyond UDP', { transport: 'udp', maxMessageBytes: 65_508 }],
  ['an unknown option', { colour: 'blue' }],
])('the schema refuses %s', (_case, extra) => {
  expect(syslog.options.safeParse({ host: 'siem.example', ...extra }).success).toBe(false);
});

test.each(['siem', 'siem.example.', 'my_siem.internal', '192.0.2.1', '2001:db8::1', 'fe80::1%eth0'])(
  'the schema takes the host %s',
  (host) => {
    expect(syslog.options.safeParse({ host }).success).toBe(true);
  },
);

test('the defaults are TLS, octet counting, RFC 5424 and local0', () => {
  expect(syslog.options.parse({ host: 'siem.example' })).toMatchObject({
    transport: 'tls',
    framing: 'octet-counting',
    rfc: 5424,
    facility: 16,
    connectTimeout: 10_000,
    writeTimeout: 30_000,
  });
});

test('a connection that is not opened in time is given up', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clock = new HeldClock((ms) => ms === 4_000);
  // The port takes the connection but never speaks TLS.
  const options = syslog.options.parse({ host: '127.0.0.1', port, connectTimeout: '4s' });
  await using sink = syslog.create(options, sinkContext({ clock }));
  await expect(sink.probe(never)).rejects.toThrow(/no connection for 4000 ms/);
  server.close();
});
