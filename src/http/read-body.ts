import type { Readable } from 'node:stream';
import type { AnswerShare } from './answer-memory.ts';

/**
 * Resolves with the whole body, whose memory `share` counts while it comes. Rejects with the stream's error, and when the
 * signal aborts; the stream is then destroyed.
 */
export async function readBody(
  body: Readable,
  share: AnswerShare | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const abort = () => body.destroy(new Error('the body is not wanted any more'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      await share?.grow(piece.length, signal);
    }
    return Buffer.concat(pieces);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
