import { randomUUID } from 'node:crypto';
import type { Secret } from '../../src/fields/secret.ts';
import type { HttpResponse } from '../../src/http/client.ts';
import { HttpChannel, type HttpChannelOptions } from '../../src/sinks/http-channel.ts';
import type { Peer } from '../../src/sinks/peer.ts';
import type { SinkContext } from '../../src/sinks/sink.ts';
import { Cookies } from './cookies.ts';

/** What a client is made of. */
export interface HecClientOptions extends HttpChannelOptions {
  readonly token: Secret;
  /** Name a channel in each request, as a token with acknowledgement demands. */
  readonly acknowledge: boolean;
}

/** Requests to one HTTP Event Collector, with its token, and its channel where acknowledgements are wanted. */
export class HecClient {
  readonly #options: HecClientOptions;
  readonly #http: HttpChannel;
  readonly #cookies = new Cookies();
  #channel = randomUUID();

  constructor(options: HecClientOptions, context: SinkContext) {
    this.#options = options;
    this.#http = new HttpChannel(options, context);
  }

  /** Where it connects to. */
  get peer(): Peer {
    return this.#http.peer;
  }

  /** Takes another channel, and another indexer where a load balancer has several: nothing of the old one counts. */
  renewChannel(): void {
    this.#channel = randomUUID();
    this.#cookies.clear();
  }

  /** Posts events. Throws as `HttpChannel` does. */
  async postEvents(
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    return await this.#post(this.#options.url, body, headers, signal);
  }

  /** Asks which of these acknowledgements there are. Throws as `HttpChannel` does. */
  async queryAcks(ids: readonly number[], signal: AbortSignal): Promise<HttpResponse> {
    const url = new URL(this.#options.url);
    url.pathname = url.pathname.replace(/(\/event(\/[\d.]+)?)?\/?$/, '/ack');
    url.searchParams.set('channel', this.#channel);
    return await this.#post(url.href, Buffer.from(JSON.stringify({ acks: ids })), {}, signal);
  }

  close(): void {
    this.#http.close();
  }

  async #post(
    url: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const { token, acknowledge } = this.#options;
    const own = { Authorization: `Splunk ${token.read()}`, 'Content-Type': 'application/json' };
    const channel = acknowledge
      ? { 'X-Splunk-Request-Channel': this.#channel, ...this.#cookies.headers() }
      : {};
    const request = { method: 'POST', url, headers: { ...own, ...channel, ...headers }, body } as const;
    const response = await this.#http.request(request, signal);
    this.#cookies.take(response.headers['set-cookie']);
    return response;
  }
}
