import { writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from '../support/certificates.ts';
import { FrameCounter } from './counting.ts';
import type { ReceiverPorts } from './stage.ts';

/** What the receiver is asked: to count anew, and to answer once there are so many messages. */
export interface Awaited {
  readonly count: number;
}

/** What it answers: first its ports; then when a count was reached, ms since 1970. */
export type ReceiverAnswer = ReceiverPorts | { readonly reachedAtMs: number };

// A process of its own that takes everything and counts messages; `receiver.ts FOLDER` leaves its root's certificate there.

const [, , folder = '.'] = process.argv;
process.on('disconnect', () => process.exit(0));
const authority = createAuthority();
const identity = authority.issue('127.0.0.1');
const ca = join(folder, 'ca.pem');
writeFileSync(ca, authority.cert);

let received = 0;
let awaited = Number.POSITIVE_INFINITY;

function answerWhenReached(): void {
  if (received < awaited) return;
  awaited = Number.POSITIVE_INFINITY;
  process.send?.({ reachedAtMs: performance.timeOrigin + performance.now() } satisfies ReceiverAnswer);
}

function countMessages(socket: Socket): void {
  const frames = new FrameCounter();
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.on('data', (chunk) => {
    const before = frames.count;
    frames.push(chunk as Buffer);
    received += frames.count - before;
    answerWhenReached();
  });
}

const tcp = createServer({ allowHalfOpen: true }, countMessages);
const tls = createTlsServer({ ...identity, allowHalfOpen: true }, countMessages);
const https = createHttpsServer(identity, (request, response) => {
  request.resume().on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"text":"Success","code":0}');
  });
});

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

process.on('message', ({ count }: Awaited) => {
  received = 0;
  awaited = count;
});
process.send?.({
  tcp: await portOf(tcp),
  tls: await portOf(tls),
  https: await portOf(https),
  ca,
} satisfies ReceiverAnswer);
