/** Counts the octet-counted messages (RFC 6587 §3.4.1) of one connection, whatever pieces they come in. */
export class FrameCounter {
  /** Bytes of the message in hand that are still to come. */
  #left = 0;
  /** The number read so far, while a message's length is read. */
  #length = 0;
  /** Whole messages. */
  count = 0;

  /** Takes what came; throws SyntaxError where a length should be and is none. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.count++;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (byte >= 0x30 && byte <= 0x39) this.#length = this.#length * 10 + (byte - 0x30);
      else if (byte === 0x20 && this.#length > 0) {
        this.#left = this.#length;
        this.#length = 0;
      } else throw new SyntaxError(`octet counting: byte ${byte} where a length should be`);
    }
  }
}
