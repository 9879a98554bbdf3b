/** Bytes that wait to be read, with where each chunk of them was met. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #taken = 0;
  /** Where each chunk begins, in bytes since the start of the stream. */
  #places: { readonly from: number; readonly where: string }[] = [];

  get length(): number {
    return this.#length;
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Where the next byte was met. */
  get where(): string {
    return this.#places[0]?.where ?? '';
  }

  push(bytes: Uint8Array, where: string): void {
    this.#chunks.push(bytes);
    this.#places.push({ from: this.#taken + this.#length, where });
    this.#length += bytes.length;
  }

  /** All bytes, in one piece. */
  all(): Buffer {
    const [only] = this.#chunks;
    const whole =
      this.#chunks.length === 1 && only !== undefined
        ? Buffer.from(only.buffer, only.byteOffset, only.length)
        : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [whole];
    return whole;
  }

  /** Takes the first `count` bytes; all where there are fewer. */
  take(count: number): Buffer {
    const all = this.all();
    const taken = all.subarray(0, count);
    this.#chunks = [all.subarray(taken.length)];
    this.#length -= taken.length;
    this.#taken += taken.length;
    while ((this.#places[1]?.from ?? Number.POSITIVE_INFINITY) <= this.#taken) this.#places.shift();
    return taken;
  }
}
