import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Sink } from '../sinks/sink.ts';
import { type Attempt, attemptDelivery } from './attempt.ts';
import { backoffMs, type RetryConfig } from './backoff.ts';
import {
  type Batch,
  BatchBuilder,
  type BatchConfig,
  type OwnDeadLetter,
  type Preparation,
  prepare,
} from './batch.ts';
import type { SinkHealth } from './health.ts';
import type { DispatchObserver } from './observer.ts';
import type { Ask } from './patience.ts';
import type { ReplayFeed } from './replay-feed.ts';
import type { Feed, Tail } from './tail.ts';

/** The second line of a sink: what it is sent again, a batch at a time between those of the journal. */
export interface ReplayLine {
  /**
   * Sends what the feed holds, in its order; resolves with true when all of it is settled, with false when `signal`
   * aborted before. One feed at a time; it moves on while the sink's dispatcher runs.
   */
  replay(feed: ReplayFeed, signal: AbortSignal): Promise<boolean>;
  /**
   * Sends one batch, once: what the sink defers is left in hand for a later step, so that no new event waits for it.
   * False when there was nothing to send now, or `signal` or `hardStop` ended it.
   */
  step(signal: AbortSignal, hardStop: AbortSignal): Promise<boolean>;
  /** How long until a step has something to send, ms; `Infinity` when nothing waits. */
  dueInMs(): number;
  /** Keeps what the sink's last connection may have lost of replays: to be called when no step follows. */
  finish(): Promise<void>;
}

/** What a replay line is made of. */
export interface ReplayLineOptions extends Omit<Preparation, 'routes' | 'sink'> {
  readonly sink: Pick<Sink, 'payloadBytes' | 'send'>;
  readonly batch: BatchConfig;
  readonly retry: RetryConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: DispatchObserver;
}

/** A replay under way, or one that is over and whose last events the receiver may yet have lost. */
interface Turn extends Feed {
  readonly feed: ReplayFeed;
  over: boolean;
  /** All up to here is in hand, or settled. */
  position: number;
  /** What is to be sent next; undefined when the next batch is to be read. */
  hand: Batch | undefined;
  failures: number;
  /** How often in a row the receiver refused what is in hand, and all beside it. */
  refusals: number;
  /** How many of what is in hand the receiver may have all the same. */
  inDoubt: number;
  /** Before this time, of those that `elapsedMs` counts, it is not tried again. */
  dueAtMs: number;
  readonly end: (complete: boolean) => void;
}

/** Entries formatted in one go, before others in the process get their turn. */
const turnLength = 50;

/** What the two lines of a sink share. */
export interface SharedLine {
  readonly health: SinkHealth;
  readonly ask: Ask;
  readonly tail: Pick<Tail, 'accepted'>;
  /** Wakes the dispatcher. */
  readonly ring: () => void;
}

/**
 * How often dead letters are sent while the receiver refuses them and all beside them: a sink looks further among them
 * each time, and in four it has looked at a whole batch of them.
 */
const triesOfDeadLetters = 4;

/** Makes the second line of a sink. */
export function createReplayLine(options: ReplayLineOptions, shared: SharedLine): ReplayLine {
  const { sinkName, sink, batch, retry, clock, log, observer } = options;
  const { health, ask, tail, ring } = shared;
  let current: Turn | undefined;
  /** Replays that have to go back, each to this position. */
  const lost = new Map<Turn, number>();

  return {
    async replay(feed, signal) {
      if (signal.aborted) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const stop = () => turn.end(false);
      const turn: Turn = {
        feed,
        over: false,
        position: feed.after,
        hand: undefined,
        failures: 0,
        refusals: 0,
        inDoubt: 0,
        dueAtMs: Number.NEGATIVE_INFINITY,
        goBack(position) {
          lost.set(turn, Math.min(position, lost.get(turn) ?? position));
        },
        end(complete) {
          turn.over = complete;
          if (current === turn) current = undefined;
          signal.removeEventListener('abort', stop);
          resolve(complete);
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      current = turn;
      ring();
      return promise;
    },

    async step(signal, hardStop) {
      if (lost.size > 0 && (await ask(goBack, signal)) === undefined) return false;
      const turn = current;
      if (turn === undefined || dueInMs() > 0) return false;
      turn.hand =
        turn.hand === undefined
          ? await gather(turn.feed, turn.position, batch.maxEvents, signal)
          : await withMore(turn, turn.hand, signal);
      if (turn.hand === undefined) return false;
      if (turn.hand.through === turn.position) {
        turn.end(true);
        return false;
      }
      return send(turn, turn.hand, signal, hardStop);
    },

    dueInMs,
    finish: async () => void (await goBack()),
  };

  /** Lets each replay go back to what the receiver may have lost of it. */
  async function goBack(): Promise<true> {
    for (const [turn, position] of [...lost]) {
      await turn.feed.rewind(position, turn.over);
      turn.position = position - 1;
      turn.hand = undefined;
      turn.refusals = 0;
      lost.delete(turn);
    }
    return true;
  }

  function dueInMs(): number {
    if (current === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, current.dueAtMs - elapsedMs(clock));
  }

  /** Returns the batch behind `position`; one that ends there says that there is nothing more. */
  async function gather(
    feed: ReplayFeed,
    position: number,
    maxEvents: number,
    signal: AbortSignal,
  ): Promise<Batch | undefined> {
    const builder = new BatchBuilder({ ...batch, maxEvents }, position);
    const { rows, bytes } = builder.readRoom;
    const entries = await ask(() => feed.read(position, rows, bytes), signal);
    if (entries === undefined) return undefined;
    const preparation = { ...options, routes: feed.routes };
    for (const [index, entry] of entries.entries()) {
      if (index % turnLength === turnLength - 1) await yieldToOthers();
      const prepared = feed.wants(entry) ? prepare(entry, preparation) : ({ kind: 'passed' } as const);
      if (builder.full || !builder.add(entry, prepared, clock.now())) break;
    }
    return builder.build();
  }

  /** Where all in hand is refused, what follows may show whether these alone are at fault. */
  async function withMore(turn: Turn, hand: Batch, signal: AbortSignal): Promise<Batch | undefined> {
    const room = batch.maxEvents - hand.deliveries.length;
    if (turn.refusals === 0 || room <= 0) return hand;
    const more = await gather(turn.feed, hand.through, room, signal);
    return more === undefined ? undefined : { ...more, deliveries: [...hand.deliveries, ...more.deliveries] };
  }

  /** Dead letters that are still refused, however far the sink looks among them, stay what they are. */
  function judged(turn: Turn, attempt: Attempt): Attempt {
    turn.refusals = attempt.refused ? turn.refusals + 1 : 0;
    if (!turn.feed.deadLetters || turn.refusals < triesOfDeadLetters) return attempt;
    const { reason, deferred, rejected } = attempt;
    const still = deferred.map(({ entry }) => ({ entry, reason, atMs: clock.now() }));
    return { ...attempt, rejected: [...rejected, ...still], deferred: [] };
  }

  async function send(
    turn: Turn,
    { deliveries, deadLetters, passedOver, through }: Batch,
    signal: AbortSignal,
    hardStop: AbortSignal,
  ): Promise<boolean> {
    if (turn.failures > 0) observer.retried(deliveries.length, turn.inDoubt);
    const tried =
      deliveries.length === 0
        ? nothing
        : await attemptDelivery(sink, deliveries, () => clock.now(), hardStop);
    if (tried === undefined) return false;
    if (deliveries.length > 0) report(tried);
    const attempt = judged(turn, tried);
    const { accepted, deferred } = attempt;
    const entries = accepted.map(({ entry }) => entry);
    if (entries.length > 0) {
      tail.accepted(
        turn,
        entries.map(({ position }) => position),
      );
    }
    const refused = [...deadLetters, ...attempt.rejected];
    const [first] = deferred;
    const settled = first === undefined ? through : first.entry.position - 1;
    const kept = await ask(async () => {
      await turn.feed.keep({ through: settled, accepted: entries, refused });
      return true;
    }, signal);
    if (kept === undefined) return false;
    if (refused.length > 0) tellRefused(refused);
    if (first === undefined) {
      turn.position = through;
      turn.hand = undefined;
      turn.failures = 0;
      turn.refusals = 0;
      return true;
    }
    turn.hand = { deliveries: deferred, deadLetters: [], passedOver, through };
    turn.failures = deferred.length < deliveries.length ? 1 : turn.failures + 1;
    turn.inDoubt = attempt.inDoubt;
    await putOff(turn, attempt, signal);
    return true;
  }

  /** Says when it is tried again. */
  async function putOff(turn: Turn, { refused, retryAfterMs }: Attempt, signal: AbortSignal): Promise<void> {
    turn.dueAtMs =
      elapsedMs(clock) + backoffMs(turn.failures, retry, clock.random(), refused ? retryAfterMs : 0);
    // What the receiver itself asks for holds for new events too; that it refuses these does not.
    if (refused || retryAfterMs === 0) return;
    await clock.sleep(backoffMs(turn.failures, retry, 0, retryAfterMs), signal);
  }

  function report({ accepted, rejected, reason }: Attempt): void {
    if (accepted.length + rejected.length > 0) health.succeeded();
    else health.failed(reason);
    if (accepted.length === 0) return;
    observer.replayed(accepted.length);
    const truncated = accepted.filter((delivery) => delivery.truncated).length;
    if (truncated > 0) observer.truncated(truncated);
  }

  function tellRefused(refused: readonly OwnDeadLetter[]): void {
    observer.deadLettered(refused.length);
    log.error(
      {
        sink: sinkName,
        events: refused.length,
        firstId: refused[0]?.entry.id,
        firstReason: refused[0]?.reason,
      },
      'events of a replay were refused for good and are kept as dead letters; `defender-siem status` counts them',
    );
  }
}

/** What comes of sending nothing. */
const nothing: Attempt = {
  accepted: [],
  rejected: [],
  deferred: [],
  inDoubt: 0,
  reason: '',
  retryAfterMs: 0,
  refused: false,
};
