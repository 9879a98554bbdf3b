import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.ts';
import { createAuthority } from '../support/certificates.ts';
import type { Section } from '../support/connector-config.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { RelpReceiver } from '../support/relp-receiver.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';
import { identityOf, type ReadableFormat } from './identity.ts';

/** An event as it arrived. */
export interface Arrival {
  /** `id version`. */
  readonly key: string;
  /** All of it but the time in the transport's header. */
  readonly content: string;
}

/** A sink of the connector, and what stands at its other end. */
export interface Outlet extends AsyncDisposable {
  readonly name: string;
  /** As it stands in the configuration. */
  readonly section: Section;
  /** What has arrived since the last call, in order. */
  take(): readonly Arrival[];
  /** Resolves once no connection is left, and all that came is here. */
  quiet(): Promise<void>;
  /** Called as an HTTP request is here, and before it is answered. */
  onRequest: (() => void) | undefined;
}

/** How many events one delivery holds at most. */
export const batchEvents = 20;
const common = {
  batch: { maxEvents: batchEvents, linger: '10ms' },
  retry: { initial: '50ms', max: '200ms' },
};

/** Opens one outlet of each kind; files are written into `folder`. */
export async function openOutlets(folder: string): Promise<readonly Outlet[]> {
  const authority = createAuthority();
  const server = authority.issue('127.0.0.1');
  writeFileSync(join(folder, 'receiver-ca.pem'), authority.cert);
  const tls = { tls: { ca: './receiver-ca.pem' } };
  const tcpReceiver = await SyslogReceiver.listen('octet-counting');
  const relpReceiver = await RelpReceiver.listen();
  const tlsReceiver = await SyslogReceiver.listen('newline', server);
  const syslog = { type: 'syslog', host: '127.0.0.1', maxMessageBytes: 60_000, ...common };
  return [
    syslogOutlet('tcp', 'cef', tcpReceiver, { ...syslog, transport: 'tcp' }),
    syslogOutlet('relp', 'cef', relpReceiver, { ...syslog, transport: 'relp' }),
    syslogOutlet('tls', 'leef', tlsReceiver, { ...syslog, transport: 'tls', framing: 'newline', ...tls }),
    httpOutlet('web', await HttpReceiver.listen(), linesOf, { type: 'http', format: 'json' }),
    hecOutlet(await HttpReceiver.listen(server), { ...tls, token }),
    fileOutlet(folder),
  ];
}

const token = 'a-token-of-the-campaign';

function syslogOutlet(
  name: string,
  format: ReadableFormat,
  receiver: SyslogReceiver | RelpReceiver,
  section: Section,
): Outlet {
  let taken = 0;
  return {
    name,
    section: { name, format, port: receiver.port, ...section },
    take: () => {
      const fresh = receiver.messages.slice(taken);
      taken += fresh.length;
      return fresh.map((message) => {
        const { text, timestamp: _sentAt, ...header } = parse5424(message);
        return { key: keyOf(format, text), content: JSON.stringify({ text, ...header }) };
      });
    },
    quiet: () => receiver.quiet(),
    onRequest: undefined,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

function httpOutlet(
  name: string,
  receiver: HttpReceiver,
  eventsOf: (body: string) => readonly Arrival[],
  section: Section,
  answerOf: (path: string, body: string) => string | undefined = () => '{"text":"Success","code":0}',
): Outlet {
  let arrived: Arrival[] = [];
  const outlet: Outlet = {
    name,
    section: { name, url: receiver.url, ...common, ...section },
    take: () => {
      const fresh = arrived;
      arrived = [];
      return fresh;
    },
    quiet: () => receiver.quiet(),
    onRequest: undefined,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
  receiver.answer = ({ path, body }) => {
    receiver.requests.length = 0;
    const answer = answerOf(path, body);
    if (!path.includes('/ack')) arrived.push(...eventsOf(body));
    outlet.onRequest?.();
    return { status: 200, ...(answer === undefined ? {} : { body: answer }) };
  };
  return outlet;
}

/** An event collector with indexer acknowledgement: each fourth batch is indexed at the second question only. */
function hecOutlet(receiver: HttpReceiver, options: Section): Outlet {
  let batches = 0;
  const slow = new Set<number>();
  const section = { type: 'splunk-hec', acknowledge: true, ...options };
  return httpOutlet('hec', receiver, hecEvents, section, (path, body) => {
    if (!path.includes('/ack')) {
      batches += 1;
      if (batches % 4 === 0) slow.add(batches);
      return JSON.stringify({ text: 'Success', code: 0, ackId: batches });
    }
    const { acks } = JSON.parse(body) as { acks: readonly number[] };
    // Deleting tells whether it was there.
    return JSON.stringify({ acks: Object.fromEntries(acks.map((id) => [String(id), !slow.delete(id)])) });
  });
}

/** What cannot be read stands for itself: nothing of that name was ever published. */
function keyOf(format: ReadableFormat, text: string): string {
  try {
    return identityOf(format, text);
  } catch (error) {
    return `unreadable (${messageOf(error)})`;
  }
}

function linesOf(body: string): Arrival[] {
  const lines = body.split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ key: keyOf('json', line), content: line }));
}

function hecEvents(body: string): Arrival[] {
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { event } = JSON.parse(line) as { event: unknown };
      return { key: keyOf('json', JSON.stringify(event)), content: line };
    });
}

function fileOutlet(folder: string): Outlet {
  const path = join(folder, 'events.ndjson');
  let read = 0;
  return {
    name: 'disk',
    section: { name: 'disk', type: 'file', format: 'json', path, ...common },
    take: () => {
      const bytes = bytesFrom(path, read);
      const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
      read += whole.length;
      return linesOf(whole.toString('utf8'));
    },
    quiet: async () => {},
    onRequest: undefined,
    [Symbol.asyncDispose]: async () => {},
  };
}

function bytesFrom(path: string, position: number): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const bytes = Buffer.alloc(Math.max(0, statSync(path).size - position));
  const file = openSync(path, 'r');
  const length = readSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
  return bytes.subarray(0, length);
}
