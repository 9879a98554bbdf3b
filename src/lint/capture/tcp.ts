/** A TCP segment as far as it matters to the bytes of its stream. */
export interface Segment {
  readonly sequence: number;
  readonly syn: boolean;
  readonly payload: Buffer;
  /** Bytes of it that were not captured. */
  readonly missing: number;
  /** Where it was met. */
  readonly where: string;
}

/** Who takes the bytes of a stream, in order. */
export interface StreamTaker {
  bytes(payload: Buffer, where: string): void;
  /** So many bytes are lacking in the capture. */
  gap(bytes: number, where: string): void;
}

/** Bytes that wait for one that lacks, at most; then it is given up. */
const maxWaiting = 4 * 1024 * 1024;
const maxWaitingSegments = 4096;
const wrap = 2 ** 32;

/**
 * One direction of a TCP connection: puts segments in order by sequence number, drops what was sent again, and tells
 * where bytes lack in the capture. Sequence numbers may wrap around.
 */
export class TcpStream {
  readonly #taker: StreamTaker;
  #next: number | undefined;
  #waiting: Segment[] = [];
  #waitingBytes = 0;

  constructor(taker: StreamTaker) {
    this.#taker = taker;
  }

  /** Bytes that wait for one that lacks. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  add(segment: Segment): void {
    if (segment.syn) {
      this.#next = (segment.sequence + 1) % wrap;
      return;
    }
    if (segment.payload.length + segment.missing === 0) return;
    this.#next ??= segment.sequence;
    this.#waiting.push(segment);
    this.#waitingBytes += segment.payload.length;
    this.#deliver();
    while (this.#waitingBytes > maxWaiting || this.#waiting.length > maxWaitingSegments)
      this.#skipToWaiting();
  }

  /** Gives what still waits, gaps told. */
  end(): void {
    while (this.#waiting.length > 0) this.#skipToWaiting();
  }

  #deliver(): void {
    for (;;) {
      const at = this.#waiting.findIndex((segment) => this.#distance(segment) <= 0);
      const [segment] = at === -1 ? [] : this.#waiting.splice(at, 1);
      if (segment === undefined) return;
      this.#waitingBytes -= segment.payload.length;
      this.#take(segment, -this.#distance(segment));
    }
  }

  /** Gives a segment without its first `known` bytes, which were given before. */
  #take({ payload, missing, where }: Segment, known: number): void {
    const length = payload.length + missing;
    if (known >= length) return;
    if (known < payload.length) this.#taker.bytes(payload.subarray(known), where);
    if (missing > 0) this.#taker.gap(length - Math.max(known, payload.length), where);
    this.#next = ((this.#next ?? 0) + length - known) % wrap;
  }

  #skipToWaiting(): void {
    const [first] = this.#waiting.toSorted((a, b) => this.#distance(a) - this.#distance(b));
    if (first === undefined) return;
    const distance = this.#distance(first);
    if (distance > 0) {
      this.#taker.gap(distance, first.where);
      this.#next = first.sequence;
    }
    this.#deliver();
  }

  /** How far a segment begins behind the next byte that lacks; negative before it. */
  #distance({ sequence }: Segment): number {
    return (sequence - (this.#next ?? sequence)) | 0;
  }
}
