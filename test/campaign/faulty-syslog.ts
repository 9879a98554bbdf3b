import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Authority, Certificate } from '../support/certificates.ts';
import { RelpReceiver } from '../support/relp-receiver.ts';
import { FrameReader } from '../support/syslog-parser.ts';
import { alertId, type FaultySiem, isBad } from './faulty-siem.ts';

const common = {
  type: 'syslog',
  host: '127.0.0.1',
  format: 'json',
  maxMessageBytes: 65_536,
  // By the fast clock: real sockets need their time.
  connectTimeout: '1h',
  writeTimeout: '1h',
  batch: { maxEvents: 12 },
};

/** Faults for which another server takes the receiver's place, or none; what it takes stays in the kernel. */
const atTheDoor: ReadonlySet<string> = new Set([
  'is down',
  'refuses TLS',
  'reads nothing',
  'never answers the handshake',
]);

/** A syslog receiver over TCP or TLS. */
export class FaultyStream implements FaultySiem {
  readonly name: string;
  readonly #tls: { readonly certificate: Certificate; readonly ca: string } | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #received: string[] = [];
  #server: Server | undefined;
  #port = 0;
  #fault = '';
  readonly refusesAll = new Set<string>();

  private constructor(name: string, tls?: { readonly authority: Authority; readonly ca: string }) {
    this.name = name;
    this.#tls = tls && { certificate: tls.authority.issue('127.0.0.1'), ca: tls.ca };
  }

  static async listen(
    name: string,
    tls?: { readonly authority: Authority; readonly ca: string },
  ): Promise<FaultyStream> {
    const siem = new FaultyStream(name, tls);
    await siem.#listen();
    return siem;
  }

  get sink() {
    const tls =
      this.#tls === undefined ? { transport: 'tcp' } : { transport: 'tls', tls: { ca: this.#tls.ca } };
    return { ...common, name: this.name, port: this.#port, ...tls };
  }

  get faults(): Readonly<Record<string, boolean>> {
    const any = { 'is down': true, 'cuts the connection': false, 'hangs up at once': false };
    if (this.#tls === undefined) return { ...any, 'reads nothing': false };
    return { ...any, 'refuses TLS': true, 'never answers the handshake': true };
  }

  async begin(fault: string): Promise<void> {
    this.#fault = fault;
    for (const socket of this.#sockets) socket.destroy();
    if (!atTheDoor.has(fault)) return;
    await this.#close();
    if (fault === 'is down') return;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      if (fault === 'refuses TLS') socket.destroy();
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async mend(): Promise<void> {
    const closed = atTheDoor.has(this.#fault);
    this.#fault = '';
    for (const socket of this.#sockets) socket.destroy();
    if (!closed) return;
    await this.#close();
    await this.#listen();
  }

  received(): readonly string[] {
    return this.#received;
  }

  refuses(): boolean {
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#close();
  }

  async #listen(): Promise<void> {
    const server = this.#tls === undefined ? createServer() : createTlsServer(this.#tls.certificate);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    });
    server.on(this.#tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      this.#read(socket),
    );
    server.on('tlsClientError', () => {});
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
  }

  #read(socket: Socket): void {
    socket.on('error', () => {});
    if (this.#fault === 'hangs up at once') {
      socket.end();
      return;
    }
    const reader = new FrameReader('octet-counting');
    socket.on('data', (chunk: Buffer) => {
      if (this.#fault === 'cuts the connection') {
        // An end in good order would say that all was read.
        for (const each of this.#sockets) each.resetAndDestroy();
        return;
      }
      for (const message of reader.push(chunk)) this.#received.push(alertId(message.toString('utf8')));
    });
  }
}

/** A receiver of RELP, which refuses bad alerts. */
export class FaultyRelp implements FaultySiem {
  readonly name: string;
  #receiver: RelpReceiver;
  readonly #port: number;
  readonly #earlier: Buffer[] = [];
  #down = false;
  readonly refusesAll = new Set(['refuse']);

  private constructor(name: string, receiver: RelpReceiver) {
    this.name = name;
    this.#receiver = receiver;
    this.#port = receiver.port;
    this.#behave('');
  }

  static async listen(name: string): Promise<FaultyRelp> {
    return new FaultyRelp(name, await RelpReceiver.listen());
  }

  get sink() {
    return { ...common, name: this.name, transport: 'relp', port: this.#port, writeTimeout: '5m' };
  }

  readonly faults = {
    'is down': true,
    'no answer': true,
    refuse: true,
    serverclose: true,
    reset: true,
    'hang up': true,
    'wrong number': true,
    garbage: true,
  };

  async begin(fault: string): Promise<void> {
    if (fault === 'is down') await this.#close();
    else this.#behave(fault);
  }

  async mend(): Promise<void> {
    if (this.#down) this.#receiver = await RelpReceiver.listen(undefined, this.#port);
    this.#down = false;
    this.#behave('');
  }

  received(): readonly string[] {
    return [...this.#earlier, ...this.#receiver.messages].map((message) => alertId(message.toString('utf8')));
  }

  refuses(id: string): boolean {
    return isBad(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    this.#down = true;
    this.#earlier.push(...this.#receiver.messages);
    this.#receiver.messages.length = 0;
    await this.#receiver[Symbol.asyncDispose]();
  }

  #behave(fault: string): void {
    const own = Object.keys(this.faults).includes(fault) ? (fault as 'refuse') : undefined;
    this.#receiver.fault = (message) =>
      own ?? (isBad(alertId(message.toString('utf8'))) ? 'refuse' : undefined);
  }
}
