import { catalogue } from '../../../src/catalogue.ts';
import type { Formatter } from '../../../src/formats/format.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Payload, Sink } from '../../../src/sinks/sink.ts';
import { portsOf, type ReceiverPorts, type Stage } from '../stage.ts';
import { eventsOf, formatterOf } from './formatting.ts';

const neverAborted = new AbortController().signal;
/** Events that a dispatcher hands over at once. */
const batchEvents = 500;

/** A way of delivery: the sink's type with its options, and the format it writes. */
export interface Way {
  readonly name: string;
  readonly title: string;
  readonly format: string;
  readonly type: string;
  /** Whether the receiver counts the messages. */
  readonly counted: boolean;
  options(ports: ReceiverPorts): Readonly<Record<string, unknown>>;
}

const syslog = { host: '127.0.0.1', maxMessageBytes: '64KiB' };

/** The ways that are measured. */
export const ways: readonly Way[] = [
  {
    name: 'tcp',
    title: 'CEF over TCP, octet counting',
    format: 'cef',
    type: 'syslog',
    counted: true,
    options: ({ tcp }) => ({ ...syslog, transport: 'tcp', port: tcp }),
  },
  {
    name: 'tls',
    title: 'CEF over TLS, octet counting',
    format: 'cef',
    type: 'syslog',
    counted: true,
    options: ({ tls, ca }) => ({ ...syslog, transport: 'tls', port: tls, tls: { ca } }),
  },
  {
    name: 'json',
    title: 'JSON as it came over TCP, octet counting',
    format: 'json',
    type: 'syslog',
    counted: true,
    options: ({ tcp }) => ({ ...syslog, transport: 'tcp', port: tcp }),
  },
  {
    name: 'hec',
    title: 'HTTP Event Collector, JSON with gzip over TLS',
    format: 'json',
    type: 'splunk-hec',
    counted: false,
    options: ({ https, ca }) => ({ url: `https://127.0.0.1:${https}`, token: 'bench', tls: { ca } }),
  },
];

/** Resolves with a sink as the configuration would make it. */
export async function sinkOf(way: Way, ports: ReceiverPorts): Promise<Sink> {
  const type = await catalogue.sinkTypes.find(({ name }) => name === way.type)?.load();
  if (type === undefined) throw new Error(`there is no sink type ${way.type}`);
  return type.create(type.options.parse(way.options(ports)), {
    name: 'bench',
    clock: systemClock,
    log: silentLog,
    hostname: 'bench.example',
    format: way.format,
    monitorTokens: () => {
      throw new Error('no receiver here asks for a tenant');
    },
    contentType: way.format === 'json' ? 'application/json' : 'text/plain; charset=utf-8',
  });
}

/** Resolves with the formatter of a way. */
export async function formatOf(way: Way): Promise<Formatter> {
  const format = await catalogue.formats.find(({ name }) => name === way.format)?.load();
  if (format === undefined) throw new Error(`there is no format ${way.format}`);
  return formatterOf(format);
}

/** Formatted events over each way, in the batches of a dispatcher. */
export const delivering: readonly Stage[] = ways.map((way) => ({
  name: `deliver-${way.name}`,
  title: `deliver ${way.title}`,
  delivers: way.counted ? 'counted' : 'taken',
  prepare: async (input) => {
    const formatter = await formatOf(way);
    const sink = await sinkOf(way, portsOf(input));
    await sink.probe(neverAborted);
    return {
      page: (file) => {
        const payloads: Payload[] = eventsOf({ kind: input.pages.kind, files: [file] }).flatMap((event) => {
          const formatted = formatter(event, Number.POSITIVE_INFINITY);
          return formatted.kind === 'formatted' ? [{ event, text: formatted.text }] : [];
        });
        return async () => {
          for (let at = 0; at < payloads.length; at += batchEvents) {
            await sink.send(payloads.slice(at, at + batchEvents), neverAborted);
          }
          return payloads.length;
        };
      },
    };
  },
}));
