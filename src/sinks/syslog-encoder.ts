import type { EventHead } from '../event-head.ts';
import type { FramePiece } from './frame-piece.ts';
import { oneLine } from './one-line.ts';
import { accepted, type Outcome, type Payload, type SinkContext } from './sink.ts';
import { headerMeasure, headerWriter } from './syslog-message.ts';
import { defaultMaxMessageBytes, type SyslogOptions } from './syslog-options.ts';

/** Turns payloads into messages of this sink's header and size. */
export class SyslogEncoder {
  readonly #header: (event: EventHead, nowMs: number) => string;
  readonly #headerBytes: (event: EventHead) => number;
  readonly #maxBytes: number;
  readonly #clock: SinkContext['clock'];

  constructor(options: SyslogOptions, context: SinkContext) {
    const header = {
      rfc: options.rfc,
      facility: options.facility,
      hostname: options.hostname ?? context.hostname,
      appName: options.appName,
      tag: options.tag === 'none' ? undefined : options.tag,
      timeZone: options.timeZone,
      structuredData: options.structuredData,
    };
    this.#header = headerWriter(header);
    this.#headerBytes = headerMeasure(header);
    this.#maxBytes = options.maxMessageBytes ?? defaultMaxMessageBytes[options.transport];
    this.#clock = context.clock;
  }

  payloadBytes(event: EventHead): number {
    return Math.max(0, this.#maxBytes - this.#headerBytes(event));
  }

  /** The message, and its bytes in UTF-8; an outcome for one too long, since receivers read the rest as a new message (§4.7). */
  encode({ event, text }: Payload): EncodedMessage | Outcome {
    const message = this.#header(event, this.#clock.now()) + oneLine(text);
    const bytes = Buffer.byteLength(message);
    return bytes <= this.#maxBytes ? { kind: 'message', text: message, bytes } : this.#tooLong(bytes);
  }

  /**
   * Fills an emptied piece with the payloads that have no outcome yet, as far as there is room, and tells an outcome for
   * each; what is too long is left out as in `encode`.
   */
  fill(piece: FramePiece, payloads: readonly Payload[], outcomes: Outcome[]): void {
    piece.clear();
    const now = this.#clock.now();
    for (let index = outcomes.length; index < payloads.length; index++) {
      const payload = payloads[index];
      if (payload === undefined) return;
      const header = this.#header(payload.event, now);
      const text = oneLine(payload.text);
      const units = header.length + text.length;
      // A byte is the least that a unit takes: so much is not even written.
      if (units > this.#maxBytes) {
        outcomes.push(this.#tooLong(Buffer.byteLength(header + text)));
        continue;
      }
      if (!piece.hasRoomFor(units)) return;
      const bytes = piece.add(header, text, this.#maxBytes);
      outcomes.push(bytes <= this.#maxBytes ? accepted : this.#tooLong(bytes));
    }
  }

  #tooLong(bytes: number): Outcome {
    const reason = `the message has ${bytes} bytes, maxMessageBytes allows ${this.#maxBytes}`;
    return { kind: 'rejected', reason };
  }
}

/** A message without a frame. */
export interface EncodedMessage {
  readonly kind: 'message';
  readonly text: string;
  /** In UTF-8. */
  readonly bytes: number;
}
