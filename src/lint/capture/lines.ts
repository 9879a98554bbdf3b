import type { Finding } from '../language.ts';
import { warning } from '../text.ts';
import type { ByteQueue } from './byte-queue.ts';
import { type Captured, maxMessageBytes, message, remark } from './captured.ts';
import type { FrameReader, StreamOrigin } from './framing.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nul = 0;

/** Messages that a line feed ends, or NUL where that is the first to stand behind one (RFC 6587 §3.4.2). */
export class LineReader implements FrameReader {
  readonly #isFile: boolean;
  #delimiter: number | undefined;
  /** Bytes at the head of the queue that hold no delimiter. */
  #scanned = 0;
  #line = 0;
  #skipping = false;

  constructor({ isFile }: StreamOrigin) {
    this.#isFile = isFile;
  }

  lost(): void {
    this.#skipping = true;
    this.#scanned = 0;
  }

  read(queue: ByteQueue, ended: boolean): readonly Captured[] {
    const messages: Captured[] = [];
    for (let end = this.#end(queue); end !== -1; end = this.#end(queue)) {
      messages.push(...this.#take(queue, end + 1, []));
    }
    if (ended && queue.length > 0) {
      const unended = warning(
        undefined,
        'RFC 6587 §3.4.2',
        'the stream ends without a line feed behind this message: is it whole?',
      );
      messages.push(...this.#take(queue, queue.length, this.#isFile ? [] : [unended]));
    } else if (queue.length > maxMessageBytes) {
      const where = this.#where(queue);
      queue.drop(queue.length);
      if (!this.#skipping)
        messages.push(
          remark(
            where,
            warning(undefined, 'capture', `is longer than ${maxMessageBytes} bytes and passed over`),
          ),
        );
      this.#skipping = true;
      this.#scanned = 0;
    }
    return messages;
  }

  #end(queue: ByteQueue): number {
    const bytes = queue.all();
    this.#delimiter ??= firstOf(bytes, this.#scanned);
    const end = this.#delimiter === undefined ? -1 : bytes.indexOf(this.#delimiter, this.#scanned);
    this.#scanned = end === -1 ? bytes.length : 0;
    return end;
  }

  #take(queue: ByteQueue, count: number, findings: readonly Finding[]): readonly Captured[] {
    this.#line++;
    const where = this.#where(queue);
    let line = queue.take(count);
    this.#scanned = 0;
    if (line.at(-1) === this.#delimiter) line = line.subarray(0, -1);
    const skipped = this.#skipping;
    this.#skipping = false;
    const found = [...findings];
    if (line.at(-1) === carriageReturn) {
      line = line.subarray(0, -1);
      if (!this.#isFile)
        found.push(
          warning(
            undefined,
            'RFC 6587 §3.4.2',
            'ends with CR LF: receivers take the CR for part of the message',
          ),
        );
    }
    if (this.#delimiter === nul)
      found.push(warning(undefined, 'RFC 6587 §3.4.2', 'ends with NUL: most receivers wait for a line feed'));
    return skipped || isBlank(line) ? [] : [message(where, line, found)];
  }

  #where(queue: ByteQueue): string {
    return this.#isFile ? `line ${this.#line}` : queue.where;
  }
}

function firstOf(bytes: Buffer, from: number): number | undefined {
  const line = bytes.indexOf(lineFeed, from);
  const zero = bytes.indexOf(nul, from);
  if (zero !== -1 && (line === -1 || zero < line)) {
    // A NUL within a message is part of it; one that ends it stands before the next.
    return zero + 1 === bytes.length || bytes[zero + 1] === 0x3c ? nul : lineFeed;
  }
  return line === -1 ? undefined : lineFeed;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09);
}
