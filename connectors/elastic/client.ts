import type { Secret } from '../../src/fields/secret.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/client.ts';
import { HttpChannel, type HttpChannelOptions } from '../../src/sinks/http-channel.ts';
import type { Peer } from '../../src/sinks/peer.ts';
import type { SinkContext } from '../../src/sinks/sink.ts';

/** What a client is made of. */
export interface ElasticClientOptions extends Omit<HttpChannelOptions, 'url' | 'maxResponseBytes'> {
  /** Largest request, bytes: how large an answer can be follows from it. */
  readonly maxRequestBytes: number;
  /** The nodes, any of which takes everything. */
  readonly urls: readonly string[];
  readonly apiKey?: Secret | undefined;
  readonly basic?: { readonly username: string; readonly password: Secret } | undefined;
}

/** An answer of a node. */
export interface NodeAnswer {
  readonly response: HttpResponse;
  /** Of the node that answered. */
  readonly url: string;
}

/** Statuses of a node, or of the proxy before it, that cannot work now; another one may. */
const nodeIsOut: ReadonlySet<number> = new Set([502, 503, 504]);

/** What an answer may have beside what it quotes of the request, bytes. */
const usualResponseBytes = 2 ** 20;

/** Requests to Elasticsearch, by one of its nodes until that one fails, with the sink's credentials. */
export class ElasticClient {
  readonly #options: ElasticClientOptions;
  readonly #nodes: readonly { readonly url: string; readonly channel: HttpChannel }[];
  #turn = 0;

  constructor(options: ElasticClientOptions, context: SinkContext) {
    this.#options = options;
    // An answer tells of each document: its error and the cause of that, in the worst case each with all of the document.
    const maxResponseBytes = usualResponseBytes + 2 * options.maxRequestBytes;
    this.#nodes = options.urls.map((url) => ({
      url,
      channel: new HttpChannel({ ...options, url, maxResponseBytes }, context),
    }));
  }

  /** Where the next request goes. */
  get peer(): Peer {
    return this.#node.channel.peer;
  }

  /**
   * Resolves with the answer to a request for `path`, whatever its status. Throws as `HttpChannel` does; the next request
   * goes to the next node then.
   */
  async request(
    path: string,
    request: Pick<HttpRequest, 'method' | 'headers' | 'body'>,
    signal: AbortSignal,
  ): Promise<NodeAnswer> {
    const { url, channel } = this.#node;
    const headers = { Accept: 'application/json', ...request.headers, ...this.#authorization() };
    const target = `${url.replace(/\/+$/, '')}${path}`;
    try {
      const response = await channel.request({ ...request, url: target, headers }, signal);
      if (nodeIsOut.has(response.status)) this.#turn++;
      return { response, url };
    } catch (error) {
      this.#turn++;
      throw error;
    }
  }

  /** The values that no message may repeat. */
  get secrets(): readonly string[] {
    const { apiKey, basic } = this.#options;
    const sent = Object.values(this.#authorization()).map((value) => value.replace(/^\w+ /, ''));
    const plain = apiKey === undefined ? [] : keyParts(apiKey.read());
    return [...sent, ...plain, ...(basic === undefined ? [] : [basic.password.read()])];
  }

  close(): void {
    for (const { channel } of this.#nodes) channel.close();
  }

  get #node() {
    const node = this.#nodes[this.#turn % this.#nodes.length];
    if (node === undefined) throw new Error('a client without nodes');
    return node;
  }

  #authorization(): Readonly<Record<string, string>> {
    const { apiKey, basic } = this.#options;
    if (apiKey !== undefined) return { Authorization: `ApiKey ${encodedKey(apiKey.read())}` };
    if (basic === undefined) return {};
    const pair = `${basic.username}:${basic.password.read()}`;
    return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
}

/** A key is shown as `encoded`, or as its id and its secret: what is written `id:secret` is encoded here. */
function encodedKey(key: string): string {
  return key.includes(':') ? Buffer.from(key).toString('base64') : key;
}

/** A key as `id:secret`, where it is one, and its secret alone, longest first. */
function keyParts(key: string): readonly string[] {
  const plain = key.includes(':') ? key : Buffer.from(key, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  return colon === -1 ? [] : [plain, plain.slice(colon + 1)];
}
