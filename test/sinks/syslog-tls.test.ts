import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterAll, expect, test, vi } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { syslog } from '../../src/sinks/syslog.ts';
import { type Certificate, createAuthority } from '../support/certificates.ts';
import { HeldClock } from '../support/held-clock.ts';
import { payloads, sinkContext, sinkContract } from '../support/sink-contract.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'syslog-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createAuthority();
const server = authority.issue('receiver');
const ca = file('ca.pem', authority.cert);
const clientFiles = save('client', authority.issue('connector'));
const strangerFiles = save('stranger', createAuthority('Another Root').issue('stranger'));
const mutual: TlsOptions = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function save(name: string, { cert, key }: Certificate) {
  return { cert: file(`${name}.pem`, cert), key: file(`${name}.key`, key) };
}

function tlsSink(port: number, tls: object, extra: object = {}, context = sinkContext()) {
  return syslog.create(syslog.options.parse({ host: '127.0.0.1', port, tls, ...extra }), context);
}

function textsOf(messages: readonly Buffer[]): string[] {
  return messages.map((message) => parse5424(message).text);
}

sinkContract('syslog over mutual TLS', {
  async open() {
    const receiver = await SyslogReceiver.listen('octet-counting', mutual);
    const sink = tlsSink(receiver.port, { ca, ...clientFiles });
    return {
      sink,
      received: async (count) => textsOf(await receiver.received(count)),
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await receiver[Symbol.asyncDispose]();
      },
    };
  },
  async silent() {
    // Takes the TCP connection and never answers the handshake.
    const receiver = await SyslogReceiver.listen();
    receiver.onConnection = () => {};
    const sink = tlsSink(receiver.port, { ca }, {}, sinkContext({ clock: new HeldClock() }));
    return {
      sink,
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await receiver[Symbol.asyncDispose]();
      },
    };
  },
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s delivers', async (version) => {
  await using receiver = await SyslogReceiver.listen('octet-counting', { ...server, maxVersion: version });
  await using sink = tlsSink(receiver.port, { ca });
  await sink.send(payloads('over tls'), never);
  expect(textsOf(await receiver.received(1))).toEqual(['over tls']);
});

test('TLS 1.1 is refused', async () => {
  const old: TlsOptions = {
    ...server,
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  };
  await using receiver = await SyslogReceiver.listen('octet-counting', old);
  await using sink = tlsSink(receiver.port, { ca });
  await expect(sink.probe(never)).rejects.toThrow(/TLS failed/);
});

test('a certificate of an unknown root names tls.ca', async () => {
  await using receiver = await SyslogReceiver.listen('octet-counting', server);
  await using sink = tlsSink(receiver.port, {});
  await expect(sink.send(payloads('x'), never)).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringMatching(/sink siem: tls:\/\/127\.0\.0\.1:\d+: .*not trusted.*`tls\.ca`/),
  });
});

test('a certificate for another name points to tls.serverName, and passes once that is set', async () => {
  const other = authority.issue('collector', ['collector.contoso.com']);
  await using receiver = await SyslogReceiver.listen('octet-counting', other);
  await using wrong = tlsSink(receiver.port, { ca });
  await expect(wrong.probe(never)).rejects.toThrow(/another host name.*`tls\.serverName`/);
  await using right = tlsSink(receiver.port, { ca, serverName: 'collector.contoso.com' });
  await right.probe(never);
});

test('the host name is sent as server name', async () => {
  const names = Promise.withResolvers<string | false | null>();
  await using receiver = await SyslogReceiver.listen('octet-counting', server);
  receiver.onConnection = (socket) => names.resolve((socket as TLSSocket).servername);
  await using sink = tlsSink(receiver.port, { ca }, { host: 'localhost' });
  await sink.probe(never);
  expect(await names.promise).toBe('localhost');
});

test('an expired certificate is told', async () => {
  const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
  const expired = authority.issue('receiver', ['127.0.0.1'], past);
  await using receiver = await SyslogReceiver.listen('octet-counting', expired);
  await using sink = tlsSink(receiver.port, { ca });
  await expect(sink.probe(never)).rejects.toThrow(/certificate has expired/);
});

test('verification turned off connects, and is loud in the log', async () => {
  const warn = vi.fn();
  await using receiver = await SyslogReceiver.listen('octet-counting', server);
  const context = sinkContext({ log: { ...silentLog, warn } });
  await using sink = tlsSink(receiver.port, { verify: false }, {}, context);
  await sink.probe(never);
  expect(warn).toHaveBeenCalledWith({ sink: 'siem' }, expect.stringContaining('not verified'));
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a receiver that demands a client certificate and gets none refuses before anything counts as sent, %s',
  async (version) => {
    await using receiver = await SyslogReceiver.listen('octet-counting', { ...mutual, maxVersion: version });
    // No wait passes, so that only the refusal itself can end the send.
    await using sink = tlsSink(receiver.port, { ca }, {}, sinkContext({ clock: new HeldClock() }));
    await expect(sink.send(payloads('x'), never)).rejects.toThrow(
      /(wants|demands) a client certificate.*`tls\.cert`/,
    );
    expect(receiver.messages).toEqual([]);
  },
);

test('a refused client certificate names tls.cert', async () => {
  await using receiver = await SyslogReceiver.listen('octet-counting', mutual);
  const context = sinkContext({ clock: new HeldClock() });
  await using sink = tlsSink(receiver.port, { ca, ...strangerFiles }, {}, context);
  await expect(sink.probe(never)).rejects.toThrow(/refuses the client certificate.*`tls\.cert`/);
});

test('a receiver that hangs up without a word after the handshake points to tls.cert as well', async () => {
  await using receiver = await SyslogReceiver.listen('octet-counting', server);
  receiver.onConnection = (socket) => socket.destroy();
  await using sink = tlsSink(receiver.port, { ca }, {}, sinkContext({ clock: new HeldClock() }));
  await expect(sink.send(payloads('x'), never)).rejects.toThrow(/right after the TLS handshake.*`tls\.cert`/);
});

test('a renewed client certificate is used by the next connection', async () => {
  const renewed = { cert: file('renewed.pem', ''), key: file('renewed.key', '') };
  const seen: string[] = [];
  await using receiver = await SyslogReceiver.listen('octet-counting', mutual);
  receiver.onConnection = (socket) => {
    seen.push(String((socket as TLSSocket).getPeerCertificate().subject.CN));
    socket.end();
  };
  for (const name of ['first', 'second']) {
    const { cert, key } = authority.issue(name);
    writeFileSync(renewed.cert, cert);
    writeFileSync(renewed.key, key);
    // The receiver hangs up at once: whether that is seen in time is no matter here.
    const sink = tlsSink(receiver.port, { ca, ...renewed });
    await sink.send(payloads('x'), never).catch(() => {});
    await sink[Symbol.asyncDispose]();
  }
  expect(seen).toEqual(['first', 'second']);
});

test('a port that speaks no TLS is told', async () => {
  await using receiver = await SyslogReceiver.listen();
  receiver.onConnection = (socket) => socket.end('220 hello\r\n');
  await using sink = tlsSink(receiver.port, { ca });
  await expect(sink.probe(never)).rejects.toThrow(/does not speak TLS/);
});

test('a missing certificate file is a problem of the configuration', async () => {
  await using sink = tlsSink(6514, { ca: join(folder, 'missing.pem') });
  await expect(sink.probe(never)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
