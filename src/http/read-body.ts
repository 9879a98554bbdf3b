import type { Readable } from 'node:stream';
import type { AnswerShare } from './answer-memory.ts';

/**
 * Resolves with the whole body as text, whose memory `share` counts while it comes: decoded piece by piece, so that it is
 * not held as bytes too. What is no UTF-8 becomes U+FFFD. Rejects with the stream's error, and when the
 * signal aborts; the stream is then destroyed.
 */
export async function readBody(
  body: Readable,
  share: AnswerShare | undefined,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: false });
  let text = '';
  const abort = () => body.destroy(new Error('the body is not wanted any more'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(piece, { stream: true });
      await share?.grow(piece.length, signal);
    }
    return text + decoder.decode();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
