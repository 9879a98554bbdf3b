import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../../src/errors.ts';
import { duration } from '../../src/fields/duration.ts';
import { size } from '../../src/fields/size.ts';
import { tlsOptions } from '../../src/fields/tls.ts';
import { httpsOrigin, proxyUrl } from '../../src/fields/url.ts';
import { gzipLevel, writtenContent } from '../../src/sinks/compression.ts';
import { HttpChannel } from '../../src/sinks/http-channel.ts';
import { HttpDelivery, type Verdict } from '../../src/sinks/http-delivery.ts';
import type { Peer } from '../../src/sinks/peer.ts';
import type { Outcome, Payload, ReceiverTokens, Sink, SinkContext, SinkType } from '../../src/sinks/sink.ts';
import { expectedBytes, Utf8Writer } from '../../src/sinks/utf8-writer.ts';
import { ingestionVerdict } from './answer.ts';
import { maxColumnBytes, rowOf } from './row.ts';
import { tokenOrFailure, tokenVerdict } from './token-failure.ts';

/** The version of the API that this is written for (formats reference §7.1). */
const apiVersion = '2023-01-01';
/** What a call may have, bytes, compressed and uncompressed (formats reference §7.1). */
const largestCall = 1_048_576;

const options = z.strictObject({
  endpoint: httpsOrigin.describe(
    'Logs ingestion endpoint of the data collection rule, or of its data collection endpoint: `https://….ingest.monitor.azure.com`.',
  ),
  rule: z
    .string()
    .regex(/^dcr-[0-9a-f]{32}$/, {
      error:
        'must be an immutable id: `dcr-` and 32 hexadecimal digits, neither the name nor the resource id',
    })
    .describe('Immutable id of the data collection rule: `dcr-` and 32 hexadecimal digits.'),
  stream: z
    .string()
    .regex(/^(Custom|Microsoft)-[A-Za-z][A-Za-z0-9_]*$/, {
      error: 'must be `Custom-` or `Microsoft-` and the name of a table, such as Custom-Defender_CL',
    })
    .default('Custom-Defender_CL')
    .describe('Stream that the rule declares; case matters.'),
  tenant: z
    .string()
    .min(1)
    .describe(
      'Name of the tenant of this file whose identity writes: it needs the role *Monitoring Metrics Publisher* on the rule. Its cloud says for which audience the token is.',
    ),
  gzip: z.boolean().default(true).describe('Compress requests.'),
  gzipLevel,
  maxRequestBytes: size
    .refine((bytes) => bytes >= 100_000 && bytes <= largestCall, {
      error: 'must be 100000 to 1048576: no call may have more, compressed or not',
    })
    .prefault(950_000)
    .describe('Largest request before compression; the API takes 1048576.'),
  tls: tlsOptions.optional().describe('Whom to trust and who we are.'),
  proxy: proxyUrl.optional().describe('Proxy on the way to Azure: `http://host:port`.'),
  timeout: duration.prefault('60s').describe('Longest wait for a whole answer.'),
});

type Options = z.output<typeof options>;

/** Microsoft Sentinel, by the Logs Ingestion API of Azure Monitor. */
export const sentinel: SinkType<typeof options> = {
  type: 'sentinel',
  options,
  defaultFormat: 'asim',
  tenantKeys: ['tenant'],
  create: (settings, context) => new SentinelSink(settings, context),
};

class SentinelSink implements Sink {
  readonly #options: Options;
  readonly #context: SinkContext;
  readonly #url: string;
  readonly #tokens: ReceiverTokens;
  readonly #channel: HttpChannel;
  readonly #delivery: HttpDelivery;
  readonly #json: boolean;

  constructor(settings: Options, context: SinkContext) {
    this.#options = settings;
    this.#context = context;
    this.#json = context.contentType === 'application/json';
    const { endpoint, rule, stream } = settings;
    this.#url = `${endpoint}/dataCollectionRules/${rule}/streams/${stream}?api-version=${apiVersion}`;
    this.#tokens = context.monitorTokens(settings.tenant);
    this.#channel = new HttpChannel({ ...settings, url: this.#url }, context);
    const requests = {
      exchange: (payloads: readonly Payload[], signal: AbortSignal) => this.#exchange(payloads, signal),
      bytesOf: (payload: Payload) => Buffer.byteLength(this.#json ? payload.text : rowOf(payload, false)) + 1,
      maxBytes: settings.maxRequestBytes - 1,
      maxEvents: Number.POSITIVE_INFINITY,
    };
    this.#delivery = new HttpDelivery(requests, context);
  }

  get peer(): Peer {
    return this.#channel.peer;
  }

  /** A JSON row has the whole call to itself; any other text is the value of one column. */
  payloadBytes(): number {
    return this.#json ? this.#options.maxRequestBytes - 2 : maxColumnBytes;
  }

  send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return this.#delivery.send(payloads, signal);
  }

  /** A call without rows: the API asks who writes, and to which rule, before it looks at the rows. */
  async probe(signal: AbortSignal): Promise<void> {
    const answer = await this.#post(rowsOf([], this.#json), signal);
    if (answer instanceof ConnectorError) throw answer;
    const { verdict, status } = answer;
    if (verdict.kind === 'accepted' || verdict.kind === 'refused') return;
    const code = status >= 500 || status === 429 ? 'SINK_UNREACHABLE' : codeOf(status);
    throw new ConnectorError(code, `sink ${this.#context.name}: ${verdict.reason}`, { status });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
  }

  async #exchange(payloads: readonly Payload[], signal: AbortSignal): Promise<Verdict> {
    const rows = rowsOf(payloads, this.#json);
    const answer = await this.#post(rows, signal);
    return answer instanceof ConnectorError ? tokenVerdict(answer, this.#context.name) : answer.verdict;
  }

  /**
   * Posts rows; where the token is refused, once more with a new one. Resolves with why there is no token, if there is none.
   * Throws as `HttpChannel` does.
   */
  async #post(
    rows: Utf8Writer,
    signal: AbortSignal,
  ): Promise<{ readonly verdict: Verdict; readonly status: number } | ConnectorError> {
    const { body, headers } = await writtenContent(rows, this.#options);
    for (let attempt = 1; ; attempt++) {
      const token = await tokenOrFailure(this.#tokens, signal);
      if (token instanceof ConnectorError) return token;
      const requestId = randomUUID();
      const own = {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'x-ms-client-request-id': requestId,
      };
      const request = { method: 'POST', url: this.#url, headers: { ...own, ...headers }, body } as const;
      const response = await this.#channel.request(request, signal);
      const { status } = response;
      if (status === 401) this.#tokens.invalidate(token);
      if (status === 401 && attempt === 1) continue;
      const { rule, stream, tenant } = this.#options;
      const nowMs = this.#context.clock.now();
      const asked = { url: this.#url, rule, stream, tenant, token, requestId, nowMs };
      return { verdict: ingestionVerdict(response, asked), status };
    }
  }
}

/** The rows as a JSON array. */
function rowsOf(payloads: readonly Payload[], json: boolean): Utf8Writer {
  const rows = new Utf8Writer(expectedBytes(payloads, 1) + 2);
  let separator = '[';
  for (const payload of payloads) {
    rows.add(separator);
    rows.add(rowOf(payload, json));
    separator = ',';
  }
  rows.add(payloads.length === 0 ? '[]' : ']');
  return rows;
}

/** A refused identity is one of its own: a role or a token is missing, and the command ends with that exit code. */
function codeOf(status: number): 'PERMISSION_MISSING' | 'SINK_REFUSED' {
  return status === 401 || status === 403 ? 'PERMISSION_MISSING' : 'SINK_REFUSED';
}
