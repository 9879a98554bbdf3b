import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectorError, messageOf } from '../errors.ts';
import type { ListenAddress } from '../fields/listen-address.ts';
import type { Log } from '../runtime/log.ts';
import { type Answer, type AnswerSources, answers, textAnswer } from './answers.ts';
import { isLoopback, namesThisHost } from './host-check.ts';

/** Where the admin server listens, and what it tells about. */
export interface AdminOptions extends AnswerSources {
  readonly listen: ListenAddress;
  readonly log: Log;
}

/** The running admin server. */
export interface Admin extends AsyncDisposable {
  /** The port it listens on: the configured one, or, for 0, the one that was free. */
  readonly port: number;
  /** Stops listening and ends every connection; resolves when that is done. */
  close(): Promise<void>;
}

/** Requests are a line and a few headers; who takes long over them, or opens many, is not a probe. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1000,
};
const mostConnections = 64;

const headers = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
const strictPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Starts the HTTP server of `admin.listen`: /livez, /readyz, /status, /metrics, and the status page at /. It reads no
 * bodies and changes nothing. Throws CONFIG_INVALID when it cannot listen there.
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { listen, log } = options;
  let forThisHostOnly = false;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    answerTo(request, forThisHostOnly, options)
      .catch((error: unknown) => {
        log.error({ path: request.url, reason: messageOf(error) }, 'the admin server has failed to answer');
        return textAnswer(500, 'this is a bug: the log says more');
      })
      .then((answer) => send(request, response, answer));
  };
  const server = createServer(limits, onRequest);
  server.maxConnections = mostConnections;
  // Without a listener of its own, a client that asks whether to send its body would be told to.
  server.on('checkContinue', onRequest);

  const { address, port } = await listenOn(server, listen);
  forThisHostOnly = isLoopback(address);
  server.on('error', (error) => log.error({ reason: messageOf(error) }, 'the admin server has failed'));
  log.info({ url: `http://${urlHost(address)}:${port}/` }, 'the admin server listens');

  const close = () =>
    new Promise<void>((resolve) => {
      // The only failure is that it has been closed before.
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, close, [Symbol.asyncDispose]: close };
}

async function answerTo(
  request: IncomingMessage,
  forThisHostOnly: boolean,
  from: AnswerSources,
): Promise<Answer> {
  if (forThisHostOnly && !namesThisHost(request.headers.host)) {
    return textAnswer(403, 'this server is for its own host: ask for it by its address, or as localhost');
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return textAnswer(405, 'only GET and HEAD: nothing can be changed here');
  }
  const answer = answers.get(pathOf(request.url ?? '/'));
  return answer === undefined ? textAnswer(404, `there is ${[...answers.keys()].join(', ')}`) : answer(from);
}

/** Returns the path of a request target, which may be a whole URL (RFC 9112 §3.2.2), without its query. */
function pathOf(target: string): string {
  return /^(?:https?:\/\/[^/?]*)?([^?]*)/i.exec(target)?.[1] || '/';
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    ...headers,
    'content-security-policy': answer.policy ?? strictPolicy,
    'content-type': answer.contentType,
    'content-length': body.length,
    ...(answer.status === 405 ? { allow: 'GET, HEAD' } : {}),
    // A body is not read, so the connection cannot go on behind it.
    ...(hasBody(request) ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function listenOn(server: Server, { host, port }: ListenAddress): Promise<AddressInfo> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const cure = cures[code] ?? messageOf(error);
    throw new ConnectorError('CONFIG_INVALID', `admin.listen ${urlHost(host)}:${port}: ${cure}`, {
      cause: error,
    });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new ConnectorError('BUG', 'the admin server listens on no port');
  }
  return address;
}

/** Why one cannot listen, by the code of the operating system, and what to do. */
const cures: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another process listens there: stop it, choose another port, or remove the section admin to listen nowhere',
  EACCES: 'this user may not listen there: choose a port from 1024',
  EADDRNOTAVAIL: 'this host has no such address: name one of its own, such as 127.0.0.1',
  ENOTFOUND: 'the name cannot be resolved: write an address, such as 127.0.0.1',
  EAI_AGAIN: 'the name cannot be resolved: write an address, such as 127.0.0.1',
};

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
