import { ConnectorError, messageOf } from '../errors.ts';
import type { TlsOptions } from '../fields/tls.ts';
import { createHttpClient, type HttpClient, type HttpRequest, type HttpResponse } from '../http/client.ts';
import { type ConnectionFailure, connectionFailure } from '../http/connection-error.ts';
import { NotSent } from './not-sent.ts';
import { type Peer, peerOfUrl } from './peer.ts';
import type { SinkContext } from './sink.ts';

/** Largest answer taken unless told otherwise, bytes: receivers say little. */
const usualResponseBytes = 2 ** 20;

/** Failures that come before the request is on its way. */
const beforeSending: ReadonlySet<ConnectionFailure> = new Set([
  'refused',
  'name-not-found',
  'certificate',
  'proxy',
]);
/** Calls of the system that come before it too, whatever they failed of. */
const callsBeforeSending: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);

/** How the receiver is reached. */
export interface HttpChannelOptions {
  /** Where requests go: plain http to another machine is loud in the log. */
  readonly url: string;
  readonly tls?: TlsOptions | undefined;
  readonly proxy?: string | undefined;
  /** Longest wait for a whole answer, ms. */
  readonly timeout: number;
  /** Largest answer taken, bytes, where the receiver tells of each event; 1 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
}

/** The way to one HTTP receiver: plain errors, and TLS files read anew after each failure. */
export class HttpChannel {
  /** Where it connects to. */
  readonly peer: Peer;
  readonly #options: HttpChannelOptions;
  readonly #context: SinkContext;
  #client: HttpClient | undefined;

  /** Throws CONFIG_INVALID when a TLS file cannot be read. */
  constructor(options: HttpChannelOptions, context: SinkContext) {
    this.#options = options;
    this.#context = context;
    this.peer = peerOfUrl(options.url, options);
    this.#client = this.#connect();
    if (options.tls?.verify === false) {
      context.log.warn(
        { sink: context.name },
        'server certificate is not verified: anyone can read and answer',
      );
    }
    if (isInTheClear(options.url)) {
      context.log.warn({ sink: context.name }, 'events and credentials travel unencrypted: use https');
    }
  }

  /**
   * Resolves with the answer, whatever its status. Throws SINK_UNREACHABLE naming the sink, `NotSent` where nothing of
   * the request can have arrived; or the signal's reason.
   */
  async request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    this.#client ??= this.#connect();
    try {
      return await this.#client.request(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The next try reads the certificates anew: a renewed one may be the cure.
      this.close();
      const message = `sink ${this.#context.name}: ${messageOf(error)}`;
      const Failure = cameBeforeSending(error) ? NotSent : ConnectorError;
      throw new Failure('SINK_UNREACHABLE', message, { cause: error });
    }
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #connect(): HttpClient {
    const { tls, proxy, timeout, maxResponseBytes = usualResponseBytes } = this.#options;
    return createHttpClient({ tls, proxy, timeoutMs: timeout, maxResponseBytes, userAgent: 'defender-siem' });
  }
}

function cameBeforeSending(error: unknown): boolean {
  if (beforeSending.has(connectionFailure(error))) return true;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('syscall' in cause && callsBeforeSending.has(cause.syscall)) return true;
  }
  return false;
}

function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '[::1]' && !/^127\./.test(hostname);
}
