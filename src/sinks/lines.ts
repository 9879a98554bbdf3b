import { oneLine } from './one-line.ts';
import type { Payload } from './sink.ts';
import { expectedBytes, Utf8Writer } from './utf8-writer.ts';

/** Returns the payloads' texts in UTF-8, a line each. */
export function linesOf(payloads: readonly Payload[]): Buffer {
  const writer = new Utf8Writer(expectedBytes(payloads, 1));
  for (const { text } of payloads) {
    writer.add(oneLine(text));
    writer.add('\n');
  }
  return writer.bytes;
}
