import { z } from 'zod';
import { ConnectorError } from '../../src/errors.ts';
import type { SecurityEvent } from '../../src/event.ts';
import { duration } from '../../src/fields/duration.ts';
import { secret } from '../../src/fields/secret.ts';
import { size } from '../../src/fields/size.ts';
import { tlsOptions } from '../../src/fields/tls.ts';
import { proxyUrl } from '../../src/fields/url.ts';
import { encodeContent } from '../../src/sinks/http-body.ts';
import { HttpChannel } from '../../src/sinks/http-channel.ts';
import { HttpDelivery, type Verdict } from '../../src/sinks/http-delivery.ts';
import { httpUrl } from '../../src/sinks/http-url.ts';
import type { Outcome, Payload, Sink, SinkContext, SinkType } from '../../src/sinks/sink.ts';
import { asksToSlowDown, hecCode, hecVerdict } from './answer.ts';
import { hecEvent } from './event.ts';

/** `TRUNCATE` of a source type that nobody has configured, bytes (formats reference §5.2). */
const unconfiguredTruncate = 10_000;
/** Most bytes of an event whose source type is configured by this folder's props.conf (`TRUNCATE = 1048576`). */
const configuredTruncate = 1_000_000;
/** Pause after an answer that asks for less speed, ms. */
const slowDownMs = 1_000;

const options = z.strictObject({
  url: httpUrl.describe(
    'The HTTP Event Collector: `https://host:8088`; `/services/collector/event` is added when there is no path.',
  ),
  token: secret.describe('Token of the HTTP Event Collector, without acknowledgement.'),
  index: z.string().min(1).optional().describe("Index of the events: by default the token's own."),
  source: z.string().min(1).default('defender-siem').describe('`source` of the events.'),
  sourcetype: z
    .string()
    .min(1)
    .optional()
    .describe(
      '`sourcetype` of the events; by default `ms365:defender:incident:alerts` for Graph alerts, `ms:defender:atp:alerts` for Defender for Endpoint alerts, `ms365:defender:detections` for SIEM detections.',
    ),
  host: z
    .string()
    .min(1)
    .optional()
    .describe("`host` of the events; by default the device's name, else this machine's."),
  maxEventBytes: size
    .refine((bytes) => bytes >= 1_000, { error: 'must be at least 1000' })
    .optional()
    .describe(
      "Largest event; longer ones are made shorter. Never above the source type's `TRUNCATE`. By default 1000000, with a `sourcetype` of your own 10000.",
    ),
  maxRequestBytes: size
    .refine((bytes) => bytes >= 10_000, { error: 'must be at least 10000' })
    .prefault(1_000_000)
    .describe('Largest request before compression.'),
  gzip: z.boolean().default(true).describe('Compress requests.'),
  acknowledge: z
    .boolean()
    .default(false)
    .refine((value) => !value, {
      error: 'indexer acknowledgement is not yet available: leave it out, and use a token without it',
    })
    .describe('Wait for indexer acknowledgement; not yet available.'),
  tls: tlsOptions.optional().describe('Whom to trust and who we are.'),
  proxy: proxyUrl.optional().describe('Proxy on the way to Splunk: `http://host:port`.'),
  timeout: duration.prefault('30s').describe('Longest wait for a whole answer.'),
});

type Options = z.output<typeof options>;

/** Splunk's HTTP Event Collector. */
export const splunkHec: SinkType<typeof options> = {
  type: 'splunk-hec',
  options,
  defaultFormat: 'json',
  create: (settings, context) => new HecSink(settings, context),
};

class HecSink implements Sink {
  readonly #options: Options;
  readonly #context: SinkContext;
  readonly #channel: HttpChannel;
  readonly #url: string;
  readonly #maxEventBytes: number;
  readonly #delivery: HttpDelivery;

  constructor(settings: Options, context: SinkContext) {
    this.#options = settings;
    this.#context = context;
    this.#channel = new HttpChannel(settings, context);
    this.#url = eventEndpoint(settings.url);
    const truncate = settings.sourcetype === undefined ? configuredTruncate : unconfiguredTruncate;
    this.#maxEventBytes = settings.maxEventBytes ?? truncate;
    const requests = {
      exchange: (payloads: readonly Payload[], signal: AbortSignal) => this.#exchange(payloads, signal),
      bytesOf: (payload: Payload) => Buffer.byteLength(this.#encode(payload)) + 1,
      maxBytes: settings.maxRequestBytes,
      maxEvents: Number.POSITIVE_INFINITY,
    };
    this.#delivery = new HttpDelivery(requests, context);
  }

  /** `TRUNCATE` counts the event alone; the request's limit also its metadata. */
  payloadBytes(event: SecurityEvent): number {
    const metadata = Buffer.byteLength(this.#encode({ event, text: '' })) + 1;
    return Math.max(0, Math.min(this.#maxEventBytes, this.#options.maxRequestBytes - metadata));
  }

  send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return this.#delivery.send(payloads, signal);
  }

  /** A request without events is refused as such (code 5) only once the token has passed. */
  async probe(signal: AbortSignal): Promise<void> {
    const response = await this.#post(Buffer.alloc(0), {}, signal);
    if (hecCode(response) === 5) return;
    const verdict = hecVerdict(response, this.#url, this.#context.clock.now(), this.#options.token.read());
    if (verdict.kind === 'accepted') return;
    const busy = response.status >= 500 || response.status === 429;
    const code = busy ? 'SINK_UNREACHABLE' : 'SINK_REFUSED';
    throw new ConnectorError(code, `sink ${this.#context.name}: ${verdict.reason}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
  }

  async #exchange(payloads: readonly Payload[], signal: AbortSignal): Promise<Verdict> {
    // Objects one after the other: neither an array nor commas between them (formats reference §5.2).
    const bytes = Buffer.from(payloads.map((payload) => this.#encode(payload)).join('\n'));
    const { body, headers } = await encodeContent(bytes, this.#options.gzip);
    const response = await this.#post(body, headers, signal);
    if (asksToSlowDown(response)) await this.#context.clock.sleep(slowDownMs, signal);
    return hecVerdict(response, this.#url, this.#context.clock.now(), this.#options.token.read());
  }

  async #post(body: Buffer, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const own = { Authorization: `Splunk ${this.#options.token.read()}`, 'Content-Type': 'application/json' };
    const request = { method: 'POST', url: this.#url, headers: { ...own, ...headers }, body } as const;
    return await this.#channel.request(request, signal);
  }

  #encode({ event, text }: Payload): string {
    const json = this.#context.contentType === 'application/json';
    const { sourcetype, source, index, host } = this.#options;
    return hecEvent(event, text, json, {
      sourcetype,
      source,
      index,
      host,
      fallbackHost: this.#context.hostname,
    });
  }
}

function eventEndpoint(text: string): string {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/services/collector/event';
  return url.href;
}
