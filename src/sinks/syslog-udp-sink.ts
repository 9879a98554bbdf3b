import { messageOf } from '../errors.ts';
import type { EventHead } from '../event-head.ts';
import type { Peer } from './peer.ts';
import { accepted, type Outcome, type Payload, type Sink, type SinkContext } from './sink.ts';
import { SyslogEncoder } from './syslog-encoder.ts';
import { type SyslogOptions, syslogPeer } from './syslog-options.ts';
import { UdpSender } from './syslog-udp.ts';

/** Syslog over UDP: what the kernel took counts as delivered. */
export class UdpSyslogSink implements Sink {
  readonly peer: Peer;
  readonly #encoder: SyslogEncoder;
  readonly #sender: UdpSender;

  constructor(options: SyslogOptions, context: SinkContext) {
    this.peer = syslogPeer(options);
    this.#encoder = new SyslogEncoder(options, context);
    this.#sender = new UdpSender({ sink: context.name, host: options.host, port: this.peer.port });
  }

  payloadBytes(event: EventHead): number {
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
        if (encoded.kind === 'message') await this.#sender.send(encoded.text);
        outcomes.push(encoded.kind === 'message' ? accepted : encoded);
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
