/** The most bytes of UTF-8 that a UTF-16 code unit takes. */
const bytesPerUnit = 3;

/**
 * Texts one behind the other in UTF-8, outside of V8's heap. What is put together as a string, or gathered in a list
 * first, lives long enough to be moved to the old part of the heap, and a batch's string is one of V8's large objects:
 * both are freed by a collection of the whole heap only, one every few batches, which cost more than all else here.
 */
export class Utf8Writer {
  #memory: Buffer;
  #length = 0;

  /** `expected`: bytes that it will hold, as far as they are known; it grows beyond. */
  constructor(expected: number) {
    this.#memory = Buffer.allocUnsafeSlow(expected);
  }

  /** What was written. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  add(text: string): void {
    // Counted only where it might not fit.
    if (this.#length + text.length * bytesPerUnit > this.#memory.length)
      this.#makeRoom(Buffer.byteLength(text));
    this.#length += this.#memory.write(text, this.#length);
  }

  #makeRoom(bytes: number): void {
    const least = this.#length + bytes;
    if (least <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.#memory.length * 2));
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}

/** Returns the least bytes that the texts of these payloads take, and what stands around each. */
export function expectedBytes(payloads: readonly { readonly text: string }[], around: number): number {
  let bytes = 0;
  for (const { text } of payloads) bytes += text.length + around;
  return bytes;
}
