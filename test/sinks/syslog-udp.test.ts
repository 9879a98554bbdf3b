import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { syslog } from '../../src/sinks/syslog.ts';
import { anEvent } from '../support/event.ts';
import { payloads, sinkContext, sinkContract } from '../support/sink-contract.ts';
import { parse3164, parse5424 } from '../support/syslog-parser.ts';

const never = new AbortController().signal;

/** A UDP receiver on 127.0.0.1 or ::1; keeps each datagram. */
class UdpReceiver implements AsyncDisposable {
  readonly datagrams: Buffer[] = [];
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.datagrams.push(datagram));
  }

  static async listen(): Promise<UdpReceiver> {
    const socket = createSocket('udp4');
    const receiver = new UdpReceiver(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return receiver;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async received(count: number): Promise<readonly Buffer[]> {
    while (this.datagrams.length < count) await once(this.#socket, 'message');
    return this.datagrams;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

function udpSink(port: number, extra: object = {}) {
  const options = { host: '127.0.0.1', port, transport: 'udp', ...extra };
  return syslog.create(syslog.options.parse(options), sinkContext());
}

sinkContract('syslog over udp', {
  async open() {
    const receiver = await UdpReceiver.listen();
    const sink = udpSink(receiver.port);
    return {
      sink,
      received: async (count) => (await receiver.received(count)).map((datagram) => parse5424(datagram).text),
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await receiver[Symbol.asyncDispose]();
      },
    };
  },
});

test('a datagram holds exactly our message: one header, no frame, no line end', async () => {
  await using receiver = await UdpReceiver.listen();
  await using sink = udpSink(receiver.port);
  await sink.send(payloads('CEF:0|é😀'), never);
  const [datagram] = await receiver.received(1);
  expect(datagram?.toString()).toBe(
    '<131>1 2026-11-03T08:26:10.123456Z connector.contoso.com defender-siem - graph-alert - CEF:0|é😀',
  );
});

test('RFC 3164 goes by UDP too', async () => {
  await using receiver = await UdpReceiver.listen();
  await using sink = udpSink(receiver.port, { rfc: 3164 });
  await sink.send(payloads('CEF:0|a'), never);
  const [datagram] = await receiver.received(1);
  expect(parse3164(datagram ?? Buffer.of()).text).toBe('CEF:0|a');
});

test('a message fills 1024 bytes by default; a longer one is refused and the rest goes on', async () => {
  await using receiver = await UdpReceiver.listen();
  await using sink = udpSink(receiver.port);
  const room = sink.payloadBytes(anEvent());
  const outcomes = await sink.send(payloads('x'.repeat(room + 1), 'x'.repeat(room)), never);
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(['rejected', 'accepted']);
  expect((await receiver.received(1)).map((datagram) => datagram.length)).toEqual([1024]);
});

test('a host name is looked up', async () => {
  await using receiver = await UdpReceiver.listen();
  await using sink = udpSink(receiver.port, { host: 'localhost' });
  const [outcome] = await sink.send(payloads('x'), never);
  expect(outcome).toEqual({ kind: 'accepted' });
});

test('a name that does not exist throws and says so', async () => {
  await using sink = udpSink(514, { host: 'no-such-host.invalid' });
  await expect(sink.send(payloads('x'), never)).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringMatching(/sink siem: udp:\/\/no-such-host\.invalid:514: .*DNS/),
  });
});

test('a datagram that the kernel refuses throws and says where it was to go', async () => {
  // Broadcast needs a socket option that the sink does not set.
  await using sink = udpSink(514, { host: '255.255.255.255' });
  await expect(sink.send(payloads('x'), never)).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringContaining('sink siem: udp://255.255.255.255:514'),
  });
});

test('a sink that was disposed of opens anew', async () => {
  await using receiver = await UdpReceiver.listen();
  await using sink = udpSink(receiver.port);
  await sink.send(payloads('first'), never);
  await sink[Symbol.asyncDispose]();
  await sink.send(payloads('second'), never);
  expect((await receiver.received(2)).map((datagram) => parse5424(datagram).text)).toEqual([
    'first',
    'second',
  ]);
});
