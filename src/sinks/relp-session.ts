import { ConnectorError, messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { abortable } from './abortable.ts';
import { encodeRelpFrame, lastTxnr, RelpDecoder, type RelpFrame, type RelpText } from './relp-frame.ts';
import { StreamConnection, type StreamPeer } from './stream.ts';

/** What the receiver answered to one command: 200 is yes; all else is no. */
export interface RelpAnswer {
  readonly code: number;
  /** What it says about it, such as `OK`. */
  readonly words: string;
  /** What follows the first line. */
  readonly data: string;
}

/** What came of sending some messages. */
export interface RelpResult {
  /** One for each message, in order; undefined where none came. */
  readonly answers: readonly (RelpAnswer | undefined)[];
  /** How many of the messages were on their way; those without an answer may have arrived. */
  readonly sent: number;
  /** Why not all were answered; undefined when all were. */
  readonly failure: unknown;
}

/** What we say of ourselves: version 0 is what librelp speaks, and the only one in use. */
const offers = textOf('relp_version=0\nrelp_software=defender-siem\ncommands=syslog');

/** How long the answer to `close` is waited for, ms. */
const closingMs = 1_000;

/**
 * A session of RELP, the Reliable Event Logging Protocol (librelp, doc/relp.html): each message is a command that the
 * receiver answers once it has it. Several are on their way at once, as many as the window allows. After any failure
 * the session is of no more use.
 */
export class RelpSession {
  readonly #peer: StreamPeer;
  readonly #clock: Clock;
  readonly #decoder = new RelpDecoder();
  /** Commands without an answer yet, by number. */
  readonly #pending = new Map<number, (answer: RelpAnswer) => void>();
  #connection: StreamConnection | undefined;
  #txnr = 0;
  /** Why the session is over, where the connection does not say it. */
  #failure: ConnectorError | undefined;
  /** Ends a wait for answers. */
  #wake: () => void = () => {};

  private constructor(peer: StreamPeer, clock: Clock) {
    this.#peer = peer;
    this.#clock = clock;
  }

  /** Connects and opens a session. Throws SINK_UNREACHABLE in plain words, or the signal's reason. */
  static async open(peer: StreamPeer, clock: Clock, signal: AbortSignal): Promise<RelpSession> {
    const session = new RelpSession(peer, clock);
    session.#connection = await StreamConnection.open(peer, clock, signal, (bytes) => session.#hear(bytes));
    try {
      await session.#agree(session.#connection, signal);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  /** Returns false once the receiver has closed the session or the connection. */
  async alive(): Promise<boolean> {
    return this.#connection !== undefined && (await this.#connection.alive()) && this.#failure === undefined;
  }

  /** Sends the messages, `window` at a time at most, and waits for all answers. Throws only the signal's reason. */
  async send(messages: readonly RelpText[], window: number, signal: AbortSignal): Promise<RelpResult> {
    const answers: (RelpAnswer | undefined)[] = messages.map(() => undefined);
    let sent = 0;
    try {
      const connection = this.#usable();
      while (sent < messages.length || this.#pending.size > 0) {
        const next = messages.slice(sent, sent + window - this.#pending.size);
        const frames = next.map((data, index) => {
          const at = sent + index;
          return this.#command('syslog', data, (answer) => {
            answers[at] = answer;
          });
        });
        sent += next.length;
        if (frames.length > 0) await connection.write(Buffer.from(frames.join('')), signal);
        // Several at once cost the network less than message by message.
        const enough = sent < messages.length ? Math.floor((window * 7) / 8) : 0;
        while (this.#pending.size > enough) await this.#answered('no answer to messages', signal);
      }
      return { answers, sent, failure: undefined };
    } catch (error) {
      this.destroy();
      signal.throwIfAborted();
      return { answers, sent, failure: this.#failure ?? error };
    }
  }

  /** Says goodbye, and waits a moment for the receiver's answer, unless `signal` aborts. */
  async close(signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (!signal.aborted && (await this.alive())) {
      const waiting = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      const frame = Buffer.from(this.#command('close', textOf(''), () => resolve()));
      const goodbye = connection.write(frame, waiting.signal).then(() => promise);
      goodbye.catch(() => {});
      const enough = this.#clock.sleep(closingMs, waiting.signal);
      await abortable(Promise.race([goodbye, connection.ended, enough]), signal).catch(() => {});
      waiting.abort();
    }
    this.destroy();
  }

  /** Hangs up at once. */
  destroy(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#pending.clear();
  }

  async #agree(connection: StreamConnection, signal: AbortSignal): Promise<void> {
    let answer: RelpAnswer | undefined;
    const open = this.#command('open', offers, (given) => {
      answer = given;
    });
    await connection.write(Buffer.from(open), signal);
    while (answer === undefined) {
      await this.#answered(
        'no answer to the `open` of RELP (is it a RELP receiver, such as imrelp?)',
        signal,
      );
    }
    const { code, words, data } = answer;
    if (code !== 200) throw this.#error(`the receiver refuses a session: ${code} ${words}`);
    const offered = new Map(
      data.split('\n').map((line) => [line.split('=', 1)[0], line.replace(/^[^=]*=/, '')]),
    );
    if (!offered.has('relp_version')) throw this.#error('the receiver names no version of RELP');
    if (offered.get('commands')?.split(',').includes('syslog') !== true) {
      throw this.#error('the receiver does not offer the RELP command `syslog`');
    }
  }

  /** Resolves when the next answer has come. Throws when the session is over. */
  async #answered(missing: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await this.#usable().wait(promise, missing, signal);
    this.#usable();
  }

  #usable(): StreamConnection {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#connection === undefined) throw this.#error('the session is closed');
    return this.#connection;
  }

  /** Returns a command's frame; `answer` is called with what the receiver says to it. */
  #command(command: string, data: RelpText, answer: (answer: RelpAnswer) => void): string {
    this.#txnr = this.#txnr === lastTxnr ? 1 : this.#txnr + 1;
    this.#pending.set(this.#txnr, answer);
    return encodeRelpFrame(this.#txnr, command, data);
  }

  #hear(bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    const open = this.#pending.size;
    try {
      for (const frame of this.#decoder.push(bytes)) this.#take(frame);
    } catch (error) {
      this.#failure =
        error instanceof ConnectorError
          ? error
          : this.#error(`the receiver does not keep to RELP: ${messageOf(error)}`);
    }
    // Hints and parts of frames are no sign that it goes on, and must not renew the patience with it.
    if (this.#failure !== undefined || this.#pending.size < open) this.#wake();
  }

  #take({ txnr, command, data }: RelpFrame): void {
    if (txnr === 0 && command === 'serverclose') throw this.#error('the receiver closed the RELP session');
    // Hints may be left unheard (librelp, doc/relp.html).
    if (txnr === 0) return;
    if (command !== 'rsp') throw new Error(`it sent the command ${command}`);
    const answer = this.#pending.get(txnr);
    if (answer === undefined) throw new Error(`it answered number ${txnr}, which is not open`);
    this.#pending.delete(txnr);
    answer(readAnswer(data.toString('utf8')));
  }

  #error(words: string): ConnectorError {
    const { sink, host, port } = this.#peer;
    return new ConnectorError('SINK_UNREACHABLE', `sink ${sink}: relp ${host} port ${port}: ${words}`);
  }
}

function textOf(text: string): RelpText {
  return { text, bytes: Buffer.byteLength(text) };
}

/** `RSP-CODE [SP HUMANMSG] LF [CMDDATA]`; librelp answers `close` with nothing at all. */
function readAnswer(text: string): RelpAnswer {
  const [, code = '0', words = '', data = ''] = /^(\d{3})(?: ([^\n]*))?(?:\n(.*))?$/s.exec(text) ?? [];
  return { code: Number(code), words: words.slice(0, 200), data };
}
