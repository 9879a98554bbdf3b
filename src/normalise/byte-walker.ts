import { JsonScanner, JsonSyntaxError, type Span } from './json-scanner.ts';

const quote = 0x22;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** A value is looked for in so many bytes and in twice as many as the last one had; where it goes on, in eight times. */
const leastReach = 256;
/** So many units before its end a number may have been cut off by the end of a text: `1e+`. */
const cutNumber = 2;

/**
 * Walks over the JSON text in the bytes of an answer, without a text of them all: what structures JSON is ASCII, and
 * bytes of other characters are never taken for it, whether they are UTF-8 or not. Offsets are bytes. Methods throw
 * `JsonSyntaxError` where the text cannot go on.
 */
export class ByteWalker {
  readonly bytes: Buffer;
  /** The next byte to look at. */
  position: number;
  #reach = leastReach;

  /** Starts at the beginning, behind a byte order mark. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.position = byteOrderMark.every((byte, index) => bytes[index] === byte) ? byteOrderMark.length : 0;
  }

  /** Passes over white space; true when nothing is left behind it. */
  atEnd(): boolean {
    this.skipSpace();
    return this.position >= this.bytes.length;
  }

  /** Passes over white space; true when `byte` follows. */
  isAt(byte: number): boolean {
    this.skipSpace();
    return this.bytes[this.position] === byte;
  }

  /** Passes over white space, and over `byte` if it follows: then true. */
  take(byte: number): boolean {
    if (!this.isAt(byte)) return false;
    this.position++;
    return true;
  }

  /** Passes over `byte`, which must follow. */
  expect(byte: number): void {
    if (!this.take(byte)) throw this.unexpected();
  }

  /** Passes over white space. */
  skipSpace(): void {
    while (isSpace(this.bytes[this.position])) this.position++;
  }

  /** Passes over one value of any kind; its span. */
  value(): Span {
    this.skipSpace();
    const start = this.position;
    const left = this.bytes.length - start;
    for (let reach = this.#reach; ; reach *= 8) {
      // A unit of this text is a byte.
      const scanner = new JsonScanner(this.bytes.toString('latin1', start, start + Math.min(reach, left)));
      try {
        const { end } = scanner.value();
        if (end > reach - cutNumber && reach < left) continue;
        this.position = start + end;
        this.#reach = Math.max(leastReach, 2 * end);
        return { start, end: this.position };
      } catch (error) {
        if (!(error instanceof JsonSyntaxError)) throw error;
        if (reach < left) continue;
        this.position = start + error.offset;
        throw this.unexpected();
      }
    }
  }

  /** Passes over the name of a member; the text that it stands for. */
  name(): string {
    if (!this.isAt(quote)) throw this.unexpected();
    return this.decode(this.value());
  }

  /** Returns the text that a JSON string stands for. */
  decode(span: Span): string {
    const raw = this.text(span);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return String(JSON.parse(raw));
    } catch {
      throw new JsonSyntaxError('a text has an escape that JSON does not know', span.start);
    }
  }

  /** Returns the text of a span; what of it is no UTF-8 becomes U+FFFD. */
  text({ start, end }: Span): string {
    return this.bytes.toString('utf8', start, end);
  }

  /** Returns the error of this place: that the text ends here, or what stands here instead. */
  unexpected(): JsonSyntaxError {
    const { bytes, position } = this;
    if (position >= bytes.length) {
      return new JsonSyntaxError('it ends before it is complete', bytes.length);
    }
    const [character = ''] = bytes.toString('utf8', position, position + 4);
    return new JsonSyntaxError(`unexpected ${JSON.stringify(character)}`, position);
  }
}

/** True for a byte of white space between the tokens of JSON. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
