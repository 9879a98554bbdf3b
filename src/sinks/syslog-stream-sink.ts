import { ConnectorError } from '../errors.ts';
import type { EventHead } from '../event-head.ts';
import { abortable } from './abortable.ts';
import { FramePiece } from './frame-piece.ts';
import { NotSent } from './not-sent.ts';
import type { Peer } from './peer.ts';
import { accepted, type Outcome, type Payload, type Sink, type SinkContext } from './sink.ts';
import { type Ending, StreamConnection, type StreamPeer } from './stream.ts';
import { SyslogEncoder } from './syslog-encoder.ts';
import type { Framing } from './syslog-message.ts';
import { type SyslogOptions, streamPeer, syslogPeer } from './syslog-options.ts';
import { Unconfirmed } from './unconfirmed.ts';

/** How long the receiver's answer to our end is waited for when the program stops, ms. */
const stoppingMs = 2_000;

const never = new AbortController().signal;

/**
 * Syslog over TCP or TLS. What the kernel took counts as accepted, and stays unconfirmed until so much was written
 * after it that it must have been read, or until the connection was ended in good order; when the connection breaks
 * before, it is reported by `takeInDoubt`.
 */
export class StreamSyslogSink implements Sink {
  readonly peer: Peer;
  readonly #encoder: SyslogEncoder;
  readonly #framing: Framing;
  /** The beginning of a frame that never comes; an empty line. */
  readonly #crumb: '1' | '\n';
  readonly #confirmMs: number;
  readonly #peer: StreamPeer;
  readonly #context: SinkContext;
  readonly #unconfirmed: Unconfirmed;
  #connection: StreamConnection | undefined;
  /** A connection that is being ended. */
  #ending: { readonly connection: StreamConnection; readonly done: Promise<void> } | undefined;
  /** Waits until what was written must be confirmed. */
  #timer: AbortController | undefined;
  #sending = false;
  #inDoubt = 0;
  /** True when the receiver did not do in time what was waited for: it has to show that it lives before it gets more. */
  #suspect = false;

  constructor(options: SyslogOptions, context: SinkContext) {
    this.peer = syslogPeer(options);
    this.#encoder = new SyslogEncoder(options, context);
    this.#framing = options.framing;
    this.#crumb = options.framing === 'newline' ? '\n' : '1';
    this.#confirmMs = options.confirm;
    this.#context = context;
    this.#peer = streamPeer(options, context.name);
    this.#unconfirmed = new Unconfirmed(options.tail);
  }

  payloadBytes(event: EventHead): number {
    return this.#encoder.payloadBytes(event);
  }

  takeInDoubt(): number {
    const inDoubt = this.#inDoubt;
    this.#inDoubt = 0;
    return inDoubt;
  }

  unconfirmed(): number {
    return this.#inDoubt + this.#unconfirmed.payloads;
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    const outcomes: Outcome[] = [];
    const piece = new FramePiece(this.#framing);
    this.#encoder.fill(piece, payloads, outcomes);
    if (!piece.isEmpty) await this.#write(piece, payloads, outcomes, signal);
    return outcomes;
  }

  async probe(signal: AbortSignal): Promise<void> {
    if (this.#confirmMs > 0) await this.#prove(signal);
    else await this.#connected(signal);
  }

  async end(signal: AbortSignal): Promise<void> {
    void this.#end(stoppingMs);
    const ending = this.#ending;
    if (ending === undefined) return;
    const waiting = new AbortController();
    const enough = this.#context.clock.sleep(stoppingMs, waiting.signal);
    await abortable(Promise.race([ending.done, enough]), signal).catch(() => {});
    waiting.abort();
    ending.connection.destroy();
    await ending.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end(never);
  }

  /** Writes the piece, and those that follow it, until each payload has an outcome. */
  async #write(
    piece: FramePiece,
    payloads: readonly Payload[],
    outcomes: Outcome[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#sending = true;
    try {
      const connection = await this.#connected(signal);
      let bytes = 0;
      try {
        while (!piece.isEmpty) {
          await connection.write(piece.bytes, signal);
          bytes += piece.bytes.length;
          this.#encoder.fill(piece, payloads, outcomes);
        }
        await connection.verify();
      } catch (error) {
        // Part of a frame may be on the wire, so nothing more may follow it (formats reference §4.4).
        this.#connection = undefined;
        connection.destroy();
        this.#suspect = connection.hung && this.#confirmMs > 0;
        this.#doubt();
        throw error;
      }
      const written = outcomes.filter((outcome) => outcome === accepted).length;
      this.#unconfirmed.add(bytes, written, this.#context.clock.now());
      this.#confirmInTime();
    } finally {
      this.#sending = false;
      this.#noticeEnd();
    }
  }

  async #connected(signal: AbortSignal): Promise<StreamConnection> {
    const present = this.#connection;
    if (present !== undefined && !this.#confirmationIsDue() && (await present.alive())) return present;
    await abortable(this.#end(this.#peer.writeTimeoutMs), signal);
    if (this.#inDoubt > 0) {
      const { name } = this.#context;
      const message = `sink ${name}: ${this.#inDoubt} events before these may be lost with the last connection: they go first`;
      throw new NotSent('SINK_UNREACHABLE', message);
    }
    if (this.#suspect) await this.#prove(signal);
    const fresh = await this.#open(signal);
    this.#connection = fresh;
    void fresh.ended.then(() => this.#noticeEnd());
    return fresh;
  }

  async #open(signal: AbortSignal): Promise<StreamConnection> {
    try {
      return await StreamConnection.open(this.#peer, this.#context.clock, signal);
    } catch (error) {
      throw error instanceof ConnectorError
        ? new NotSent(error.code, error.message, { cause: error })
        : error;
    }
  }

  /** Opens and ends a connection that carries nothing: a kernel takes connections for a process that hangs as well. */
  async #prove(signal: AbortSignal): Promise<void> {
    const connection = await this.#open(signal);
    const ms = this.#peer.writeTimeoutMs;
    const ending = await abortable(connection.finish(ms, this.#crumb), signal).finally(() =>
      connection.destroy(),
    );
    this.#suspect = ending === 'unanswered';
    if (ending === 'read') return;
    const { sink, host, port } = this.#peer;
    const words =
      ending === 'broken'
        ? 'takes connections and breaks them'
        : `takes connections but did not answer the end of one for ${ms} ms: it hangs, or it never does; for such a receiver set \`confirm: 0s\``;
    throw new NotSent('SINK_UNREACHABLE', `sink ${sink}: the receiver ${host} port ${port} ${words}`);
  }

  /** What a connection that ends while nothing is sent has lost must not wait for the next event to show. */
  #noticeEnd(): void {
    if (this.#connection?.over === true && !this.#sending) void this.#end(this.#peer.writeTimeoutMs);
  }

  /** Ends the connection in good order, if there is one, and learns by that what was read of it. */
  async #end(ms: number): Promise<void> {
    const connection = this.#connection;
    if (connection !== undefined) {
      this.#connection = undefined;
      this.#timer?.abort();
      this.#ending = { connection, done: this.#learn(connection.finish(ms, this.#crumb)) };
    }
    await this.#ending?.done;
  }

  async #learn(finished: Promise<Ending>): Promise<void> {
    const ending = await finished;
    this.#ending = undefined;
    if (ending === 'read') this.#unconfirmed.clear();
    this.#suspect = ending === 'unanswered' && this.#confirmMs > 0;
    this.#doubt();
  }

  #doubt(): void {
    this.#timer?.abort();
    this.#inDoubt += this.#unconfirmed.clear();
  }

  #confirmationIsDue(): boolean {
    const { sinceMs } = this.#unconfirmed;
    if (this.#confirmMs === 0 || sinceMs === undefined) return false;
    // A clock that was set back must not put it off.
    const ageMs = this.#context.clock.now() - sinceMs;
    return ageMs >= this.#confirmMs || ageMs < 0;
  }

  /** Lets a connection on which nothing more is sent be confirmed when it is time. */
  #confirmInTime(): void {
    if (this.#confirmMs === 0 || this.#timer?.signal.aborted === false) return;
    const timer = new AbortController();
    this.#timer = timer;
    void this.#context.clock.sleep(this.#confirmMs, timer.signal).then(() => {
      if (timer.signal.aborted) return;
      timer.abort();
      if (!this.#sending) void this.#end(this.#peer.writeTimeoutMs);
    });
  }
}
