import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as sent. */
  readonly raw: Buffer;
  /** The body, decompressed. */
  readonly body: string;
}

/** What to answer; `hang` answers never, `reset` cuts the connection. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang'
  | 'reset';

/** An HTTP or HTTPS receiver on 127.0.0.1; keeps what arrives and answers as `answer` says. */
export class HttpReceiver implements AsyncDisposable {
  readonly #server: Server;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  readonly #changed = new EventTarget();
  readonly requests: ReceivedRequest[] = [];
  answer: (request: ReceivedRequest) => Answer | Promise<Answer> = () => ({ status: 200 });

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#changed.dispatchEvent(new Event('close'));
      });
    });
    server.on('tlsClientError', () => {});
    server.on('request', async (request, response) => {
      const raw = await buffer(request).catch(() => undefined);
      // The sender went away in the middle of it.
      if (raw === undefined) return;
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const { method = '', url = '', headers } = request;
      const received = { method, path: url, headers, raw, body: body.toString('utf8') };
      this.requests.push(received);
      this.#changed.dispatchEvent(new Event('request'));
      const answer = await this.answer(received);
      if (answer === 'reset') request.socket.destroy();
      else if (answer !== 'hang')
        response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? '');
    });
  }

  /** Listens on a port, a free one by default; with `tls` it speaks HTTPS. */
  static async listen(tls?: ServerOptions, port = 0): Promise<HttpReceiver> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    // A connection that is closed for being idle at the moment of a request is a fault that no test here asks for.
    server.keepAliveTimeout = 0;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new HttpReceiver(server, tls === undefined ? 'http' : 'https');
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once `count` requests have arrived. */
  async arrived(count: number): Promise<readonly ReceivedRequest[]> {
    while (this.requests.length < count) await once(this.#changed, 'request');
    return this.requests;
  }

  /** Resolves once every connection has ended. */
  async quiet(): Promise<void> {
    while (this.#sockets.size > 0) await once(this.#changed, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
