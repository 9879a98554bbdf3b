import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { messageOf } from '../../src/errors.ts';
import { FrameReader } from './syslog-parser.ts';

interface Connection {
  readonly socket: Socket;
  readonly frames: FrameReader;
}

/**
 * A syslog receiver on 127.0.0.1 for TCP or TLS with octet counting that can hang, read slowly, reset, close and refuse
 * connections. `messages` has what the application has read; what lay in the kernel's buffer at a reset is gone.
 */
export class FailingReceiver implements AsyncDisposable {
  readonly #tls: TlsOptions | undefined;
  #server: Server | undefined;
  #port = 0;
  readonly #connections = new Set<Connection>();
  /** The kernel's sockets, also those below TLS. */
  readonly #raw = new Set<Socket>();
  readonly #changed = new EventTarget();
  #pace: 'reads' | 'slow' | 'hangs' = 'reads';
  /** Whole messages, in the order in which they were read. */
  readonly messages: Buffer[] = [];
  /** What was no syslog frame. */
  readonly violations: string[] = [];
  /** How many connections were taken. */
  taken = 0;

  private constructor(tls: TlsOptions | undefined) {
    this.#tls = tls;
  }

  /** Listens on a free port; with `tls` it speaks TLS. */
  static async listen(tls?: TlsOptions): Promise<FailingReceiver> {
    const receiver = new FailingReceiver(tls);
    await receiver.listenAgain();
    return receiver;
  }

  get port(): number {
    return this.#port;
  }

  /** Takes connections again, on the same port. */
  async listenAgain(): Promise<void> {
    if (this.#server !== undefined) return;
    const options = { allowHalfOpen: true, pauseOnConnect: this.#tls === undefined };
    const server =
      this.#tls === undefined ? createServer(options) : createTlsServer({ ...options, ...this.#tls });
    server.on('connection', (socket: Socket) => {
      this.#raw.add(socket);
      socket.on('error', () => {}).on('close', () => this.#raw.delete(socket));
    });
    server.on(this.#tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#take(socket);
    });
    server.on('tlsClientError', () => {});
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Refuses further connections; those there are go on. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** How it reads from now on, on all its connections. */
  set pace(pace: 'reads' | 'slow' | 'hangs') {
    this.#pace = pace;
    for (const connection of this.#connections) this.#read(connection);
  }

  /** Resolves once so many messages were read. */
  async received(count: number): Promise<readonly Buffer[]> {
    while (this.messages.length < count) await once(this.#changed, 'message');
    return this.messages;
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.#raw) resetAtOnce(socket);
    for (const { socket } of this.#connections) socket.destroy();
  }

  /** Ends its own direction of every connection, and reads on as before. */
  halfClose(): void {
    for (const { socket } of this.#connections) socket.end();
  }

  /** Closes every connection, as a process that ends does: what it had read it keeps. */
  close(): void {
    for (const connection of this.#connections) {
      this.#drain(connection);
      connection.socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    this.refuse();
    for (const { socket } of this.#connections) socket.destroy();
    if (server?.listening === true) await once(server, 'close');
  }

  #take(socket: Socket): void {
    this.taken++;
    const connection = { socket, frames: new FrameReader('octet-counting') };
    this.#connections.add(connection);
    socket.on('error', () => {});
    socket.on('close', () => this.#connections.delete(connection));
    socket.on('end', () => socket.end());
    this.#read(connection);
  }

  #read(connection: Connection): void {
    const { socket } = connection;
    socket.removeAllListeners('readable');
    if (socket.destroyed) return;
    if (this.#pace === 'hangs') {
      socket.pause();
      return;
    }
    if (this.#pace === 'slow') {
      this.#sip(connection);
      return;
    }
    socket.on('readable', () => this.#drain(connection));
    this.#drain(connection);
  }

  #drain(connection: Connection): void {
    const { socket } = connection;
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) this.#keep(connection, chunk);
  }

  /** Reads a little, and again a little later. */
  #sip(connection: Connection): void {
    const { socket } = connection;
    if (this.#pace !== 'slow' || socket.destroyed) return;
    this.#keep(connection, socket.read(Math.min(2048, socket.readableLength)));
    setTimeout(() => this.#sip(connection), 1).unref();
  }

  #keep({ frames }: Connection, chunk: Buffer | null): void {
    if (chunk === null || chunk.length === 0) return;
    try {
      this.messages.push(...frames.push(chunk));
    } catch (error) {
      this.violations.push(messageOf(error));
    }
    this.#changed.dispatchEvent(new Event('message'));
  }
}

/** Sends RST and nothing else: `resetAndDestroy` of Node says FIN before it, which no kernel does for a process that ends. */
function resetAtOnce(socket: Socket): void {
  const { _handle } = socket as unknown as { readonly _handle: { reset(done: () => void): number } | null };
  _handle?.reset(() => {});
  socket.destroy();
}
