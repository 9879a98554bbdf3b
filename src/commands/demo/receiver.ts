import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { createGunzip } from 'node:zlib';

/** One message as a receiver got it: the syslog header taken off. */
export type OnMessage = (receiver: string, message: string) => void;

/** A place on this machine where the demo's sinks deliver to. */
export interface Receiver {
  readonly port: number;
  close(): Promise<void>;
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Returns a syslog receiver over TLS that reads octet-counted frames (RFC 5425 §4.3). */
export async function receiveSyslog(
  name: string,
  certificate: Certificate,
  onMessage: OnMessage,
): Promise<Receiver> {
  const server = createTlsServer(certificate, (socket) => {
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = readFrames(Buffer.concat([pending, chunk]), (frame) => onMessage(name, withoutHeader(frame)));
    });
    socket.on('error', () => socket.destroy());
  });
  return listen(server);
}

/** Returns an HTTPS receiver that takes newline-delimited bodies, gzip or plain. */
export async function receiveHttp(
  name: string,
  certificate: Certificate,
  onMessage: OnMessage,
): Promise<Receiver> {
  const server = createHttpsServer(certificate, (request, response) => {
    const zipped = request.headers['content-encoding'] === 'gzip';
    text(zipped ? request.pipe(createGunzip()) : request).then(
      (body) => {
        for (const line of body.split('\n')) if (line !== '') onMessage(name, line);
        response.writeHead(200).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  return listen(server);
}

function readFrames(buffer: Buffer, onFrame: (frame: string) => void): Buffer {
  let rest = buffer;
  for (;;) {
    const space = rest.indexOf(0x20);
    if (space < 0) return rest;
    const end = space + 1 + Number(rest.toString('latin1', 0, space));
    if (!(end <= rest.length)) return rest;
    onFrame(rest.toString('utf8', space + 1, end));
    rest = rest.subarray(end);
  }
}

/** RFC 5424 §6: seven fields before the message, none of which holds a space here (structured data is `-`). */
function withoutHeader(frame: string): string {
  return frame.split(' ').slice(7).join(' ');
}

async function listen(server: Server): Promise<Receiver> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
