import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { AxiosStatic } from 'axios';
import type { TlsOptions } from '../fields/tls.ts';
import { loadPackage } from '../runtime/packages.ts';
import { createAgents } from './agents.ts';
import type { AnswerMemory } from './answer-memory.ts';
import { ConnectionError, connectionFailure, toConnectionError } from './connection-error.ts';
import { tunnelRefusal } from './proxy-agent.ts';
import { readBody, releaseBody } from './read-body.ts';
import { redactUrl } from './redact-url.ts';
import { acceptedEncoding, unpacked } from './unpack.ts';

/** One HTTP exchange to make. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** In place of the client's own, ms. */
  readonly timeoutMs?: number;
}

/** What came back, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body, decoded as UTF-8 without a byte order mark; what is no UTF-8 becomes U+FFFD. */
  readonly body: string;
}

/** A response with its body as it came. */
export interface ReceivedResponse extends HttpResponse {
  /** The body, decompressed. `body` is made from it whenever it is asked for. */
  readonly bytes: Uint8Array;
  /** Gives the memory of the body back, which is nothing from then on. */
  release(): void;
}

/** Returns a response whose text is made when somebody wants it: that of a page of records nobody does. */
export function receivedResponse(
  response: Pick<ReceivedResponse, 'status' | 'headers' | 'bytes'>,
): ReceivedResponse {
  const { status, headers, bytes } = response;
  return {
    status,
    headers,
    bytes,
    get body() {
      return new TextDecoder().decode(bytes);
    },
    // V8 finds out when it collects garbage the next time: 60 MB of one page would lie beside those of the next.
    release: () => releaseBody(bytes),
  };
}

/** Makes HTTP exchanges over kept-alive connections. */
export interface HttpClient {
  /**
   * Resolves with the answer, whatever its status; redirects are answers too, since a token must not follow one.
   * Rejects with a `ConnectionError` in plain words when there is none: refused, reset, cut short, not trusted, timed
   * out, too large; and with the signal's reason when that aborts.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<ReceivedResponse>;
  /** Closes idle connections. */
  close(): void;
}

/** How a client reaches its peers. */
export interface HttpClientOptions {
  readonly tls?: TlsOptions | undefined;
  /** `http://host:port` of a CONNECT proxy; plain http to this machine and to link-local addresses goes past it. */
  readonly proxy?: string | undefined;
  /** From the first byte sent to the last received, ms. */
  readonly timeoutMs: number;
  /** Largest decompressed answer taken, bytes. */
  readonly maxResponseBytes: number;
  readonly userAgent: string;
  /** Bounds the memory of all answers on their way; no bound but that of each without it. */
  readonly memory?: AnswerMemory | undefined;
}

/** Returns a client over axios with its own keep-alive agents. Throws CONFIG_INVALID when a TLS file cannot be read. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agents = createAgents(options.tls, options.proxy);
  let made: ReturnType<typeof makeHttp> | undefined;

  async function exchange(request: HttpRequest, signal: AbortSignal): Promise<ReceivedResponse> {
    made ??= makeHttp(options.userAgent);
    const { http, plainAgent } = made;
    const agent = agents.current();
    const response = await http.request<Readable>({
      method: request.method,
      url: request.url,
      httpsAgent: agent,
      httpAgent: options.proxy === undefined || goesPastProxies(request.url) ? plainAgent : agent,
      ...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
      ...(request.body === undefined ? {} : { data: request.body }),
      signal,
    });
    const refusal = tunnelRefusal(response.request);
    if (refusal !== undefined) {
      response.data.destroy();
      throw new ConnectionError('proxy', proxyRefused(request.url, refusal));
    }
    const share = options.memory?.open();
    const headers = plainHeaders(response.headers as Record<string, unknown>);
    const expected = Number(headers['content-length'] ?? 0);
    try {
      const bounds = { most: options.maxResponseBytes, expected, share };
      const body = unpacked(response.data, headers['content-encoding']);
      const bytes = await readBody(body, bounds, signal);
      return receivedResponse({ status: response.status, headers, bytes });
    } finally {
      share?.close();
    }
  }

  return {
    async request(request, signal) {
      signal.throwIfAborted();
      // Axios' own timeout starts anew with every byte: one that trickles would never end.
      // No `AbortSignal.any`: a signal that lives as long as the program would keep memory for each exchange.
      const stop = new AbortController();
      const timeoutMs = request.timeoutMs ?? options.timeoutMs;
      const timer = setTimeout(() => stop.abort(), timeoutMs);
      const abort = () => stop.abort();
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await exchange(request, stop.signal);
      } catch (error) {
        signal.throwIfAborted();
        if (stop.signal.aborted) {
          const words = `${redactUrl(request.url)}: no whole answer within ${timeoutMs} ms`;
          throw new ConnectionError('timeout', words);
        }
        if (connectionFailure(error) === 'too-large') {
          const words = `${redactUrl(request.url)}: the answer is larger than ${options.maxResponseBytes} bytes`;
          throw new ConnectionError('too-large', words);
        }
        throw toConnectionError(error, request.url);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      }
    },
    close() {
      agents.close();
      made?.plainAgent.destroy();
    },
  };
}

/** Made for the first exchange: a look at a configuration needs neither axios nor what that loads of Node. */
function makeHttp(userAgent: string) {
  const { Agent } = process.getBuiltinModule('node:http');
  const axios = loadPackage('axios') as AxiosStatic;
  const http = axios.create({
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'stream',
    validateStatus: () => true,
    transformRequest: [(data) => data],
    transformResponse: [(data) => data],
    headers: { 'User-Agent': userAgent, 'Accept-Encoding': acceptedEncoding },
  });
  return { http, plainAgent: new Agent({ keepAlive: true, maxSockets: 32 }) };
}

/**
 * Tells whether plain http to this host goes past any proxy: to the machine itself or its link, where managed identities
 * are (reference §2.1).
 */
export function goesPastProxies(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && /^(127|169\.254)\./.test(host));
}

function proxyRefused(url: string, status: number): string {
  const host = URL.parse(url)?.host ?? '';
  const advice =
    status === 407
      ? 'it wants a user and a password: write them into the proxy URL'
      : 'allow this host and port there';
  return `${redactUrl(url)}: the proxy refused the way to ${host} with status ${status}: ${advice}`;
}

function plainHeaders(headers: Record<string, unknown>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || value === null) continue;
    plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return plain;
}
