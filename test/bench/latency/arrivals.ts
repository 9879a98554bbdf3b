import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { FrameReader } from '../../support/syslog-parser.ts';

/** What the receiver is asked: to tell all arrivals once there are so many. */
export interface ArrivalsQuestion {
  readonly count: number;
}

/** An alert that came. */
export interface Arrival {
  readonly id: string;
  /** ms since 1970, with fractions. */
  readonly atMs: number;
}

/** What it tells: first its port. */
export type ArrivalsAnswer = { readonly port: number } | { readonly arrivals: readonly Arrival[] };

// A process of its own that takes syslog over TLS and notes when each alert came: `arrivals.ts CERTIFICATE KEY`.

const [, , certificate = '', key = ''] = process.argv;
const arrivals = new Map<string, Arrival>();
let awaited = Number.POSITIVE_INFINITY;
const tell = (answer: ArrivalsAnswer) => process.send?.(answer);

function note(message: Buffer, atMs: number): void {
  const id = /latency-\d+/.exec(message.toString('utf8'))?.[0];
  if (id !== undefined && !arrivals.has(id)) arrivals.set(id, { id, atMs });
}

process.on('disconnect', () => process.exit(0));
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => {
  const frames = new FrameReader('octet-counting');
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const atMs = performance.timeOrigin + performance.now();
    for (const message of frames.push(chunk)) note(message, atMs);
    tellWhenThere();
  });
});
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
process.on('message', ({ count }: ArrivalsQuestion) => {
  awaited = count;
  tellWhenThere();
});

function tellWhenThere(): void {
  if (arrivals.size < awaited) return;
  awaited = Number.POSITIVE_INFINITY;
  tell({ arrivals: [...arrivals.values()] });
}
