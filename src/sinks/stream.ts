import { once } from 'node:events';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { readTlsMaterial, secureContextOf } from '../fields/tls.ts';
import type { Clock } from '../runtime/clock.ts';
import {
  HungUp,
  refusedAfterHandshake,
  type StreamAddress,
  TookTooLong,
  unreachable,
} from './stream-errors.ts';

/** The other end of a stream, and how patient we are with it. */
export interface StreamPeer extends StreamAddress {
  /** Idle time before the kernel probes, ms; 0 for never. */
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** What the end of a connection says of what was written. */
export type Ending =
  /** The receiver has read all of it. */
  | 'read'
  /** The connection broke: what was not read by then is gone. */
  | 'broken'
  /** The receiver has not answered our end: it hangs, or is slower than we wait. */
  | 'unanswered';

/** Handed to the socket at once: TLS holds its encrypted copy outside of the heap until the kernel took it. */
const pieceBytes = 64 * 2 ** 10;
/** The least time in which an answer to what was sent may still arrive, ms. */
const graceMs = 200;
/** The longest such time, ms, however slow the handshake was. */
const longestGraceMs = 2_000;
/** Why a wait ends that was for nothing: without a reason, an abort makes an error with its stack, dearer than the wait. */
const settled = 'settled';
/** How much longer than the handshake the answer to one byte may take, ms: the receiver's kernel gives it. */
const jitterMs = 50;

/**
 * One TCP or TLS connection to a syslog receiver. Such a stream has no acknowledgement: what can be known is whether
 * the peer has hung up, so that is watched all the time (formats reference §4.5), and at the end whether it had read
 * everything (`finish`). After any failure the connection is of no more use: part of a frame may be on the wire.
 */
export class StreamConnection {
  /** The socket of the kernel; for TLS it carries `#socket`. */
  readonly #raw: Socket;
  #socket: Socket;
  readonly #peer: StreamPeer;
  readonly #clock: Clock;
  /** Whoever waits for something that the connection's end makes vain. */
  readonly #waiting = new Set<(failure: Error) => void>();
  readonly #ended = Promise.withResolvers<void>();
  #failure: Error | undefined;
  #peerEnded = false;
  #broken = false;
  #reset = false;
  #handshakeMs = 0;

  private constructor(raw: Socket, peer: StreamPeer, clock: Clock) {
    this.#raw = raw;
    this.#socket = raw;
    this.#peer = peer;
    this.#clock = clock;
    this.#watch(raw);
  }

  /**
   * Connects, and for TLS waits a moment longer: in TLS 1.3 a refused client certificate shows only after the handshake
   * (formats reference §4.5), and some receivers look at it only then in TLS 1.2 too. What the receiver sends goes to
   * `hear`. Throws SINK_UNREACHABLE in plain words, CONFIG_INVALID for TLS files, or the signal's reason.
   */
  static async open(
    peer: StreamPeer,
    clock: Clock,
    signal: AbortSignal,
    hear: (bytes: Buffer) => void = () => {},
  ): Promise<StreamConnection> {
    signal.throwIfAborted();
    const startedMs = clock.now();
    const material = peer.tls === undefined ? undefined : readTlsMaterial(peer.tls);
    const connection = new StreamConnection(connectSocket(peer), peer, clock);
    await connection.#within(connection.#handshake(material), peer.connectTimeoutMs, 'no connection', signal);
    connection.#handshakeMs = clock.now() - startedMs;
    // Only a stream that is read shows the peer's FIN.
    connection.#socket.on('data', hear);
    await connection.#outlastRefusal(signal);
    return connection;
  }

  /** Resolves once the receiver has hung up or the connection has failed. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Returns false once the peer has hung up; first lets the kernel tell what it knows. */
  async alive(): Promise<boolean> {
    await afterPoll();
    return this.#failure === undefined;
  }

  /** True once the peer has hung up or the connection has failed. */
  get over(): boolean {
    return this.#failure !== undefined;
  }

  /** True when the receiver was given up because it did not do in time what was waited for. */
  get hung(): boolean {
    return this.#failure instanceof TookTooLong;
  }

  /**
   * Resolves once the kernel took all bytes; whether the peer was there to read them, `verify` tells. Throws
   * SINK_UNREACHABLE, or the signal's reason; what was written is then in doubt, and the connection closed.
   */
  async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      promise.catch(() => {});
      const piece = bytes.subarray(start, start + pieceBytes);
      this.#socket.write(piece, (error) => (error ? reject(error) : resolve()));
      await this.#within(promise, this.#peer.writeTimeoutMs, 'the receiver has not read', signal);
    }
  }

  /** Resolves when the peer has not hung up by now, as far as the kernel knows; throws as `write` does. */
  async verify(): Promise<void> {
    await afterPoll();
    if (this.#failure !== undefined) throw unreachable(this.#peer, this.#failure);
  }

  /**
   * Waits for something that the receiver does, at most the time it has to read. Throws SINK_UNREACHABLE, or the
   * signal's reason; the connection is then closed. `missing` says what did not come.
   */
  async wait(step: Promise<unknown>, missing: string, signal: AbortSignal): Promise<void> {
    await this.#within(step, this.#peer.writeTimeoutMs, missing, signal);
  }

  /**
   * Ends the connection in good order, and tells what became of what was written. When an application closes a socket
   * that it has not read to the end, its kernel sends RST in place of FIN (RFC 2525 §2.17, Linux tcp_close): a FIN that
   * answers ours is the receiver's word that it has read everything. `crumb`: a byte that no receiver takes for a
   * message, for the case that it was the receiver that ended the connection.
   */
  async finish(ms: number, crumb: string): Promise<Ending> {
    const waiting = new AbortController();
    const quiet = (span: number) => this.#orEnd(this.#clock.sleep(span, waiting.signal)).catch(() => {});
    try {
      // A FIN that was on its way when the last bytes were written answers nothing, and must not be taken for the answer.
      await quiet(this.#roundTripMs());
      if (this.#peerEnded && !this.#broken) return await this.#afterPeersEnd(crumb);
      if (this.#failure !== undefined) return 'broken';
      this.#socket.end();
      await quiet(ms);
      if (this.#broken) return 'broken';
      return this.#peerEnded ? 'read' : 'unanswered';
    } finally {
      waiting.abort();
      this.destroy();
    }
  }

  /** Hangs up at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#raw.destroy();
  }

  /**
   * The receiver was first to say FIN. Either it has closed its socket, and had read all that had come by then: then a
   * byte more is answered with RST. Or it has only ended its own direction, and what it will still read is unknown.
   */
  async #afterPeersEnd(crumb: string): Promise<Ending> {
    // An RST for what was on the way, or lay unread when TLS had already said goodbye, comes soon after.
    await this.#lookForReset(longestGraceMs);
    if (this.#broken) return 'broken';
    this.#socket.write(crumb, () => {});
    // No longer than the answer takes: a receiver that closes just now may have thrown away what it had not read.
    await this.#lookForReset(this.#handshakeMs + jitterMs);
    return this.#reset ? 'read' : 'broken';
  }

  /** Waits a moment. After a FIN only writing shows that an RST has come, and writing nothing will do. */
  async #lookForReset(ms: number): Promise<void> {
    await this.#clock.sleep(ms);
    if (!this.#raw.destroyed) this.#raw.write(Buffer.alloc(0), () => {});
    await afterPoll();
  }

  #watch(socket: Socket): void {
    const end = (error: Error) => {
      this.#failure ??= error;
      for (const fail of this.#waiting) fail(this.#failure);
      this.#ended.resolve();
    };
    socket.on('error', (error) => {
      this.#broken = true;
      this.#reset ||= isReset(error);
      end(error);
    });
    socket.once('end', () => {
      this.#peerEnded = true;
      end(new HungUp());
    });
    socket.once('close', () => end(new HungUp()));
  }

  async #handshake(material: ReturnType<typeof readTlsMaterial> | undefined): Promise<void> {
    await once(this.#raw, 'connect');
    if (material === undefined) return;
    const { host } = this.#peer;
    // An address is no server name (RFC 6066 §3); the certificate is then checked against `host`.
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const secureContext = secureContextOf(material);
    this.#socket = tlsConnect({ socket: this.#raw, host, ...servername, ...material, secureContext });
    this.#watch(this.#socket);
    await once(this.#socket, 'secureConnect');
  }

  async #outlastRefusal(signal: AbortSignal): Promise<void> {
    if (this.#peer.tls === undefined) return;
    const waiting = new AbortController();
    try {
      // The refusal needs one way back: a handshake's time is enough for it, however far the receiver is.
      const pause = this.#clock.sleep(this.#roundTripMs(), AbortSignal.any([signal, waiting.signal]));
      await this.#orEnd(pause);
      signal.throwIfAborted();
    } catch (error) {
      this.destroy();
      signal.throwIfAborted();
      throw refusedAfterHandshake(this.#peer, error);
    } finally {
      waiting.abort();
    }
  }

  #roundTripMs(): number {
    return Math.min(graceMs + this.#handshakeMs, longestGraceMs);
  }

  /** Waits for `step`, but not past the connection's end, the time given or the signal. */
  async #within(step: Promise<unknown>, ms: number, missing: string, signal: AbortSignal): Promise<void> {
    step.catch(() => {}); // It rejects with the socket's error, which `#orEnd` tells too.
    const waiting = new AbortController();
    const { promise: over, reject } = Promise.withResolvers<never>();
    over.catch(() => {});
    // No `AbortSignal.any`, which costs more than a write does.
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    void this.#clock.sleep(ms, waiting.signal).then(() => {
      if (!waiting.signal.aborted) reject(new TookTooLong(`${missing} for ${ms} ms`));
    });
    try {
      signal.throwIfAborted();
      await this.#orEnd(Promise.race([step, over]));
    } catch (error) {
      if (error instanceof TookTooLong) this.#failure ??= error;
      this.destroy();
      signal.throwIfAborted();
      throw unreachable(this.#peer, error);
    } finally {
      signal.removeEventListener('abort', abort);
      waiting.abort(settled);
    }
  }

  /** Settles as `step` does, or rejects as soon as the connection has ended. */
  async #orEnd(step: Promise<unknown>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#waiting.add(reject);
    try {
      await Promise.race([step, promise]);
    } finally {
      this.#waiting.delete(reject);
    }
  }
}

/** Resolves when the event loop has looked at every socket at least once: the first turn may come behind the look. */
async function afterPoll(): Promise<void> {
  await turn();
  await turn();
}

/** Tells the RST of the other end, also where a write was first to meet it, from what went wrong at this end. */
function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** Our direction stays open after the peer's FIN, so that it can be found out what that meant. */
function connectSocket({ host, port, keepAliveMs }: StreamPeer): Socket {
  return tcpConnect({
    host,
    port,
    noDelay: true,
    keepAlive: keepAliveMs > 0,
    keepAliveInitialDelay: keepAliveMs,
    allowHalfOpen: true,
  });
}
