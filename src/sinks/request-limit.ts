/** How long a receiver's limit is believed, ms: it may have been raised since. */
const believedMs = 3_600_000;

/** The largest request that a receiver takes, as far as its refusals have told. */
export class RequestLimit {
  #bytes = Number.POSITIVE_INFINITY;
  #untilMs = 0;

  /** Bytes that a request may have. */
  at(nowMs: number): number {
    // A clock that was set back makes it last no longer.
    if (nowMs >= this.#untilMs || nowMs < this.#untilMs - believedMs) this.#bytes = Number.POSITIVE_INFINITY;
    return this.#bytes;
  }

  /** A request of several events and so many bytes was too large: the next ones have at most half of it. */
  tooLarge(bytes: number, nowMs: number): number {
    this.#bytes = Math.min(this.at(nowMs), Math.ceil(bytes / 2));
    this.#untilMs = nowMs + believedMs;
    return this.#bytes;
  }
}
