import { warning } from '../text.ts';
import { ByteQueue } from './byte-queue.ts';
import { type Captured, remark } from './captured.ts';
import { type FrameReader, frameReader, type StreamOrigin } from './framing.ts';
import type { StreamTaker } from './tcp.ts';

/** The messages of one stream: finds out how it is framed, and gives them as they become whole. */
export class MessageStream implements StreamTaker {
  #origin: StreamOrigin;
  readonly #give: (captured: Captured) => void;
  readonly #queue = new ByteQueue();
  #reader: FrameReader | undefined;

  constructor(origin: StreamOrigin, give: (captured: Captured) => void) {
    this.#origin = origin;
    this.#give = give;
  }

  /** Bytes that wait for the rest of their message. */
  get heldBytes(): number {
    return this.#queue.length + (this.#reader?.heldBytes ?? 0);
  }

  bytes(payload: Uint8Array, where: string): void {
    this.#queue.push(payload, where);
    this.#read(false);
  }

  gap(bytes: number, where: string): void {
    const what = `${bytes} bytes before this are not in the capture: a message that was begun is passed over`;
    this.#give(remark(where, warning(undefined, 'capture', what)));
    this.#queue.drop(this.#queue.length);
    if (this.#reader === undefined) this.#origin = { ...this.#origin, isWhole: false };
    else this.#reader.lost();
  }

  /** Reads what is left: nothing follows. */
  end(): void {
    if (this.#queue.length > 0) this.#read(true);
  }

  #read(ended: boolean): void {
    this.#reader ??= frameReader(this.#queue, ended, this.#origin);
    for (const captured of this.#reader?.read(this.#queue, ended) ?? []) this.#give(captured);
  }
}
