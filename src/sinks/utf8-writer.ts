/** The most bytes of UTF-8 that a UTF-16 code unit takes. */
const bytesPerUnit = 3;

/**
 * Memory of writers that are done with, for the next ones: V8 counts what is outside of its heap too, and a new megabyte
 * for each request brought on a collection of the whole heap two or three times as often (measured).
 */
const spare: Buffer[] = [];
/** How much is kept for all sinks together: so many pieces, none larger than that many bytes. */
const kept = { pieces: 2, bytes: 2 ** 21 };

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
    this.#memory = spareOf(expected) ?? Buffer.allocUnsafeSlow(expected);
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

  /** Gives the memory back: nobody may hold `bytes` any more. */
  release(): void {
    const memory = this.#memory;
    this.#memory = Buffer.alloc(0);
    this.#length = 0;
    if (memory.length > kept.bytes) return;
    spare.push(memory);
    // The largest stay: they serve small requests too.
    spare.sort((a, b) => b.length - a.length).splice(kept.pieces);
  }

  #makeRoom(bytes: number): void {
    const least = this.#length + bytes;
    if (least <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.#memory.length * 2));
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}

function spareOf(bytes: number): Buffer | undefined {
  const at = spare.findIndex((memory) => memory.length >= bytes);
  return at === -1 ? undefined : spare.splice(at, 1)[0];
}

/** Returns the least bytes that the texts of these payloads take, and what stands around each. */
export function expectedBytes(payloads: readonly { readonly text: string }[], around: number): number {
  let bytes = 0;
  for (const { text } of payloads) bytes += text.length + around;
  return bytes;
}
