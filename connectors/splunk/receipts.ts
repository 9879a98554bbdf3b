import { ConnectorError, messageOf } from '../../src/errors.ts';
import { durationText } from '../../src/fields/duration.ts';
import type { HttpResponse } from '../../src/http/client.ts';
import type { Verdict } from '../../src/sinks/http-delivery.ts';
import { NotSent } from '../../src/sinks/not-sent.ts';
import type { Payload, SinkContext } from '../../src/sinks/sink.ts';
import { acksOf, hecCode } from './answer.ts';
import type { HecClient } from './client.ts';

/** Between two questions for acknowledgements, ms: doubled each time. */
const pause = { first: 250, longest: 2_000 };
/** Codes by which HEC says that a channel is of no more use (formats reference §5.4). */
const channelGone: ReadonlySet<number | undefined> = new Set([10, 11, 14]);

/** What receipts are made of. */
export interface ReceiptsOptions {
  readonly client: HecClient;
  readonly context: SinkContext;
  /** How long an acknowledgement is waited for, ms. */
  readonly timeoutMs: number;
  /** How long a question for acknowledgements takes at most, ms. */
  readonly askTimeoutMs: number;
  /** What an answer says of the request. */
  readonly verdictOf: (response: HttpResponse) => Verdict;
}

/**
 * Indexer acknowledgements (formats reference §5.3): an event is delivered only when its request is known to be indexed.
 *
 * Ids count from 0 in each channel, on each indexer. So whatever leaves a doubt ends the channel: an id that was never
 * answered could else be taken for another's. And when ids do not grow, the channel has begun anew (an indexer
 * restarted) or is shared by several indexers (a load balancer without sticky sessions): from then on each request has
 * a channel of its own, and is waited for before the next.
 */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #outstanding = new Map<number, readonly Payload[]>();
  readonly #unconfirmed = new Set<Payload>();
  #reason = '';
  #proven = false;
  #stale = false;
  #oneAtATime = false;
  #toldOfMissing = false;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /**
   * A batch begins. Asks, before the first event is sent and after each doubt about it, whether the token acknowledges
   * at all. Returns undefined when it does, else the answer. Throws `NotSent`.
   */
  async begin(signal: AbortSignal): Promise<HttpResponse | undefined> {
    this.#outstanding.clear();
    this.#unconfirmed.clear();
    this.#renew();
    if (this.#proven) return undefined;
    try {
      // No id of a fresh channel has been given out: asking for one uses none up.
      const response = await this.#options.client.queryAcks([0], signal);
      this.#proven = acksOf(response) !== undefined;
      return this.#proven ? undefined : response;
    } catch (error) {
      signal.throwIfAborted();
      throw new NotSent('SINK_UNREACHABLE', messageOf(error), { cause: error });
    }
  }

  /** Notes what a request was answered: the id of its acknowledgement, if any. */
  async note(ackId: number | undefined, payloads: readonly Payload[], signal: AbortSignal): Promise<void> {
    if (ackId === undefined) return this.#noteMissing();
    if ([...this.#outstanding.keys()].some((id) => id >= ackId)) {
      this.#outstanding.set(ackId, [...(this.#outstanding.get(ackId) ?? []), ...payloads]);
      this.giveUp('the channel began anew before everything in it was acknowledged');
      this.#takeTurns();
      return;
    }
    this.#outstanding.set(ackId, payloads);
    if (!this.#oneAtATime) return;
    await this.#settle(signal);
    this.#options.client.renewChannel();
  }

  /** Notes events that HEC says it took, for which it gives no acknowledgement. */
  noteUnconfirmed(payloads: readonly Payload[]): void {
    for (const payload of payloads) this.#unconfirmed.add(payload);
    this.#reason =
      'events that stood before a bad one in a request are not acknowledged: they are sent again';
  }

  /** Says that a request was sent whose answer is not known: an id may have been given out unheard. */
  renewBeforeNext(): void {
    this.#stale = true;
  }

  /** Says that nothing more is to be had of the channel. */
  giveUp(reason: string): void {
    for (const payloads of this.#outstanding.values()) {
      for (const payload of payloads) this.#unconfirmed.add(payload);
    }
    this.#outstanding.clear();
    this.#reason = reason;
    this.#stale = true;
    this.#renew();
  }

  /**
   * Waits until all that was noted is acknowledged, or the time is over. Returns what is not, and why; that may have
   * been indexed all the same. Throws the signal's reason.
   */
  async collect(
    signal: AbortSignal,
  ): Promise<{ readonly unconfirmed: ReadonlySet<Payload>; readonly reason: string }> {
    try {
      await this.#settle(signal);
      return { unconfirmed: new Set(this.#unconfirmed), reason: this.#reason };
    } catch (error) {
      this.giveUp('the wait for acknowledgements was broken off');
      throw error;
    }
  }

  async #settle(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.context;
    let waitedMs = 0;
    let trouble = '';
    for (let wait = pause.first; this.#outstanding.size > 0; wait = Math.min(wait * 2, pause.longest)) {
      if (waitedMs >= this.#options.timeoutMs) {
        this.giveUp(`no acknowledgement within ${durationText(this.#options.timeoutMs)}${trouble}`);
        return;
      }
      await clock.sleep(wait, signal);
      const askedMs = clock.now();
      trouble = await this.#ask(signal);
      // A clock that is set back or forth must not make the wait longer, or end it.
      waitedMs += wait + Math.min(Math.max(clock.now() - askedMs, 0), this.#options.askTimeoutMs);
    }
  }

  /** Asks for all at once; returns what went wrong, led by a colon. */
  async #ask(signal: AbortSignal): Promise<string> {
    const { client, verdictOf } = this.#options;
    try {
      signal.throwIfAborted();
      const response = await client.queryAcks([...this.#outstanding.keys()], signal);
      const acks = acksOf(response);
      // `true` is told once only (§5.3): it must not be asked for again.
      for (const id of acks ?? []) this.#outstanding.delete(id);
      if (acks !== undefined) return '';
      const verdict = verdictOf(response);
      const reason = 'reason' in verdict ? verdict.reason : 'the question was not understood';
      if (channelGone.has(hecCode(response))) this.giveUp(reason);
      return `: ${reason}`;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError)) throw error;
      return `: ${error.message}`;
    }
  }

  #renew(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#proven = false;
    this.#options.client.renewChannel();
  }

  #takeTurns(): void {
    if (this.#oneAtATime) return;
    this.#oneAtATime = true;
    this.#options.context.log.warn(
      { sink: this.#options.context.name },
      'acknowledgements began anew within a channel: an indexer restarted, or a load balancer spreads the requests over several and needs sticky sessions; from now on each request is waited for',
    );
  }

  /** Splunk has the events, as it has those of a token without acknowledgement; the next batch waits for the truth. */
  #noteMissing(): void {
    this.#proven = false;
    if (this.#toldOfMissing) return;
    this.#toldOfMissing = true;
    this.#options.context.log.warn(
      { sink: this.#options.context.name },
      'the token gave no acknowledgement: these events count as delivered since they were taken; enable indexer acknowledgement at the token, or set `acknowledge: false`',
    );
  }
}
