import { ConnectorError, messageOf } from '../errors.ts';
import type { SecurityEvent } from '../event.ts';
import { NotSent } from './not-sent.ts';
import type { Outcome, Payload, Sink, SinkContext, SinkType } from './sink.ts';
import { encodeMessage, frame, headerWriter } from './syslog-message.ts';
import { defaultMaxMessageBytes, type SyslogOptions, syslogOptions } from './syslog-options.ts';
import { StreamConnection, type StreamPeer } from './syslog-stream.ts';
import { UdpSender } from './syslog-udp.ts';

/** Syslog over UDP, TCP or TLS. */
export const syslog: SinkType<typeof syslogOptions> = {
  type: 'syslog',
  options: syslogOptions,
  defaultFormat: 'cef',
  create(options, context) {
    if (options.tls?.verify === false) {
      context.log.warn(
        { sink: context.name },
        'server certificate is not verified: anyone can read and answer',
      );
    }
    return options.transport === 'udp'
      ? new UdpSyslogSink(options, context)
      : new StreamSyslogSink(options, context);
  },
};

/** Turns payloads into messages of this sink's header and size. */
class Encoder {
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

const accepted: Outcome = { kind: 'accepted' };

class StreamSyslogSink implements Sink {
  readonly #encoder: Encoder;
  readonly #framing: SyslogOptions['framing'];
  readonly #peer: StreamPeer;
  readonly #context: SinkContext;
  #connection: StreamConnection | undefined;

  constructor(options: SyslogOptions, context: SinkContext) {
    this.#encoder = new Encoder(options, context);
    this.#framing = options.framing;
    this.#context = context;
    this.#peer = {
      sink: context.name,
      host: options.host,
      port: options.port ?? (options.transport === 'tls' ? 6514 : 514),
      tls: options.transport === 'tls' ? (options.tls ?? { verify: true }) : undefined,
      keepAliveMs: options.keepAlive,
      connectTimeoutMs: options.connectTimeout,
      writeTimeoutMs: options.writeTimeout,
    };
  }

  payloadBytes(event: SecurityEvent): number {
    return this.#encoder.payloadBytes(event);
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    const encoded = payloads.map((payload) => this.#encoder.encode(payload));
    const frames = encoded
      .filter((each) => Buffer.isBuffer(each))
      .map((message) => frame(message, this.#framing));
    if (frames.length > 0) await this.#write(Buffer.concat(frames), signal);
    return encoded.map((each) => (Buffer.isBuffer(each) ? accepted : each));
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#connected(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    const connection = await this.#connected(signal);
    try {
      await connection.write(bytes, signal);
    } catch (error) {
      // Part of a frame may be on the wire, so nothing more may follow it (formats reference §4.4).
      this.#connection = undefined;
      connection.destroy();
      throw error;
    }
  }

  async #connected(signal: AbortSignal): Promise<StreamConnection> {
    const present = this.#connection;
    if (present !== undefined && (await present.alive())) return present;
    present?.destroy();
    this.#connection = undefined;
    try {
      const fresh = await StreamConnection.open(this.#peer, this.#context.clock, signal);
      this.#connection = fresh;
      return fresh;
    } catch (error) {
      throw error instanceof ConnectorError
        ? new NotSent(error.code, error.message, { cause: error })
        : error;
    }
  }
}

class UdpSyslogSink implements Sink {
  readonly #encoder: Encoder;
  readonly #sender: UdpSender;

  constructor(options: SyslogOptions, context: SinkContext) {
    this.#encoder = new Encoder(options, context);
    this.#sender = new UdpSender({ sink: context.name, host: options.host, port: options.port ?? 514 });
  }

  payloadBytes(event: SecurityEvent): number {
    return this.#encoder.payloadBytes(event);
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    if (payloads.length === 0) return [];
    await this.#sender.open(signal);
    const outcomes: Outcome[] = [];
    try {
      for (const payload of payloads) {
        signal.throwIfAborted();
        const encoded = this.#encoder.encode(payload);
        if (Buffer.isBuffer(encoded)) await this.#sender.send(encoded);
        outcomes.push(Buffer.isBuffer(encoded) ? accepted : encoded);
      }
    } catch (error) {
      if (outcomes.length === 0) throw error;
      const rest: Outcome = { kind: 'deferred', reason: messageOf(error) };
      for (const _payload of payloads.slice(outcomes.length)) outcomes.push(rest);
    }
    return outcomes;
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#sender.open(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sender.close();
  }
}
