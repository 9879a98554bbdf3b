import { ConnectorError, messageOf } from '../errors.ts';
import type { EventHead } from '../event-head.ts';
import { NotSent } from './not-sent.ts';
import type { Peer } from './peer.ts';
import { Refusals } from './refusals.ts';
import type { RelpText } from './relp-frame.ts';
import { type RelpAnswer, RelpSession } from './relp-session.ts';
import { accepted, type Outcome, type Payload, type Sink, type SinkContext } from './sink.ts';
import type { StreamPeer } from './stream.ts';
import { SyslogEncoder } from './syslog-encoder.ts';
import { type SyslogOptions, streamPeer, syslogPeer } from './syslog-options.ts';

const never = new AbortController().signal;

/**
 * How often an event is refused before it can become a dead letter: librelp answers 500 also while the receiver itself
 * cannot store what it gets.
 */
const refusalsBeforeGivingUp = 10;

/** Syslog over RELP: each message is accepted when the receiver has said that it has it. */
export class RelpSink implements Sink {
  readonly peer: Peer;
  readonly #encoder: SyslogEncoder;
  readonly #peer: StreamPeer;
  readonly #window: number;
  readonly #context: SinkContext;
  readonly #refusals = new Refusals();
  /** How often each event in hand has been refused. */
  readonly #refused = new WeakMap<Payload, number>();
  #session: RelpSession | undefined;

  constructor(options: SyslogOptions, context: SinkContext) {
    this.peer = syslogPeer(options);
    this.#encoder = new SyslogEncoder(options, context);
    this.#peer = streamPeer(options, context.name);
    this.#window = options.window;
    this.#context = context;
  }

  payloadBytes(event: EventHead): number {
    return this.#encoder.payloadBytes(event);
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    const encoded = payloads.map((payload) => this.#encoder.encode(payload));
    const messages = encoded.filter((each) => each.kind === 'message');
    const sending = payloads.filter((_payload, index) => encoded[index]?.kind === 'message');
    const outcomes = messages.length === 0 ? [] : await this.#deliver(messages, sending, signal);
    let next = 0;
    return encoded.map((each) => (each.kind === 'message' ? (outcomes[next++] ?? notAnswered) : each));
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#opened(signal);
  }

  async end(signal: AbortSignal): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end(never);
  }

  async #deliver(
    messages: readonly RelpText[],
    payloads: readonly Payload[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const session = await this.#opened(signal);
    const { answers, sent, failure } = await session.send(messages, this.#window, signal);
    if (failure !== undefined) this.#session = undefined;
    const reason = messageOf(failure);
    const refusals = this.#judge(answers, payloads);
    return answers.map((answer, index) => {
      if (answer?.code === 200) return accepted;
      if (answer !== undefined) return refusals.get(index) ?? notAnswered;
      return index < sent ? { kind: 'deferred', reason, inDoubt: true } : { kind: 'deferred', reason };
    });
  }

  /** Returns what becomes of those that were refused. */
  #judge(
    answers: readonly (RelpAnswer | undefined)[],
    payloads: readonly Payload[],
  ): ReadonlyMap<number, Outcome> {
    const outcomes = new Map<number, Outcome>();
    /** Refused often enough, and none was taken since. */
    let open: number[] = [];
    this.#refusals.begin();
    for (const [index, payload] of payloads.entries()) {
      const answer = answers[index];
      if (answer === undefined) continue;
      if (answer.code === 200) {
        this.#refusals.taken();
        open = [];
        continue;
      }
      const times = (this.#refused.get(payload) ?? 0) + 1;
      this.#refused.set(payload, times);
      const reason = `the receiver refused it ${times} times: ${answer.code} ${answer.words}`;
      if (times < refusalsBeforeGivingUp) {
        outcomes.set(index, {
          kind: 'deferred',
          reason: `the receiver refuses: ${answer.code} ${answer.words}`,
        });
        continue;
      }
      outcomes.set(index, { kind: 'rejected', reason });
      open.push(index);
      this.#refusals.refused();
    }
    for (const index of open.slice(open.length - this.#refusals.end())) {
      const { code, words } = answers[index] ?? { code: 0, words: '' };
      const reason = `the receiver refuses all: ${code} ${words}`;
      outcomes.set(index, { kind: 'deferred', reason, refused: true });
    }
    return outcomes;
  }

  async #opened(signal: AbortSignal): Promise<RelpSession> {
    const present = this.#session;
    if (present !== undefined && (await present.alive())) return present;
    present?.destroy();
    this.#session = undefined;
    try {
      this.#session = await RelpSession.open(this.#peer, this.#context.clock, signal);
      return this.#session;
    } catch (error) {
      throw error instanceof ConnectorError
        ? new NotSent(error.code, error.message, { cause: error })
        : error;
    }
  }
}

const notAnswered: Outcome = { kind: 'deferred', reason: 'the receiver did not answer', inDoubt: true };
