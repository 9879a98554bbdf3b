import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type Certificate, createAuthority } from './certificates.ts';

/** The root that every https server of these tests is issued by, unless a test says otherwise. */
export const testRoot = createAuthority('Loopback Root');
const loopback = testRoot.issue('127.0.0.1');

/** A server on 127.0.0.1; disposing of it ends its connections too. */
export interface LoopbackServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** Connections taken so far. */
  connections(): number;
}

/** Serves https on a free port of 127.0.0.1; with `clientRoot`, to clients with a certificate of that root only. */
export function serveHttps(
  listener: RequestListener,
  certificate: Certificate = loopback,
  clientRoot?: string,
): Promise<LoopbackServer> {
  const { cert, key } = certificate;
  const mutual = clientRoot === undefined ? {} : { ca: clientRoot, requestCert: true };
  return listen(createHttpsServer({ cert, key, ...mutual }, listener), 'https', 'secureConnection');
}

/** Serves plain http on a free port of 127.0.0.1. */
export function serveHttp(listener: RequestListener): Promise<LoopbackServer> {
  return listen(createHttpServer(listener), 'http', 'connection');
}

/** A CONNECT proxy that takes every host name for 127.0.0.1; `refuse` answers each CONNECT with that status. */
export async function serveProxy(
  refuse?: number,
): Promise<LoopbackServer & { readonly connects: readonly string[] }> {
  const connects: string[] = [];
  const server = createHttpServer((_request, response) => {
    response.writeHead(405).end();
  });
  const tunnels = new Set<Socket>();
  server.on('connect', (request, client: Socket) => {
    connects.push(request.url ?? '');
    client.on('error', () => client.destroy());
    if (refuse !== undefined) {
      client.end(`HTTP/1.1 ${refuse} No\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<b>no</b>`);
      return;
    }
    const target = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    tunnels.add(target).add(client);
    target.on('error', () => client.destroy());
  });
  const proxy = await listen(server, 'http', 'connection');
  return {
    ...proxy,
    connects,
    async [Symbol.asyncDispose]() {
      for (const socket of tunnels) socket.destroy();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

async function listen(
  server: Server,
  scheme: 'http' | 'https',
  connected: 'connection' | 'secureConnection',
): Promise<LoopbackServer> {
  let connections = 0;
  server.on(connected, () => connections++);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
