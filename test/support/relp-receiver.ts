import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { messageOf } from '../../src/errors.ts';

/** What the receiver does with one message, in place of keeping it and answering `200 OK`. */
export type RelpFault =
  /** It keeps the message and answers nothing, ever. */
  | 'no answer'
  /** It refuses the message: `500`. */
  | 'refuse'
  /** It keeps the message, says `serverclose` and closes. */
  | 'serverclose'
  /** It keeps the message and resets the connection without an answer. */
  | 'reset'
  /** It closes the connection before it looks at the message. */
  | 'hang up'
  /** It answers another number. */
  | 'wrong number'
  /** It answers with something that is no frame. */
  | 'garbage';

/**
 * A receiver of RELP on 127.0.0.1, written apart from the sender and stricter than librelp: transaction numbers that
 * do not follow each other, commands before `open` or after `close`, offers that are missing, more messages on the way
 * than `window` and frames of a wrong form are errors, kept in `violations`.
 */
export class RelpReceiver implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #changed = new EventTarget();
  /** Messages kept, in order of arrival. */
  readonly messages: Buffer[] = [];
  /** What the sender did against the protocol. */
  readonly violations: string[] = [];
  /** How many sessions were opened, and how many said `close`. */
  opened = 0;
  closed = 0;
  /** The most messages that were ever without an answer at once. */
  mostOpen = 0;
  /** Decides what becomes of a message; undefined for a good receiver's answer. */
  fault: (message: Buffer) => RelpFault | undefined = () => undefined;
  /** What it answers to `open`. */
  greeting = '200 OK\nrelp_version=0\nrelp_software=strict\ncommands=syslog';
  /** Holds all answers back while it is set; they go when it is called. */
  #held: (() => void)[] | undefined;

  private constructor(server: Server, event: string) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          this.#sockets.delete(socket);
          this.#changed.dispatchEvent(new Event('close'));
        });
    });
    server.on(event, (socket: Socket) => this.#serve(socket));
    server.on('tlsClientError', () => {});
  }

  /** Listens; with `tls` it speaks TLS. */
  static async listen(tls?: TlsOptions, port = 0): Promise<RelpReceiver> {
    const server =
      tls === undefined ? createServer({ noDelay: true }) : createTlsServer({ ...tls, noDelay: true });
    const receiver = new RelpReceiver(server, tls === undefined ? 'connection' : 'secureConnection');
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  /** Resolves once every connection has ended, and all that came on them is here. */
  async quiet(): Promise<void> {
    while (this.#sockets.size > 0) await once(this.#changed, 'close');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves once so many messages are kept. */
  async received(count: number): Promise<readonly Buffer[]> {
    while (this.messages.length < count) await once(this.#changed, 'message');
    return this.messages;
  }

  /** Answers nothing more until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Gives the answers that were held back, and all further ones at once. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const answer of held) answer();
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    const session: Session = { socket, expected: 1, open: 0, state: 'new' };
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      try {
        for (let next = cut(rest); next !== undefined; next = cut(rest)) {
          rest = next.rest;
          if (socket.destroyed || socket.writableEnded) return;
          this.#take(session, next.frame);
        }
      } catch (error) {
        this.violations.push(messageOf(error));
        socket.destroy();
      }
    });
  }

  #take(session: Session, { txnr, command, data }: Frame): void {
    if (txnr !== session.expected) throw new Error(`number ${txnr} in place of ${session.expected}`);
    session.expected = txnr === 999_999_999 ? 1 : txnr + 1;
    session.open++;
    if (command === 'open') {
      if (session.state !== 'new') throw new Error('a second open');
      if (!/^relp_version=\d+$/m.test(data.toString())) throw new Error('an open without relp_version');
      if (!/^commands=.*\bsyslog\b/m.test(data.toString())) throw new Error('an open without commands');
      session.state = 'open';
      this.opened++;
      this.#answer(session, txnr, this.greeting);
      return;
    }
    if (session.state !== 'open') throw new Error(`${command} while the session is ${session.state}`);
    if (command === 'close') {
      session.state = 'closed';
      this.closed++;
      session.socket.end(frameOf(txnr, 'rsp', '') + frameOf(0, 'serverclose', ''));
      return;
    }
    if (command !== 'syslog') throw new Error(`the command ${command}`);
    this.mostOpen = Math.max(this.mostOpen, session.open);
    this.#message(session, txnr, data);
  }

  #answer(session: Session, txnr: number, data: string): void {
    const give = () => {
      session.open--;
      session.socket.write(frameOf(txnr, 'rsp', data));
    };
    if (this.#held === undefined) give();
    else this.#held.push(give);
  }

  #message(session: Session, txnr: number, data: Buffer): void {
    const { socket } = session;
    const fault = this.fault(data);
    if (fault !== 'hang up' && fault !== 'refuse') {
      this.messages.push(data);
      this.#changed.dispatchEvent(new Event('message'));
    }
    if (fault === undefined) this.#answer(session, txnr, '200 OK');
    else if (fault === 'refuse') this.#answer(session, txnr, '500 the queue is full');
    else if (fault === 'wrong number') this.#answer(session, txnr + 7, '200 OK');
    else if (fault === 'hang up') socket.destroy();
    else if (fault === 'reset') socket.resetAndDestroy();
    else if (fault === 'serverclose') socket.end(frameOf(0, 'serverclose', ''));
    else if (fault === 'garbage') socket.write('220 mail.example ESMTP\n');
  }
}

interface Session {
  readonly socket: Socket;
  /** The number that the next command must have. */
  expected: number;
  /** Commands without an answer. */
  open: number;
  state: 'new' | 'open' | 'closed';
}

interface Frame {
  readonly txnr: number;
  readonly command: string;
  readonly data: Buffer;
}

function frameOf(txnr: number, command: string, data: string): string {
  return `${txnr} ${command} ${Buffer.byteLength(data)}${data === '' ? '' : ` ${data}`}\n`;
}

/** Returns the first frame, and what follows it; undefined while it is not whole. Throws for what is none. */
function cut(bytes: Buffer): { readonly frame: Frame; readonly rest: Buffer } | undefined {
  const match = /^(\d{1,9}) ([a-z]{1,32}) (\d{1,9})([ \n])/.exec(bytes.toString('latin1', 0, 60));
  if (match === null) {
    if (bytes.length >= 60 || bytes.includes(10)) throw new Error('no frame');
    return undefined;
  }
  const [head, txnr, command = '', dataBytes, separator] = match;
  const length = Number(dataBytes);
  if ((length === 0) !== (separator === '\n')) throw new Error('a frame without its data');
  const end = head.length + length;
  const whole = length === 0 ? end : end + 1;
  if (bytes.length < whole) return undefined;
  if (bytes[whole - 1] !== 10) throw new Error('a frame without its end');
  const data = Buffer.from(bytes.subarray(head.length, end));
  return { frame: { txnr: Number(txnr), command, data }, rest: bytes.subarray(whole) };
}
