import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { FrameReader } from './syslog-parser.ts';

/** A syslog receiver on 127.0.0.1 for TCP or TLS; keeps what arrives. */
export class SyslogReceiver implements AsyncDisposable {
  readonly #server: Server;
  readonly #framing: 'octet-counting' | 'newline';
  readonly #sockets = new Set<Socket>();
  readonly #changed = new EventTarget();
  /** Whole messages, in order of arrival. */
  readonly messages: Buffer[] = [];
  /** How many connections were opened. */
  connections = 0;
  /** Called for each connection, in place of reading from it. */
  onConnection: ((socket: Socket) => void) | undefined;

  private constructor(server: Server, framing: 'octet-counting' | 'newline', event: string) {
    this.#server = server;
    this.#framing = framing;
    server.on('connection', (socket: Socket) => this.#keep(socket));
    server.on(event, (socket: Socket) => this.#accept(socket));
    server.on('tlsClientError', () => {});
  }

  /** Listens on a free port; with `tls` it speaks TLS. */
  static async listen(
    framing: 'octet-counting' | 'newline' = 'octet-counting',
    tls?: TlsOptions,
  ): Promise<SyslogReceiver> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const receiver = new SyslogReceiver(
      server,
      framing,
      tls === undefined ? 'connection' : 'secureConnection',
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves with the messages once there are `count`. */
  async received(count: number): Promise<readonly Buffer[]> {
    while (this.messages.length < count) await once(this.#changed, 'message');
    return this.messages;
  }

  /** Closes every connection with a FIN and resolves when all are closed. */
  async hangUp(): Promise<void> {
    const open = [...this.#sockets].filter((socket) => !socket.destroyed);
    await Promise.all(
      open.map((socket) => {
        const closed = once(socket, 'close');
        socket.destroy();
        return closed;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Resolves once every connection has ended, and all that came on them is here. */
  async quiet(): Promise<void> {
    while (this.#sockets.size > 0) await once(this.#changed, 'close');
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#changed.dispatchEvent(new Event('close'));
    });
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    this.#keep(socket);
    if (this.onConnection === undefined) this.read(socket);
    else this.onConnection(socket);
  }

  /** Reads messages from a connection, as is done where `onConnection` is not set. */
  read(socket: Socket): void {
    const reader = new FrameReader(this.#framing);
    socket.on('data', (chunk: Buffer) => {
      this.messages.push(...reader.push(chunk));
      this.#changed.dispatchEvent(new Event('message'));
    });
  }
}
