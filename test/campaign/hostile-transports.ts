import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Sink } from '../../src/sinks/sink.ts';
import { StdoutSink } from '../../src/sinks/stdout.ts';
import { createAuthority } from '../support/certificates.ts';
import type { Section } from '../support/connector-config.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { RelpReceiver } from '../support/relp-receiver.ts';
import { parse3164, parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

/** A transport, and a receiver of it that reads strictly. */
export interface Transport extends AsyncDisposable {
  readonly name: string;
  /** As it stands in the configuration, but for the format. */
  readonly section: Section;
  /** In place of the one that the configuration makes: standard output is the test's own. */
  readonly sink?: Sink;
  /** Returns what has arrived since the last call: the texts of whole messages. Throws at whatever breaks the framing. */
  take(format: string): readonly string[];
}

/** Opens one receiver for each way that events can leave. */
export async function openTransports(folder: string): Promise<readonly Transport[]> {
  const authority = createAuthority();
  const certificate = authority.issue('127.0.0.1');
  writeFileSync(join(folder, 'receiver-ca.pem'), authority.cert);
  const tls = { tls: { ca: './receiver-ca.pem' } };
  const octets = await SyslogReceiver.listen('octet-counting');
  const lines = await SyslogReceiver.listen('newline');
  const secure = await SyslogReceiver.listen('octet-counting', certificate);
  const relp = await RelpReceiver.listen();
  const modern = (message: Buffer) => parse5424(message).text;
  const old = (message: Buffer) => parse3164(message).text;
  return [
    await udp(),
    syslog('tcp', octets, modern, { port: octets.port, transport: 'tcp' }),
    syslog('tcp-lines', lines, old, { port: lines.port, transport: 'tcp', framing: 'newline', rfc: 3164 }),
    syslog('tls', secure, modern, { port: secure.port, transport: 'tls', ...tls }),
    syslog('relp', relp, modern, { port: relp.port, transport: 'relp' }),
    http('http-lines', await HttpReceiver.listen(), { type: 'http' }, linesOf),
    http('http-array', await HttpReceiver.listen(), { type: 'http', body: 'array' }, arrayItems),
    http(
      'http-single',
      await HttpReceiver.listen(certificate),
      { type: 'http', body: 'single', ...tls },
      (body) => [body],
    ),
    http(
      'hec',
      await HttpReceiver.listen(certificate),
      { type: 'splunk-hec', token: 'none', ...tls },
      hecTexts,
    ),
    file(folder),
    stdout(),
  ];
}

const syslogSection = { type: 'syslog', host: '127.0.0.1', maxMessageBytes: 60_000 };

function syslog(
  name: string,
  receiver: Pick<SyslogReceiver, 'messages'> & AsyncDisposable,
  textOf: (message: Buffer) => string,
  section: Section,
): Transport {
  return {
    name,
    section: { name, ...syslogSection, ...section },
    take: () => receiver.messages.splice(0).map(textOf),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

async function udp(): Promise<Transport> {
  const messages: Buffer[] = [];
  const socket = createSocket({ type: 'udp4', recvBufferSize: 2 ** 22 });
  socket.on('message', (message) => messages.push(message));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const receiver = {
    messages,
    [Symbol.asyncDispose]: async () => void socket.close(),
  };
  return syslog('udp', receiver, (message) => parse5424(message).text, {
    port: socket.address().port,
    transport: 'udp',
  });
}

function http(
  name: string,
  receiver: HttpReceiver,
  section: Section,
  textsOf: (body: string, format: string) => readonly string[],
): Transport {
  receiver.answer = () => ({ status: 200, body: '{"text":"Success","code":0}' });
  return {
    name,
    section: { name, url: receiver.url, ...section },
    take: (format) => receiver.requests.splice(0).flatMap(({ body }) => textsOf(body, format)),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

/** A file has one writer: the name of its sink, and so that of its format, ends each path. */
function file(folder: string): Transport {
  const path = join(folder, 'events.log');
  const read = new Map<string, number>();
  return {
    name: 'file',
    section: { name: 'file', type: 'file', path },
    take: (format) => {
      const own = `${path}.${format}`;
      const bytes = existsSync(own) ? readFileSync(own).subarray(read.get(format)) : Buffer.alloc(0);
      read.set(format, (read.get(format) ?? 0) + bytes.length);
      return linesOf(bytes.toString('utf8'));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function stdout(): Transport {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString('utf8');
      done();
    },
  });
  return {
    name: 'stdout',
    section: { name: 'stdout', type: 'stdout' },
    sink: new StdoutSink(stream, 'stdout'),
    take: () => {
      const lines = linesOf(written);
      written = '';
      return lines;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** The elements of a JSON array: strings, or with the format json the elements as they stand there. */
function arrayItems(body: string, format: string): string[] {
  const items = JSON.parse(body) as readonly unknown[];
  if (format !== 'json') return items as string[];
  // Strings hidden, what is left of the structure is plain.
  const shape = body.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, (text) => '_'.repeat(text.length));
  const found: string[] = [];
  let start = 1;
  let depth = 0;
  for (let at = 1; at < shape.length - 1; at++) {
    if ('{['.includes(shape.charAt(at))) depth += 1;
    else if ('}]'.includes(shape.charAt(at))) depth -= 1;
    else if (shape.charAt(at) === ',' && depth === 0) {
      found.push(body.slice(start, at));
      start = at + 1;
    }
  }
  found.push(body.slice(start, -1));
  if (found.length !== items.length) throw new Error('the array does not hold what it seems to hold');
  return found;
}

/** The event of each envelope; with the format json as it stands there. */
function hecTexts(body: string, format: string): string[] {
  return linesOf(body).map((line) => {
    const envelope = JSON.parse(line) as { readonly event: unknown };
    if (format !== 'json') return String(envelope.event);
    const start = line.indexOf('"event":') + '"event":'.length;
    return line.slice(start, line.lastIndexOf(',"fields":'));
  });
}
