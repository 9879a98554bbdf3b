import { createServer as createPlainServer, type Server as PlainServer } from 'node:http';
import { createServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerTls } from './certificates.ts';
import { handlerOf, type ServerParts } from './server.ts';

/** The listeners of a simulator, all on this host alone. */
export interface Listeners {
  readonly main: TlsServer;
  /** The SIEM API has the same path as another. */
  readonly siem: TlsServer;
  /** Managed identities are asked for over plain HTTP (API reference §2.1). */
  readonly identity: PlainServer;
}

const host = '127.0.0.1';
/** The listener of the SIEM API takes the next port, which somebody may have: then both are chosen anew. */
const portAttempts = 20;

/** Listens on `port` and the next two, or for 0 on any. Rejects with the error of node:net when one is taken. */
export async function startListening(port: number, tls: ServerTls, parts: ServerParts): Promise<Listeners> {
  for (let attempt = 1; ; attempt += 1) {
    const main = await open(port, secure(tls, handlerOf('main', parts)));
    try {
      const siem = await open(portOf(main) + 1, secure(tls, handlerOf('siem', parts)));
      return { main, siem, identity: await identityListener(port, siem, parts) };
    } catch (error) {
      await stop(main);
      if (port !== 0 || attempt === portAttempts) throw error;
    }
  }
}

/** Closes every listener and connection. */
export async function stopListening(listeners: Listeners): Promise<void> {
  await Promise.all([stop(listeners.main), stop(listeners.siem), stop(listeners.identity)]);
}

/** Returns where a listener is, such as `https://127.0.0.1:8443`. */
export function originOf(server: TlsServer | PlainServer): string {
  return `${server instanceof TlsServer ? 'https' : 'http'}://${host}:${portOf(server)}`;
}

async function identityListener(port: number, siem: TlsServer, parts: ServerParts): Promise<PlainServer> {
  const server = createPlainServer(handlerOf('managed-identity', parts));
  try {
    return await open(port === 0 ? 0 : port + 2, server);
  } catch (error) {
    await stop(siem);
    throw error;
  }
}

function secure(tls: ServerTls, handler: ReturnType<typeof handlerOf>): TlsServer {
  return createServer({ cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, handler);
}

function open<S extends TlsServer | PlainServer>(port: number, server: S): Promise<S> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function portOf(server: TlsServer | PlainServer): number {
  return (server.address() as AddressInfo).port;
}

function stop(server: TlsServer | PlainServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
