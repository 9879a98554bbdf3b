import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** What the feeder is to send where: a file, as it is, to a port of 127.0.0.1. */
export interface Feed {
  readonly file: string;
  readonly port: number;
}

/** When it began, ms since 1970. */
export interface Fed {
  readonly beganAtMs: number;
}

// A process of its own that plays the sender: it is told what to send, one feed at a time.
process.on('disconnect', () => process.exit(0));
process.on('message', async ({ file, port }: Feed) => {
  const socket = connect({ host: '127.0.0.1', port });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  process.send?.({ beganAtMs: performance.timeOrigin + performance.now() } satisfies Fed);
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), socket);
});
