import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../errors.ts';
import { duration } from '../fields/duration.ts';
import { secret } from '../fields/secret.ts';
import { tlsOptions } from '../fields/tls.ts';
import { proxyUrl } from '../fields/url.ts';
import type { HttpResponse } from '../http/client.ts';
import { encodeContent, gzipLevel } from './compression.ts';
import { encodeBody } from './http-body.ts';
import { HttpChannel } from './http-channel.ts';
import { HttpDelivery, type Verdict } from './http-delivery.ts';
import { httpUrl } from './http-url.ts';
import { verdictOf } from './http-verdict.ts';
import type { Peer } from './peer.ts';
import type { Outcome, Payload, Sink, SinkContext, SinkType } from './sink.ts';

/** A header's name: a token (RFC 9110 §5.6.2). */
const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'must be the name of a header' });

const auth = z.union([
  z.literal('none'),
  z.strictObject({ bearer: secret.describe('Token of the header `Authorization: Bearer`.') }),
  z.strictObject({
    basic: z
      .strictObject({
        username: z.string().min(1).describe('User of basic authentication.'),
        password: secret.describe('Password of basic authentication.'),
      })
      .describe('Basic authentication (RFC 7617), in UTF-8.'),
  }),
]);

/** Options of the sink type `http`. */
export const httpOptions = z.strictObject({
  url: httpUrl.describe('Where requests go: `https://host:port/path`.'),
  method: z.enum(['POST', 'PUT']).default('POST').describe('Method of the requests.'),
  body: z
    .enum(['ndjson', 'array', 'single'])
    .default('ndjson')
    .describe('A message a line, a JSON array of messages, or one message per request.'),
  headers: z
    .record(headerName, secret)
    .default({})
    .describe('Further headers of each request; their values are kept out of the log.'),
  auth: auth.default('none').describe('`bearer`, `basic`, or `none`.'),
  signingKey: secret
    .optional()
    .describe('Signs each body as sent, in `X-Signature-256: sha256=<HMAC-SHA256 in hex>`.'),
  gzip: z.boolean().default(false).describe('Compress the body.'),
  gzipLevel,
  tls: tlsOptions.optional().describe('Whom to trust and who we are.'),
  proxy: proxyUrl.optional().describe('Proxy on the way to the receiver: `http://host:port`.'),
  timeout: duration.prefault('30s').describe('Longest wait for a whole answer.'),
});

/** Options of the sink type `http`, as the program sees them. */
export type HttpSinkOptions = z.output<typeof httpOptions>;

/** Any receiver that takes events by HTTP. */
export const http: SinkType<typeof httpOptions> = {
  type: 'http',
  options: httpOptions,
  defaultFormat: 'json',
  create: (options, context) => new HttpSink(options, context),
};

class HttpSink implements Sink {
  readonly #options: HttpSinkOptions;
  readonly #context: SinkContext;
  readonly #channel: HttpChannel;
  readonly #delivery: HttpDelivery;

  constructor(options: HttpSinkOptions, context: SinkContext) {
    this.#options = options;
    this.#context = context;
    this.#channel = new HttpChannel(options, context);
    const requests = {
      exchange: (payloads: readonly Payload[], signal: AbortSignal) => this.#exchange(payloads, signal),
      bytesOf: ({ text }: Payload) => Buffer.byteLength(text) + 1,
      maxBytes: Number.POSITIVE_INFINITY,
      maxEvents: options.body === 'single' ? 1 : Number.POSITIVE_INFINITY,
    };
    this.#delivery = new HttpDelivery(requests, context);
  }

  get peer(): Peer {
    return this.#channel.peer;
  }

  payloadBytes(): number {
    return Number.POSITIVE_INFINITY;
  }

  send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return this.#delivery.send(payloads, signal);
  }

  /** Asks for the address without sending anything: a receiver of POST may well refuse a GET, yet it is there. */
  async probe(signal: AbortSignal): Promise<void> {
    const { url } = this.#options;
    const response = await this.#channel.request(
      { method: 'GET', url, headers: this.#credentials() },
      signal,
    );
    const verdict = this.#verdict(response);
    if (verdict.kind !== 'deferred' || response.status === 404 || response.status === 405) return;
    const code = response.status >= 500 || response.status === 429 ? 'SINK_UNREACHABLE' : 'SINK_REFUSED';
    throw new ConnectorError(code, `sink ${this.#context.name}: ${verdict.reason}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
  }

  async #exchange(payloads: readonly Payload[], signal: AbortSignal): Promise<Verdict> {
    const { url, method, body } = this.#options;
    const json = this.#context.contentType === 'application/json';
    const { bytes, contentType } = encodeBody(payloads, body, json);
    const content = await encodeContent(bytes, this.#options);
    const headers = {
      'Content-Type': contentType,
      ...content.headers,
      ...this.#signature(content.body),
      // The same batch sent again has the same key, so that a receiver can drop the repeat.
      'Idempotency-Key': createHash('sha256').update(bytes).digest('hex'),
      ...this.#credentials(),
    };
    return this.#verdict(await this.#channel.request({ method, url, headers, body: content.body }, signal));
  }

  #verdict(response: HttpResponse): Verdict {
    const values = Object.values(this.#credentials());
    // An answer may repeat a credential with or without the scheme's name before it.
    const secrets = values.flatMap((value) => [value, value.replace(/^(Bearer|Basic) /, '')]);
    return verdictOf(response, this.#options.url, this.#context.clock.now(), secrets);
  }

  #signature(body: Buffer): Record<string, string> {
    const key = this.#options.signingKey;
    if (key === undefined) return {};
    return { 'X-Signature-256': `sha256=${createHmac('sha256', key.read()).update(body).digest('hex')}` };
  }

  #credentials(): Record<string, string> {
    const { auth: credentials, headers } = this.#options;
    const own = Object.entries(headers).map(([name, value]) => [name, value.read()] as const);
    return { ...Object.fromEntries(own), ...authorization(credentials) };
  }
}

function authorization(credentials: HttpSinkOptions['auth']): Record<string, string> {
  if (credentials === 'none') return {};
  if ('bearer' in credentials) return { Authorization: `Bearer ${credentials.bearer.read()}` };
  const { username, password } = credentials.basic;
  return { Authorization: `Basic ${Buffer.from(`${username}:${password.read()}`).toString('base64')}` };
}
