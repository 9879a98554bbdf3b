import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { jsonString } from './json-string.ts';
import { oneLine } from './one-line.ts';
import type { Payload } from './sink.ts';

/** How a request holds its messages. */
export type BodyKind = 'ndjson' | 'array' | 'single';

/** Returns the body's bytes and its MIME type; `json` tells whether each message is JSON itself. */
export function encodeBody(
  payloads: readonly Payload[],
  kind: BodyKind,
  json: boolean,
): { readonly bytes: Buffer; readonly contentType: string } {
  if (kind === 'array') {
    const items = payloads.map(({ text }) => (json ? oneLine(text) : jsonString(text)));
    return { bytes: Buffer.from(`[${items.join(',')}]`), contentType: 'application/json' };
  }
  const lines = payloads.map(({ text }) => oneLine(text));
  if (kind === 'single') {
    return {
      bytes: Buffer.from(lines.join('\n')),
      contentType: json ? 'application/json' : 'text/plain; charset=utf-8',
    };
  }
  const contentType = json ? 'application/x-ndjson' : 'text/plain; charset=utf-8';
  return { bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')), contentType };
}

const compress = promisify(gzip);

/** Returns the body as it is sent, and the header that tells so. */
export async function encodeContent(
  bytes: Buffer,
  compressed: boolean,
): Promise<{ readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }> {
  if (!compressed) return { body: bytes, headers: {} };
  return { body: await compress(bytes), headers: { 'Content-Encoding': 'gzip' } };
}
