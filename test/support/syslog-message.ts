import { oneLine } from '../../src/sinks/one-line.ts';

/** Returns the bytes of one message: header and text, no byte order mark (formats reference §4.1), no frame. */
export function encodeMessage(header: string, text: string): Buffer {
  return Buffer.from(header + oneLine(text), 'utf8');
}
