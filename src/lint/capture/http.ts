import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { messageOf } from '../../errors.ts';
import { error, printable, warning } from '../text.ts';
import type { ByteQueue } from './byte-queue.ts';
import { type Captured, remark } from './captured.ts';
import { documentsOf, maxBodyBytes } from './documents.ts';
import type { FrameReader } from './framing.ts';

const headersEnd = '\r\n\r\n';
const maxHeaderBytes = 64 * 1024;

interface Request {
  readonly where: string;
  /** Bytes of the body; undefined where it comes in chunks. */
  readonly length: number | undefined;
  readonly encoding: string;
  readonly chunks: Buffer[];
  /** Bytes of the chunks. */
  held: number;
}

/** Requests of HTTP/1.1, the messages in their bodies. */
export class HttpReader implements FrameReader {
  #request: Request | undefined;
  #lost = false;
  #needed = 0;

  get heldBytes(): number {
    return this.#request?.held ?? 0;
  }

  lost(): void {
    this.#lost = true;
    this.#request = undefined;
    this.#needed = 0;
  }

  read(queue: ByteQueue, ended: boolean): readonly Captured[] {
    const found: Captured[] = [];
    while (queue.length > 0 && queue.length >= this.#needed) {
      const before = queue.length;
      this.#needed = 0;
      if (this.#request === undefined) this.#headers(queue, found);
      else if (this.#request.length === undefined) this.#chunk(queue, this.#request, found);
      else this.#body(queue, this.#request, this.#request.length, found);
      if (queue.length === before) break;
    }
    if (ended && queue.length > 0) {
      const where = this.#request?.where ?? queue.where;
      queue.drop(queue.length);
      if (!this.#lost)
        found.push(remark(where, warning(undefined, 'RFC 9112 §8', 'the stream ends amid a request')));
    }
    return found;
  }

  #headers(queue: ByteQueue, found: Captured[]): void {
    const bytes = queue.all();
    const { where } = queue;
    const start = this.#lost ? bytes.toString('latin1').search(/(?:POST|PUT) \S+ HTTP\/1\.[01]\r\n/) : 0;
    const end = bytes.indexOf(headersEnd, Math.max(0, start));
    if (start === -1 || end === -1) {
      if (bytes.length > maxHeaderBytes) {
        queue.drop(bytes.length);
        if (!this.#lost)
          found.push(
            remark(where, warning(undefined, 'RFC 9112 §5', 'headers without an end are passed over')),
          );
        this.#lost = true;
      }
      return;
    }
    this.#lost = false;
    const head = queue.take(end + headersEnd.length).toString('latin1', start, end);
    const header = (name: string) => new RegExp(`^${name}:(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
    const chunked = /\bchunked\b/i.test(header('transfer-encoding'));
    const length = chunked ? undefined : Number(/^\d{1,15}$/.exec(header('content-length'))?.[0] ?? 0);
    if (length === 0) return;
    const target = printable(/^\S+ \S+/.exec(head)?.[0] ?? '').slice(0, 80);
    this.#request = {
      where: `${where}, ${target}`,
      length,
      encoding: header('content-encoding').toLowerCase(),
      chunks: [],
      held: 0,
    };
  }

  #body(queue: ByteQueue, request: Request, length: number, found: Captured[]): void {
    if (length > maxBodyBytes) {
      found.push(tooLong(request.where));
      this.lost();
      queue.drop(queue.length);
      return;
    }
    this.#needed = length;
    if (queue.length < length) return;
    this.#needed = 0;
    this.#request = undefined;
    for (const captured of messagesOf(queue.take(length), request)) found.push(captured);
  }

  #chunk(queue: ByteQueue, request: Request, found: Captured[]): void {
    const bytes = queue.all();
    const head = /^([0-9A-Fa-f]{1,8})[^\r\n]{0,200}\r\n/.exec(bytes.toString('latin1', 0, 256));
    const size = Number.parseInt(head?.[1] ?? '', 16);
    const total = request.held + size;
    if (head === null && bytes.length < 256) return;
    if (head === null || total > maxBodyBytes) {
      found.push(
        head === null
          ? remark(request.where, error(undefined, 'RFC 9112 §7.1', 'a chunk of the body has no length'))
          : tooLong(request.where),
      );
      this.lost();
      queue.drop(queue.length);
      return;
    }
    const end = head[0].length + size + 2;
    this.#needed = end;
    if (queue.length < end) return;
    this.#needed = 0;
    request.chunks.push(queue.take(end).subarray(head[0].length, end - 2));
    request.held = total;
    if (size > 0) return;
    this.#request = undefined;
    for (const captured of messagesOf(Buffer.concat(request.chunks), request)) found.push(captured);
  }
}

function messagesOf(body: Buffer, { where, encoding }: Request): readonly Captured[] {
  try {
    return documentsOf(decoded(body, encoding), `${where}, event`);
  } catch (thrown) {
    return [
      remark(
        where,
        error(undefined, 'RFC 9110 §8.4', `the body cannot be decompressed: ${messageOf(thrown)}`),
      ),
    ];
  }
}

function decoded(body: Buffer, encoding: string): Buffer {
  const limit = { maxOutputLength: maxBodyBytes };
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(body, limit);
  if (encoding === 'deflate') return inflateSync(body, limit);
  if (encoding === 'br') return brotliDecompressSync(body, limit);
  if (encoding === '' || encoding === 'identity') return body;
  throw new Error(`the content encoding ${encoding.slice(0, 20)} is not known here`);
}

function tooLong(where: string): Captured {
  return remark(
    where,
    warning(undefined, 'capture', `a body of more than ${maxBodyBytes} bytes is passed over`),
  );
}
