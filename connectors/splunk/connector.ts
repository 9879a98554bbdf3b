import { z } from 'zod';
import { ConnectorError } from '../../src/errors.ts';
import type { EventHead } from '../../src/event-head.ts';
import { duration } from '../../src/fields/duration.ts';
import { secret } from '../../src/fields/secret.ts';
import { size } from '../../src/fields/size.ts';
import { tlsOptions } from '../../src/fields/tls.ts';
import { proxyUrl } from '../../src/fields/url.ts';
import type { HttpResponse } from '../../src/http/client.ts';
import { gzipLevel, writtenContent } from '../../src/sinks/compression.ts';
import { HttpDelivery, type Verdict } from '../../src/sinks/http-delivery.ts';
import { httpUrl } from '../../src/sinks/http-url.ts';
import { configurationRetryMs, originOf } from '../../src/sinks/http-verdict.ts';
import { NotSent } from '../../src/sinks/not-sent.ts';
import type { Peer } from '../../src/sinks/peer.ts';
import type { Outcome, Payload, Sink, SinkContext, SinkType } from '../../src/sinks/sink.ts';
import { expectedBytes, Utf8Writer } from '../../src/sinks/utf8-writer.ts';
import { ackIdOf, asksToSlowDown, hecCode, hecVerdict } from './answer.ts';
import { HecClient } from './client.ts';
import { type HecEnvelope, hecEnvelope, hecText } from './event.ts';
import { Receipts } from './receipts.ts';

/** `TRUNCATE` of a source type that nobody has configured, bytes (formats reference §5.2). */
const unconfiguredTruncate = 10_000;
/** Most bytes of an event whose source type is configured by the add-on's props.conf (`TRUNCATE = 1048576`). */
const configuredTruncate = 1_000_000;
/** Bytes of an event's metadata, more or less. */
const usualMetadataBytes = 512;
/** Pause after an answer that asks for less speed, ms. */
const slowDownMs = 1_000;

const options = z.strictObject({
  url: httpUrl.describe(
    'The HTTP Event Collector: `https://host:8088`; `/services/collector/event` is added when there is no path.',
  ),
  token: secret.describe('Token of the HTTP Event Collector.'),
  index: z.string().min(1).optional().describe("Index of the events: by default the token's own."),
  source: z
    .string()
    .min(1)
    .optional()
    .describe(
      "`source` of the events: by default `defender-siem:` and the kind of record, such as `defender-siem:graph-alert`, by which the add-on knows them from another's.",
    ),
  sourcetype: z
    .string()
    .min(1)
    .optional()
    .describe(
      "`sourcetype` of the events; by default `ms365:defender:incident:alerts` for Graph alerts, `ms:defender:atp:alerts` for Defender for Endpoint alerts, `ms365:defender:detections` for SIEM detections, `ms365:defender:incident`, `ms365:defender:hunting`, `ms365:defender:device` and `ms365:defender:entity` for the other kinds, `defender-siem:connector` for the connector's own events.",
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
  gzipLevel,
  acknowledge: z
    .boolean()
    .default(false)
    .describe(
      'Count an event as delivered only when it is indexed: needs a token with *Enable indexer acknowledgement*, which Splunk Cloud does not have.',
    ),
  ackTimeout: duration
    .refine((ms) => ms >= 1_000, { error: 'must be at least 1s' })
    .prefault('5m')
    .describe(
      'How long acknowledgements are waited for before the events are sent again, with the same `event_id`.',
    ),
  tls: tlsOptions.optional().describe('Whom to trust and who we are.'),
  proxy: proxyUrl.optional().describe('Proxy on the way to Splunk: `http://host:port`.'),
  timeout: duration.prefault('30s').describe('Longest wait for a whole answer.'),
});

/** HEC's codes for a request without events, and for a channel that it does not know (formats reference §5.4). */
const noData = 5;
const invalidChannel = 11;

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
  readonly #client: HecClient;
  readonly #maxEventBytes: number;
  readonly #delivery: HttpDelivery;
  readonly #envelope: HecEnvelope;
  readonly #json: boolean;
  /** Undefined where an answer is all that is waited for. */
  readonly #receipts: Receipts | undefined;

  constructor(settings: Options, context: SinkContext) {
    this.#options = settings;
    this.#context = context;
    this.#client = new HecClient({ ...settings, url: eventEndpoint(settings.url) }, context);
    const { sourcetype, source, index, host } = settings;
    this.#envelope = hecEnvelope({ sourcetype, source, index, host, fallbackHost: context.hostname });
    this.#json = context.contentType === 'application/json';
    const truncate = sourcetype === undefined ? configuredTruncate : unconfiguredTruncate;
    this.#maxEventBytes = settings.maxEventBytes ?? truncate;
    const requests = {
      exchange: (payloads: readonly Payload[], signal: AbortSignal) => this.#exchange(payloads, signal),
      bytesOf: ({ event, text }: Payload) =>
        this.#metadataBytes(event) + Buffer.byteLength(hecText(text, this.#json)),
      maxBytes: settings.maxRequestBytes,
      maxEvents: Number.POSITIVE_INFINITY,
    };
    this.#delivery = new HttpDelivery(requests, context);
    const verdictOf = (response: HttpResponse) => this.#verdict(response);
    const { acknowledge, ackTimeout: timeoutMs, timeout: askTimeoutMs } = settings;
    const receipts = { client: this.#client, context, timeoutMs, askTimeoutMs, verdictOf };
    this.#receipts = acknowledge ? new Receipts(receipts) : undefined;
  }

  get peer(): Peer {
    return this.#client.peer;
  }

  /** `TRUNCATE` counts the event alone; the request's limit also its metadata. */
  payloadBytes(event: EventHead): number {
    const room = this.#options.maxRequestBytes - this.#metadataBytes(event);
    return Math.max(0, Math.min(this.#maxEventBytes, room));
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    const receipts = this.#receipts;
    if (receipts === undefined || payloads.length === 0) return await this.#delivery.send(payloads, signal);
    const refusal = await receipts.begin(signal);
    if (refusal !== undefined) return payloads.map(() => this.#withoutAcks(refusal));
    const outcomes = await this.#delivery.send(payloads, signal);
    const { unconfirmed, reason } = await receipts.collect(signal);
    return outcomes.map((outcome, index) => {
      const payload = payloads[index];
      const doubtful = outcome.kind === 'accepted' && payload !== undefined && unconfirmed.has(payload);
      return doubtful ? { kind: 'deferred', reason: this.#named(reason), inDoubt: true } : outcome;
    });
  }

  /** A request without events is refused as such (code 5) only once the token has passed. */
  async probe(signal: AbortSignal): Promise<void> {
    const response = await this.#client.postEvents(Buffer.alloc(0), {}, signal);
    const verdict = this.#verdict(response);
    if (hecCode(response) !== noData && verdict.kind !== 'accepted') throw this.#failure(response, verdict);
    const refusal = await this.#receipts?.begin(signal);
    if (refusal !== undefined) throw this.#failure(refusal, this.#withoutAcks(refusal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
  }

  async #exchange(payloads: readonly Payload[], signal: AbortSignal): Promise<Verdict> {
    // Objects one after the other: neither an array nor commas between them (formats reference §5.2).
    const writer = new Utf8Writer(expectedBytes(payloads, usualMetadataBytes));
    let separator = '';
    for (const { event, text } of payloads) {
      writer.add(separator + this.#envelope.before(event));
      writer.add(hecText(text, this.#json));
      writer.add(this.#envelope.behind(event));
      separator = '\n';
    }
    const { body, headers } = await writtenContent(writer, this.#options);
    const response = await this.#client.postEvents(body, headers, signal).catch((error: unknown) => {
      if (!(error instanceof NotSent)) this.#receipts?.renewBeforeNext();
      throw error;
    });
    if (asksToSlowDown(response)) await this.#context.clock.sleep(slowDownMs, signal);
    const verdict = this.#verdict(response);
    await this.#noteReceipt(payloads, response, verdict, signal);
    return verdict;
  }

  async #noteReceipt(
    payloads: readonly Payload[],
    response: HttpResponse,
    verdict: Verdict,
    signal: AbortSignal,
  ): Promise<void> {
    const receipts = this.#receipts;
    if (receipts === undefined) return;
    const ackId = ackIdOf(response);
    if (verdict.kind === 'accepted') await receipts.note(ackId, payloads, signal);
    else if (verdict.kind === 'refused-at' && verdict.index > 0) {
      const before = payloads.slice(0, verdict.index);
      if (ackId === undefined) receipts.noteUnconfirmed(before);
      else await receipts.note(ackId, before, signal);
    } else if (hecCode(response) === invalidChannel) receipts.giveUp('the channel was not known any more');
  }

  #verdict(response: HttpResponse): Verdict {
    const { url, token } = this.#options;
    return hecVerdict(response, url, this.#context.clock.now(), token.read());
  }

  /** What to do about an answer that is none to the question for acknowledgements. */
  #withoutAcks(response: HttpResponse): Extract<Outcome, { kind: 'deferred' }> {
    const verdict = this.#verdict(response);
    if (verdict.kind === 'deferred') return verdict;
    const reason = this.#named('the question for acknowledgements is not understood there: check `url`');
    return { kind: 'deferred', reason, retryAfterMs: configurationRetryMs };
  }

  #failure(response: HttpResponse, { reason }: { readonly reason: string }): ConnectorError {
    const busy = response.status >= 500 || response.status === 429;
    const code = busy ? 'SINK_UNREACHABLE' : 'SINK_REFUSED';
    return new ConnectorError(code, `sink ${this.#context.name}: ${reason}`);
  }

  #named(reason: string): string {
    return `${originOf(this.#options.url)}: ${reason}`;
  }

  /** Bytes around an event's text, with the line end before the next event. */
  #metadataBytes(event: EventHead): number {
    return (
      Buffer.byteLength(this.#envelope.before(event)) + Buffer.byteLength(this.#envelope.behind(event)) + 1
    );
  }
}

function eventEndpoint(text: string): string {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/services/collector/event';
  return url.href;
}
