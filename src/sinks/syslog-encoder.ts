import type { SecurityEvent } from '../event.ts';
import type { Outcome, Payload, SinkContext } from './sink.ts';
import { encodeMessage, headerWriter } from './syslog-message.ts';
import { defaultMaxMessageBytes, type SyslogOptions } from './syslog-options.ts';

/** Turns payloads into messages of this sink's header and size. */
export class SyslogEncoder {
  readonly #header: (event: SecurityEvent, nowMs: number) => string;
  readonly #maxBytes: number;
  readonly #clock: SinkContext['clock'];

  constructor(options: SyslogOptions, context: SinkContext) {
    this.#header = headerWriter({
      rfc: options.rfc,
      facility: options.facility,
      hostname: options.hostname ?? context.hostname,
      appName: options.appName,
      tag: options.tag === 'none' ? undefined : options.tag,
      timeZone: options.timeZone,
      structuredData: options.structuredData,
    });
    this.#maxBytes = options.maxMessageBytes ?? defaultMaxMessageBytes[options.transport];
    this.#clock = context.clock;
  }

  payloadBytes(event: SecurityEvent): number {
    return Math.max(0, this.#maxBytes - Buffer.byteLength(this.#header(event, this.#clock.now())));
  }

  /** The message's bytes; an outcome for one too long, since receivers read the rest as a new message (§4.7). */
  encode(payload: Payload): Buffer | Outcome {
    const message = encodeMessage(this.#header(payload.event, this.#clock.now()), payload.text);
    if (message.length <= this.#maxBytes) return message;
    const reason = `the message has ${message.length} bytes, maxMessageBytes allows ${this.#maxBytes}`;
    return { kind: 'rejected', reason };
  }
}
