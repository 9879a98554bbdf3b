import { lookup } from 'node:dns/promises';
import { Client, Transport } from 'syslog-client';
import { describeConnectionError } from '../http/connection-error.ts';
import { abortable } from './abortable.ts';
import { NotSent } from './not-sent.ts';

/** Where datagrams go. */
export interface UdpPeer {
  /** The sink's name, for errors. */
  readonly sink: string;
  readonly host: string;
  readonly port: number;
}

/**
 * The library's client with our own bytes in its datagrams: its own header has the sender's time and no STRUCTURED-DATA,
 * and a line end that RFC 5426 §3.1 does not know.
 */
class VerbatimClient extends Client {
  override buildFormattedMessage(message: string): Buffer {
    return Buffer.from(message, 'utf8');
  }
}

/** Sends syslog messages by UDP, one each datagram (RFC 5426 §3.1). There is no sign of loss. */
export class UdpSender {
  readonly #peer: UdpPeer;
  #address: string | undefined;
  #client: Client | undefined;

  constructor(peer: UdpPeer) {
    this.#peer = peer;
  }

  /**
   * Looks the receiver's name up anew, and opens a socket for its address. Throws `NotSent`, or the signal's reason.
   */
  async open(signal: AbortSignal): Promise<void> {
    try {
      const { address } = await abortable(lookup(this.#peer.host), signal);
      if (address !== this.#address) this.#reopen(address);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  /** Resolves once the kernel took the datagram. Throws `NotSent`. */
  async send(message: string): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw new Error('send before open');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.log(message, (error) => (error === undefined ? resolve() : reject(error)));
    try {
      await promise;
    } catch (error) {
      this.close();
      throw this.#unreachable(error);
    }
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
    this.#address = undefined;
  }

  #reopen(address: string): void {
    this.close();
    const client = new VerbatimClient(address, { port: this.#peer.port, transport: Transport.Udp });
    // A failure also reaches the callback of `log`; without a listener it would end the process as well.
    client.on('error', () => this.close());
    this.#client = client;
    this.#address = address;
  }

  #unreachable(error: unknown): NotSent {
    const { sink, host, port } = this.#peer;
    const at = `udp://${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new NotSent('SINK_UNREACHABLE', `sink ${sink}: ${describeConnectionError(error, at)}`, {
      cause: error,
    });
  }
}
