import type { Framing } from './syslog-message.ts';

/** What is handed to a socket at once: TLS holds its encrypted copy outside of the heap until the kernel took it. */
const pieceBytes = 64 * 2 ** 10;
/** The most that a frame adds to a message: the digits of a length, and the space behind them. */
const frameBytes = 17;
/** The most bytes of UTF-8 that a UTF-16 code unit takes. */
const bytesPerUnit = 3;

/**
 * Frames one behind the other, in memory that is used again for each piece: no Buffer for a message, and nothing is put
 * together or copied. Octet counting: `MSG-LEN SP SYSLOG-MSG`, the length in bytes, nothing after it (RFC 6587 §3.4.1,
 * RFC 5425 §4.3). Newline: LF behind the message (RFC 6587 §3.4.2).
 */
export class FramePiece {
  readonly #counting: boolean;
  #memory: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(framing: Framing) {
    this.#counting = framing === 'octet-counting';
  }

  /** The frames that it holds, until it is cleared. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Tells whether a message of so many UTF-16 code units surely fits; into an empty piece any does. */
  hasRoomFor(units: number): boolean {
    return this.isEmpty || this.#length + mostBytes(units) <= this.#memory.length;
  }

  /**
   * Adds a message, for which there must be room; returns its bytes in UTF-8, without the frame. One of more than
   * `maxBytes` is left out.
   */
  add(header: string, text: string, maxBytes: number): number {
    const units = header.length + text.length;
    if (this.isEmpty) this.#grow(mostBytes(units));
    // The length stands before what it counts. In ASCII it is known beforehand; what has other characters is written twice.
    let bytes = this.#write(units, header, text);
    if (bytes !== units && this.#counting) bytes = this.#write(bytes, header, text);
    if (bytes <= maxBytes) this.#length += this.#frameBytes(bytes) + bytes;
    return bytes;
  }

  /** Writes a frame that announces so many bytes behind the others; returns how many its message has. */
  #write(announced: number, header: string, text: string): number {
    const length = this.#counting ? `${announced} ` : '';
    const headed = this.#memory.write(length + header, this.#length);
    const bytes = headed - length.length + this.#memory.write(text, this.#length + headed);
    if (!this.#counting) this.#memory[this.#length + bytes] = 0x0a;
    return bytes;
  }

  #frameBytes(bytes: number): number {
    return this.#counting ? String(bytes).length + 1 : 1;
  }

  #grow(bytes: number): void {
    if (this.#memory.length < bytes) this.#memory = Buffer.allocUnsafeSlow(Math.max(bytes, pieceBytes));
  }
}

function mostBytes(units: number): number {
  return units * bytesPerUnit + frameBytes;
}
