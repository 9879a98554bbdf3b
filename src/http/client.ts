import { Agent, type AgentOptions } from 'node:https';
import axios from 'axios';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { readTlsMaterial, type TlsOptions } from '../fields/tls.ts';

/** One HTTP exchange to make. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What came back, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed and decoded as UTF-8; what is no UTF-8 becomes U+FFFD. */
  readonly body: string;
}

/** Makes HTTP exchanges over kept-alive connections. */
export interface HttpClient {
  /**
   * Resolves with the answer, whatever its status; redirects are answers too, since a token must not follow one.
   * Rejects when there is none: refused, reset, cut short, not trusted, timed out, aborted.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Closes idle connections. */
  close(): void;
}

/** How a client reaches its peers. */
export interface HttpClientOptions {
  readonly tls?: TlsOptions | undefined;
  /** `http://host:port` of a CONNECT proxy. */
  readonly proxy?: string | undefined;
  /** From the first byte sent to the last received, ms. */
  readonly timeoutMs: number;
  /** Largest decompressed answer taken, bytes. */
  readonly maxResponseBytes: number;
  readonly userAgent: string;
}

/** Returns a client over axios with its own keep-alive agent. Throws CONFIG_INVALID when a TLS file cannot be read. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agentOptions: AgentOptions = { keepAlive: true, maxSockets: 32, ...readTlsMaterial(options.tls) };
  const agent =
    options.proxy === undefined ? new Agent(agentOptions) : new HttpsProxyAgent(options.proxy, agentOptions);
  const http = axios.create({
    httpsAgent: agent,
    proxy: false,
    maxRedirects: 0,
    decompress: true,
    timeout: options.timeoutMs,
    maxContentLength: options.maxResponseBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    transformRequest: [(data) => data],
    transformResponse: [(data) => data],
    headers: { 'User-Agent': options.userAgent },
  });
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: false });
  return {
    async request(request, signal) {
      const response = await http.request<Uint8Array>({
        method: request.method,
        url: request.url,
        ...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
        ...(request.body === undefined ? {} : { data: request.body }),
        signal,
      });
      return {
        status: response.status,
        headers: plainHeaders(response.headers as Record<string, unknown>),
        body: utf8.decode(response.data),
      };
    },
    close: () => agent.destroy(),
  };
}

function plainHeaders(headers: Record<string, unknown>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) plain[name.toLowerCase()] = String(value);
  }
  return plain;
}
