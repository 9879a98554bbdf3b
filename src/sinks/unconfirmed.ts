/**
 * What was written on a connection and may still lie unread in a socket buffer. At most `tailBytes` can: whatever lies
 * further back has been read, since so much more was taken after it. Holds numbers only; the payloads are the journal's.
 */
export class Unconfirmed {
  readonly #tailBytes: number;
  #batches: { readonly bytes: number; readonly payloads: number; readonly atMs: number }[] = [];
  #bytes = 0;
  #payloads = 0;

  /** `tailBytes`: what the send buffer here and the receive buffer there hold at most. */
  constructor(tailBytes: number) {
    this.#tailBytes = tailBytes;
  }

  /** Payloads that are not known to have been read. */
  get payloads(): number {
    return this.#payloads;
  }

  /** When the oldest of them was written, ms since 1970; undefined when there are none. */
  get sinceMs(): number | undefined {
    return this.#batches[0]?.atMs;
  }

  /** So many bytes of so many payloads were taken by the kernel. */
  add(bytes: number, payloads: number, atMs: number): void {
    this.#batches.push({ bytes, payloads, atMs });
    this.#bytes += bytes;
    this.#payloads += payloads;
    for (let first = this.#batches[0]; first !== undefined; first = this.#batches[0]) {
      if (this.#bytes - first.bytes < this.#tailBytes) break;
      this.#batches.shift();
      this.#bytes -= first.bytes;
      this.#payloads -= first.payloads;
    }
  }

  /** Forgets all, and returns how many payloads there were. */
  clear(): number {
    const payloads = this.#payloads;
    this.#batches = [];
    this.#bytes = 0;
    this.#payloads = 0;
    return payloads;
  }
}
