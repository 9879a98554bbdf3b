/** Of a queue that holds little: there may be thousands. */
const leastCapacity = 4096;

/** Bytes that wait to be read, with where each chunk of them was met. Adding and taking cost what is added and taken. */
export class ByteQueue {
  #buffer = Buffer.alloc(leastCapacity);
  #start = 0;
  #end = 0;
  #taken = 0;
  /** Where each chunk begins, in bytes since the start of the stream; those before `#place` are taken. */
  #places: { readonly from: number; readonly where: string }[] = [];
  #place = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Where the next byte was met. */
  get where(): string {
    return this.#places[this.#place]?.where ?? '';
  }

  push(bytes: Uint8Array, where: string): void {
    if (where !== this.#places.at(-1)?.where) this.#places.push({ from: this.#taken + this.length, where });
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** All bytes, for looking at: the next `push` may write over them. */
  all(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Takes the first `count` bytes, as a copy; all where there are fewer. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.all().subarray(0, count));
    this.drop(taken.length);
    return taken;
  }

  /** Passes over the first `count` bytes; all where there are fewer. */
  drop(count: number): void {
    const dropped = Math.min(count, this.length);
    this.#start += dropped;
    this.#taken += dropped;
    while ((this.#places[this.#place + 1]?.from ?? Number.POSITIVE_INFINITY) <= this.#taken) this.#place++;
    if (this.#place < 1024) return;
    this.#places = this.#places.slice(this.#place);
    this.#place = 0;
  }

  #makeRoom(bytes: number): void {
    const needed = this.length + bytes;
    const roomy = needed * 2 <= this.#buffer.length;
    const target = roomy ? this.#buffer : Buffer.alloc(Math.max(leastCapacity, needed * 2));
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = target;
  }
}
