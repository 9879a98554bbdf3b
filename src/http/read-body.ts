import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { AnswerShare } from './answer-memory.ts';
import { ConnectionError } from './connection-error.ts';

/** What a body may take. */
export interface BodyBounds {
  /** Bytes; a larger one is not taken. */
  readonly most: number;
  /** Bytes that it may have (`Content-Length`, which is less for one that comes compressed); 0 for not known. */
  readonly expected: number;
  /** Counts its memory while it comes. */
  readonly share: AnswerShare | undefined;
}

/**
 * Resolves with the whole body, which is in memory once. Rejects with the stream's error, when the signal aborts, and
 * with a `ConnectionError` when it is too large; the stream is then destroyed.
 */
export async function readBody(body: Readable, bounds: BodyBounds, signal: AbortSignal): Promise<Uint8Array> {
  const { most, expected, share } = bounds;
  const bytes = new GrowingBytes(Math.min(Number.isSafeInteger(expected) ? expected : 0, most), most);
  const abort = () => body.destroy(new Error('the body is not wanted any more'));
  signal.addEventListener('abort', abort, { once: true });
  // By events: to iterate over the pieces of TLS, of 16 KB, took half as much time of the processor again.
  body.on('data', (piece: Uint8Array) => {
    if (bytes.length + piece.length > most) {
      body.destroy(new ConnectionError('too-large', `the answer is larger than ${most} bytes`));
      return;
    }
    bytes.append(piece);
    const room = share?.grow(piece.length, signal);
    if (room === undefined) return;
    body.pause();
    room.then(
      () => body.resume(),
      (error) => body.destroy(error),
    );
  });
  try {
    await finished(body);
    return bytes.whole();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Gives the memory of a body that `readBody` has read back at once, where it is more than a piece. */
export function releaseBody({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
}

/** Room is made for so many bytes more at least, and for a quarter of what is there. */
const leastGrowth = 65_536;

const none = new Uint8Array();

/**
 * Bytes that come in pieces. They lie in one buffer that grows where it is: only addresses are set aside for all that
 * it may become. To put pieces together in the end, or to double a buffer, would hold a body of 60 MB twice.
 */
class GrowingBytes {
  readonly #expected: number;
  readonly #most: number;
  /** The only piece so far: most answers come in one, and need no memory but its own. */
  #first: Uint8Array = none;
  /** All that there is room for. */
  #room: Uint8Array<ArrayBuffer> | undefined;
  #length = 0;

  constructor(expected: number, most: number) {
    this.#expected = expected;
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    if (this.#length === 0) this.#first = piece;
    else this.#makeRoom(this.#length + piece.length).set(piece, this.#length);
    this.#length += piece.length;
  }

  whole(): Uint8Array {
    return this.#room === undefined ? this.#first : this.#room.subarray(0, this.#length);
  }

  #makeRoom(length: number): Uint8Array<ArrayBuffer> {
    if (this.#room === undefined) {
      const size = Math.max(length, this.#expected);
      this.#room = new Uint8Array(new ArrayBuffer(size, { maxByteLength: this.#most }));
      this.#room.set(this.#first);
      this.#first = none;
    } else if (length > this.#room.length) {
      const size = length + Math.max(leastGrowth, length >> 2);
      // What looks at all of a buffer grows with it.
      this.#room.buffer.resize(Math.min(size, this.#most));
    }
    return this.#room;
  }
}
