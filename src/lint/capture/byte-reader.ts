/** Reads exact numbers of bytes from chunks of any size. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Returns the next `count` bytes and leaves them there; fewer at the end. */
  async peek(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      const { done, value } = await this.#chunks.next();
      if (done === true) break;
      this.#held = Buffer.concat([this.#held, value]);
    }
    return this.#held.subarray(0, count);
  }

  /** Returns the next `count` bytes; undefined where the input ends before. */
  async take(count: number): Promise<Buffer | undefined> {
    const taken = await this.peek(count);
    if (taken.length < count) return undefined;
    this.#held = this.#held.subarray(count);
    return taken;
  }

  /** Passes over `count` bytes, without holding them; false where the input ends before. */
  async skip(count: number): Promise<boolean> {
    for (let left = count; left > 0; ) {
      const step = await this.peek(Math.min(left, 65_536));
      if (step.length === 0) return false;
      this.#held = this.#held.subarray(step.length);
      left -= step.length;
    }
    return true;
  }

  /** Gives whatever follows, chunk by chunk. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#held.length > 0) yield this.#held;
    this.#held = Buffer.alloc(0);
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return;
      yield value;
    }
  }
}
