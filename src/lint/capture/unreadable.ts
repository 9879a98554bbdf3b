import { warning } from '../text.ts';
import type { ByteQueue } from './byte-queue.ts';
import { type Captured, remark } from './captured.ts';
import type { FrameReader } from './framing.ts';

/** A stream that is encrypted: said once. */
export class TlsReader implements FrameReader {
  #said = false;

  read(queue: ByteQueue): readonly Captured[] {
    const { where } = queue;
    queue.drop(queue.length);
    if (this.#said) return [];
    this.#said = true;
    const what =
      'is TLS, which nobody can read: capture where it is decrypted, such as behind a relay, or lint what `format` prints';
    return [remark(where, warning(undefined, 'RFC 5425 §4', what))];
  }

  lost(): void {}
}

/** A stream that holds no messages: counted, where `counts` says so, and passed over. */
export class PassedOver implements FrameReader {
  #counts: boolean;

  constructor(counts: boolean) {
    this.#counts = counts;
  }

  read(queue: ByteQueue): readonly Captured[] {
    const { where } = queue;
    queue.drop(queue.length);
    if (!this.#counts) return [];
    this.#counts = false;
    return [{ where, bytes: undefined, findings: [] }];
  }

  lost(): void {}
}
