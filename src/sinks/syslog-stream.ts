import { once } from 'node:events';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { ConnectorError } from '../errors.ts';
import { readTlsMaterial, type TlsOptions } from '../fields/tls.ts';
import { connectionFailure, describeConnectionError } from '../http/connection-error.ts';
import type { Clock } from '../runtime/clock.ts';

/** The other end of a stream, and how patient we are with it. */
export interface StreamPeer {
  /** The sink's name, for errors. */
  readonly sink: string;
  readonly host: string;
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: TlsOptions | undefined;
  /** Idle time before the kernel probes, ms; 0 for never. */
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** Handed to the socket at once: TLS holds its encrypted copy outside of the heap until the kernel took it. */
const pieceBytes = 64 * 2 ** 10;
/** The least time after a TLS handshake in which a refusal of our certificate may still arrive, ms. */
const graceMs = 200;
/** The longest such time, ms, however slow the handshake was. */
const longestGraceMs = 2_000;
/** How long a closing peer is waited for, ms. */
const closingMs = 1_000;

/**
 * One TCP or TLS connection to a syslog receiver. Such a stream has no acknowledgement: all that can be known is
 * whether the peer has hung up, so that is watched all the time (formats reference §4.5). After any failure the
 * connection is of no more use: part of a frame may be on the wire.
 */
export class StreamConnection {
  readonly #socket: Socket;
  readonly #peer: StreamPeer;
  readonly #clock: Clock;
  /** Whoever waits for something that the connection's end makes vain. */
  readonly #waiting = new Set<(failure: Error) => void>();
  #failure: Error | undefined;

  private constructor(socket: Socket, peer: StreamPeer, clock: Clock) {
    this.#socket = socket;
    this.#peer = peer;
    this.#clock = clock;
    const end = (error: Error) => {
      this.#failure ??= error;
      for (const fail of this.#waiting) fail(this.#failure);
    };
    socket.on('error', end);
    socket.once('end', () => end(new HungUp()));
    socket.once('close', () => end(new HungUp()));
    // What a receiver sends is read and dropped: only a stream that is read shows the peer's FIN.
    socket.resume();
  }

  /**
   * Connects, and for TLS waits a moment longer: in TLS 1.3 a refused client certificate shows only after the handshake
   * (formats reference §4.5), and some receivers look at it only then in TLS 1.2 too. Throws SINK_UNREACHABLE in plain words, or the signal's reason.
   */
  static async open(peer: StreamPeer, clock: Clock, signal: AbortSignal): Promise<StreamConnection> {
    signal.throwIfAborted();
    const startedMs = clock.now();
    const connection = new StreamConnection(connectSocket(peer), peer, clock);
    const ready = once(connection.#socket, peer.tls === undefined ? 'connect' : 'secureConnect');
    ready.catch(() => {}); // It rejects with the socket's error, which `#orEnd` tells too.
    await connection.#within(ready, peer.connectTimeoutMs, 'no connection', signal);
    await connection.#outlastRefusal(clock.now() - startedMs, signal);
    return connection;
  }

  /** Returns false once the peer has hung up; first lets the kernel tell what it knows. */
  async alive(): Promise<boolean> {
    await afterPoll();
    return this.#failure === undefined;
  }

  /**
   * Resolves once the kernel took all bytes and the peer has not hung up by then. Throws SINK_UNREACHABLE, or the
   * signal's reason; what was written is then in doubt, and the connection closed.
   */
  async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      promise.catch(() => {});
      const piece = bytes.subarray(start, start + pieceBytes);
      this.#socket.write(piece, (error) => (error ? reject(error) : resolve()));
      await this.#within(promise, this.#peer.writeTimeoutMs, 'the receiver has not read', signal);
    }
    await afterPoll();
    if (this.#failure !== undefined) throw this.#unreachable(this.#failure);
  }

  /** Says goodbye (FIN, and close_notify for TLS) and waits a moment for the peer's. */
  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const waiting = new AbortController();
    const closed = once(this.#socket, 'close').catch(() => {});
    this.#socket.end();
    await Promise.race([closed, this.#clock.sleep(closingMs, waiting.signal)]);
    waiting.abort();
    this.#socket.destroy();
  }

  /** Hangs up at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #outlastRefusal(handshakeMs: number, signal: AbortSignal): Promise<void> {
    if (this.#peer.tls === undefined) return;
    // The refusal needs one way back: a handshake's time is enough for it, however far the receiver is.
    const grace = Math.min(graceMs + handshakeMs, longestGraceMs);
    const waiting = new AbortController();
    try {
      const pause = this.#clock.sleep(grace, AbortSignal.any([signal, waiting.signal]));
      await this.#orEnd(pause);
      signal.throwIfAborted();
    } catch (error) {
      this.destroy();
      signal.throwIfAborted();
      throw this.#refusedAfterHandshake(error);
    } finally {
      waiting.abort();
    }
  }

  /** Waits for `step`, but not past the connection's end, the time given or the signal. */
  async #within(step: Promise<unknown>, ms: number, missing: string, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const stop = AbortSignal.any([signal, waiting.signal]);
    const late = this.#clock.sleep(ms, stop).then(() => {
      signal.throwIfAborted();
      if (!waiting.signal.aborted) throw new TookTooLong(`${missing} for ${ms} ms`);
    });
    late.catch(() => {});
    try {
      await this.#orEnd(Promise.race([step, late]));
    } catch (error) {
      this.destroy();
      signal.throwIfAborted();
      throw this.#unreachable(error);
    } finally {
      waiting.abort();
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

  #unreachable(error: unknown): ConnectorError {
    if (error instanceof HungUp || error instanceof TookTooLong) return this.#error(error.message, error);
    const { sink } = this.#peer;
    const described = describeConnectionError(error, this.#address());
    const words =
      described.includes('`tls.') || !isCertificateAlert(error)
        ? described
        : `${described}: ${this.#advice()}`;
    return new ConnectorError('SINK_UNREACHABLE', `sink ${sink}: ${words}`, { cause: error });
  }

  #refusedAfterHandshake(error: unknown): ConnectorError {
    // An alert says what is wrong; a mere end does not, but at this moment it has one usual reason.
    const silent = error instanceof HungUp || connectionFailure(error) === 'reset';
    if (!silent) return this.#unreachable(error);
    return this.#error(`the receiver hung up right after the TLS handshake: ${this.#advice()}`, error);
  }

  /** What to do when the receiver is not content with our certificate. */
  #advice(): string {
    return this.#peer.tls?.cert === undefined
      ? 'it probably demands a client certificate: name one in `tls.cert` and `tls.key`'
      : 'it probably refuses the client certificate: check that it trusts the root of `tls.cert`, and the dates';
  }

  #error(words: string, cause: unknown): ConnectorError {
    const message = `sink ${this.#peer.sink}: ${this.#address()}: ${words}`;
    return new ConnectorError('SINK_UNREACHABLE', message, { cause });
  }

  #address(): string {
    const { tls, host, port } = this.#peer;
    return `${tls === undefined ? 'tcp' : 'tls'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  }
}

/**
 * Tells whether the receiver's TLS alert can be about our certificate (RFC 8446 §6.2; TLS 1.2 sends handshake_failure
 * where none came, RFC 5246 §7.4.6). OpenSSL has renamed these codes, so only their ends are compared.
 */
function isCertificateAlert(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /_ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|NO_CERTIFICATE|ACCESS_DENIED)$/.test(
    code,
  );
}

class HungUp extends Error {
  constructor() {
    super('the receiver closed the connection');
  }
}

class TookTooLong extends Error {}

/** Resolves when the event loop has looked at every socket at least once: the first turn may come behind the look. */
async function afterPoll(): Promise<void> {
  await turn();
  await turn();
}

function connectSocket(peer: StreamPeer): Socket {
  const options = {
    host: peer.host,
    port: peer.port,
    noDelay: true,
    keepAlive: peer.keepAliveMs > 0,
    keepAliveInitialDelay: peer.keepAliveMs,
  };
  if (peer.tls === undefined) return tcpConnect(options);
  // An address is no server name (RFC 6066 §3); the certificate is then checked against `host`.
  const servername = isIP(peer.host) === 0 ? { servername: peer.host } : {};
  return tlsConnect({ ...options, ...servername, ...readTlsMaterial(peer.tls) });
}
