import { jsonString } from './json-string.ts';
import { linesOf } from './lines.ts';
import { oneLine } from './one-line.ts';
import type { Payload } from './sink.ts';
import { expectedBytes, Utf8Writer } from './utf8-writer.ts';

/** How a request holds its messages. */
export type BodyKind = 'ndjson' | 'array' | 'single';

/** Returns the body's bytes and its MIME type; `json` tells whether each message is JSON itself. */
export function encodeBody(
  payloads: readonly Payload[],
  kind: BodyKind,
  json: boolean,
): { readonly bytes: Buffer; readonly contentType: string } {
  if (kind === 'array') return { bytes: arrayOf(payloads, json), contentType: 'application/json' };
  const lines = linesOf(payloads);
  const bytes = kind === 'single' ? lines.subarray(0, -1) : lines;
  if (!json) return { bytes, contentType: 'text/plain; charset=utf-8' };
  return { bytes, contentType: kind === 'single' ? 'application/json' : 'application/x-ndjson' };
}

function arrayOf(payloads: readonly Payload[], json: boolean): Buffer {
  const writer = new Utf8Writer(expectedBytes(payloads, 1) + 1);
  writer.add('[');
  for (const [index, { text }] of payloads.entries()) {
    if (index > 0) writer.add(',');
    writer.add(json ? oneLine(text) : jsonString(text));
  }
  writer.add(']');
  return writer.bytes;
}
