import { lookup as systemLookup } from 'node:dns/promises';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { TlsOptions } from '../fields/tls.ts';
import { ConnectionError, connectionFailure } from '../http/connection-error.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { abortable } from './abortable.ts';
import { type CertificateFacts, chainTroubles, shownChain } from './certificate-chain.ts';
import { addressText, type Peer } from './peer.ts';
import { refusalAfterHandshake, tookTooLong, troubleOf, tunnelRefused } from './reach-troubles.ts';
import { type Trouble, TroubleError } from './trouble.ts';
import { usableTls } from './usable-tls.ts';

/** What one step of the way came to. */
export type Step<Facts> =
  | ({ readonly state: 'done' } & Facts)
  | { readonly state: 'failed'; readonly trouble: Trouble }
  /** A step before it has failed. */
  | { readonly state: 'not-tried' };

/** The addresses of a name, as this host's resolver gives them. */
export interface Resolved {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}

/** A TCP connection: to the peer, or to the proxy before it. */
export interface Connected {
  /** The address and port that answered. */
  readonly address: string;
  readonly ms: number;
}

/** A TLS handshake that came to its end; what is wrong with the certificate stands in `troubles`. */
export interface Secured {
  /** Such as `TLSv1.3`. */
  readonly version: string;
  /** The server's own first, up to the root where it is known. */
  readonly certificates: readonly CertificateFacts[];
  readonly troubles: readonly Trouble[];
}

/** How far a peer can be reached. Steps that a peer has not are undefined. */
export interface Reach {
  /** Of the proxy, where there is one: the proxy looks up the peer's name. */
  readonly name: Step<Resolved>;
  readonly connection: Step<Connected> | undefined;
  /** Through the proxy. */
  readonly tunnel: Step<object> | undefined;
  readonly tls: Step<Secured> | undefined;
}

/** What a probe works with. */
export interface ReachOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Longest wait for each step, ms; 5 s by default. */
  readonly stepMs?: number;
  /** In place of this host's resolver and network. */
  readonly lookup?: (
    host: string,
  ) => Promise<readonly { readonly address: string; readonly family: number }[]>;
  readonly connect?: (host: string, port: number) => Socket;
}

const usualStepMs = 5_000;
/** As long as a refusal after the handshake may take beyond the handshake's own time, and at most, ms (formats reference §4.5). */
const graceMs = 200;
const longestGraceMs = 2_000;

const notTried = { state: 'not-tried' } as const;

/**
 * Goes the way to a peer step by step, without a word of its protocol: name, TCP, proxy, TLS. Resolves with what each
 * step came to; rejects with the signal's reason only. The certificate is shown and judged even where it is not trusted.
 */
export async function reach(peer: Peer, options: ReachOptions): Promise<Reach> {
  return await new Way(peer, options).go();
}

class Way {
  readonly #peer: Peer;
  readonly #options: ReachOptions;
  readonly #proxy: URL | undefined;
  readonly #sockets: Socket[] = [];

  constructor(peer: Peer, options: ReachOptions) {
    this.#peer = peer;
    this.#options = options;
    this.#proxy = peer.proxy === undefined ? undefined : new URL(peer.proxy);
  }

  async go(): Promise<Reach> {
    try {
      const { host, port } = this.#first();
      const name = await this.#step(() => this.#resolve(host));
      if (this.#peer.transport === 'udp') {
        return { name, connection: undefined, tunnel: undefined, tls: undefined };
      }
      let socket: Socket | undefined;
      const connection: Reach['connection'] =
        name.state === 'done'
          ? await this.#step(async () => {
              const connected = await this.#connect(host, port);
              socket = connected.socket;
              return { address: connected.address, ms: connected.ms };
            })
          : notTried;
      let tunnel: Reach['tunnel'];
      if (this.#proxy !== undefined) {
        const carrier = socket;
        socket = undefined;
        tunnel =
          carrier === undefined
            ? notTried
            : await this.#step(async () => {
                socket = await this.#tunnel(carrier);
                return {};
              });
      }
      const { tls } = this.#peer;
      const open = socket;
      if (tls === undefined) return { name, connection, tunnel, tls: undefined };
      const secured = open === undefined ? notTried : await this.#step(() => this.#secure(open, tls));
      return { name, connection, tunnel, tls: secured };
    } finally {
      // The outermost first: Node 26 crashes where a socket goes from under its TLS.
      for (const socket of this.#sockets.reverse()) socket.destroy();
    }
  }

  /** Whom the connection is made to: the proxy, or the peer itself. */
  #first(): { readonly host: string; readonly port: number } {
    const proxy = this.#proxy;
    if (proxy === undefined) return this.#peer;
    const usual = proxy.protocol === 'https:' ? 443 : 80;
    return {
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: proxy.port === '' ? usual : Number(proxy.port),
    };
  }

  async #step<Facts extends object>(act: () => Promise<Facts>): Promise<Step<Facts>> {
    try {
      return { state: 'done', ...(await act()) };
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof TroubleError) return { state: 'failed', trouble: error.trouble };
      return { state: 'failed', trouble: troubleOf(error, this.#peer) };
    }
  }

  async #resolve(host: string): Promise<Resolved> {
    if (isIP(host) !== 0) return isIP(host) === 4 ? { v4: [host], v6: [] } : { v4: [], v6: [host] };
    const lookup = this.#options.lookup ?? ((name: string) => systemLookup(name, { all: true }));
    const found = await this.#within(lookup(host), () => tookTooLong('name', host, this.#stepMs));
    const of = (family: number) => [
      ...new Set(found.filter((each) => each.family === family).map(({ address }) => address)),
    ];
    return { v4: of(4), v6: of(6) };
  }

  async #connect(host: string, port: number): Promise<Connected & { readonly socket: Socket }> {
    const started = elapsedMs(this.#options.clock);
    const open = this.#options.connect ?? ((to: string, at: number) => tcpConnect({ host: to, port: at }));
    const plain = this.#keep(open(host, port));
    const late = () => tookTooLong('connection', addressText(host, port), this.#stepMs);
    await this.#within(once(plain, 'connect'), late);
    const ms = Math.round(elapsedMs(this.#options.clock) - started);
    const address = addressText(plain.remoteAddress ?? host, plain.remotePort ?? port);
    if (this.#proxy?.protocol !== 'https:') return { socket: plain, address, ms };
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = this.#keep(tlsConnect({ socket: plain, host, ...servername }));
    await this.#within(once(socket, 'secureConnect'), late);
    return { socket, address, ms };
  }

  async #tunnel(carrier: Socket): Promise<Socket> {
    const proxy = this.#proxy;
    const target = addressText(this.#peer.host, this.#peer.port);
    const password = proxy?.username ? { 'Proxy-Authorization': basic(proxy) } : {};
    const request = httpRequest({
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...password },
      createConnection: () => carrier,
    });
    const answered = once(request, 'connect') as Promise<[IncomingMessage, Socket]>;
    request.end();
    const late = () => tookTooLong('tunnel', target, this.#stepMs);
    const [answer, socket] = await this.#within(answered, late);
    if (answer.statusCode === 200) return socket;
    throw new TroubleError(tunnelRefused(target, answer.statusCode ?? 0));
  }

  async #secure(open: Socket, tls: TlsOptions): Promise<Secured> {
    const { host } = this.#peer;
    const { clock } = this.#options;
    const { material, ca } = usableTls(tls);
    const expectedName = material.servername ?? host;
    const started = elapsedMs(clock);
    const socket = this.#keep(
      tlsConnect({
        socket: open,
        host,
        // An address is no server name (RFC 6066 §3).
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...material,
        // What is not trusted is to be shown too; no word is said over this connection.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      }),
    );
    const bytesBefore = open.bytesRead;
    const ended = Promise.race([once(socket, 'close'), once(socket, 'end')]).then(() => {
      throw new ConnectionError('reset', 'it hung up');
    });
    const shaken = Promise.race([once(socket, 'secureConnect'), ended]).catch((error: unknown) => {
      // Whoever has spoken TLS so far, and then hangs up, misses something: our certificate.
      const spoke = open.bytesRead > bytesBefore && connectionFailure(error) === 'reset';
      throw spoke ? new TroubleError(refusalAfterHandshake(this.#peer, error), { cause: error }) : error;
    });
    await this.#within(shaken, () => tookTooLong('tls', addressText(host, this.#peer.port), this.#stepMs));
    const chain = shownChain(socket, expectedName);
    const version = socket.getProtocol() ?? 'TLS';
    await this.#outlastRefusal(socket, Math.min(graceMs + elapsedMs(clock) - started, longestGraceMs));
    const troubles = chainTroubles(chain, {
      host,
      serverName: tls.serverName,
      ca,
      nowMs: clock.now(),
    });
    return { version, certificates: chain.certificates, troubles };
  }

  /** In TLS 1.3 a refused client certificate shows only after the handshake (formats reference §4.5). */
  async #outlastRefusal(socket: TLSSocket, ms: number): Promise<void> {
    socket.resume();
    const waiting = new AbortController();
    const ended = once(socket, 'end', { signal: waiting.signal }).then(() => true);
    ended.catch(() => {});
    const { signal, clock } = this.#options;
    const quiet = clock.sleep(ms, AbortSignal.any([signal, waiting.signal])).then(() => false);
    try {
      if (await Promise.race([ended, quiet])) throw new TroubleError(refusalAfterHandshake(this.#peer));
    } catch (error) {
      if (error instanceof TroubleError) throw error;
      throw new TroubleError(refusalAfterHandshake(this.#peer, error), { cause: error });
    } finally {
      waiting.abort();
    }
    signal.throwIfAborted();
  }

  get #stepMs(): number {
    return this.#options.stepMs ?? usualStepMs;
  }

  #keep<Kind extends Socket>(socket: Kind): Kind {
    this.#sockets.push(socket);
    // What breaks after its step is over is nobody's failure, and must not end the process.
    socket.on('error', () => {});
    return socket;
  }

  /** Settles as `step` does; rejects with what `late` says once the time of a step is over, or with the signal's reason. */
  async #within<Value>(step: Promise<Value>, late: () => Trouble): Promise<Value> {
    step.catch(() => {});
    const waiting = new AbortController();
    const { clock, signal } = this.#options;
    const over = clock.sleep(this.#stepMs, waiting.signal).then((): never => {
      throw new TroubleError(late());
    });
    over.catch(() => {});
    try {
      return await abortable(Promise.race([step, over]), signal);
    } finally {
      waiting.abort();
    }
  }
}

function basic(proxy: URL): string {
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}
