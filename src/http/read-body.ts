import type { Readable } from 'node:stream';
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
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      if (bytes.length + piece.length > most) {
        throw new ConnectionError('too-large', `the answer is larger than ${most} bytes`);
      }
      bytes.append(piece);
      await share?.grow(piece.length, signal);
    }
    return bytes.whole();
  } finally {
    signal.removeEventListener('abort', abort);
  }
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
  #buffer: ArrayBuffer | undefined;
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
    else {
      const buffer = this.#withRoom(this.#length + piece.length);
      new Uint8Array(buffer).set(piece, this.#length);
    }
    this.#length += piece.length;
  }

  whole(): Uint8Array {
    return this.#buffer === undefined ? this.#first : new Uint8Array(this.#buffer, 0, this.#length);
  }

  #withRoom(length: number): ArrayBuffer {
    if (this.#buffer === undefined) {
      this.#buffer = new ArrayBuffer(Math.max(length, this.#expected), { maxByteLength: this.#most });
      new Uint8Array(this.#buffer).set(this.#first);
      this.#first = none;
    } else if (length > this.#buffer.byteLength) {
      const room = length + Math.max(leastGrowth, length >> 2);
      this.#buffer.resize(Math.min(room, this.#most));
    }
    return this.#buffer;
  }
}
