import type { Formatter } from '../formats/format.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Sink } from '../sinks/sink.ts';
import type { Store } from '../store/store.ts';
import { type Attempt, attemptDelivery } from './attempt.ts';
import { backoffMs, type RetryConfig } from './backoff.ts';
import type { Batch, BatchConfig, OwnDeadLetter, Preparation } from './batch.ts';
import { createDoorbell } from './doorbell.ts';
import { createGatherer } from './gatherer.ts';
import { createSinkHealth } from './health.ts';
import type { DispatchObserver } from './observer.ts';
import { patience } from './patience.ts';
import type { ReplayFeed } from './replay-feed.ts';
import { createReplayLine } from './replay-line.ts';
import type { Routes } from './routes.ts';
import { SettledAhead } from './settled-ahead.ts';
import { createTail, type Feed } from './tail.ts';

/** The part of the store that a dispatcher needs. The sink must have been registered. */
export type DispatchStore = Pick<Store, 'offset' | 'readJournal' | 'acknowledge' | 'rewind'>;

/** What a dispatcher is made of. */
export interface DispatcherOptions {
  /** The sink's name in the configuration. */
  readonly sinkName: string;
  readonly sink: Pick<Sink, 'payloadBytes' | 'send' | 'takeInDoubt' | 'unconfirmed'>;
  readonly store: DispatchStore;
  /** Returns what an entry means; should it throw, the entry becomes a dead letter. */
  readonly normalise: Preparation['normalise'];
  readonly format: Formatter;
  readonly routes: Routes;
  readonly batch: BatchConfig;
  readonly retry: RetryConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: DispatchObserver;
}

/** Brings one sink what the journal holds for it, and what replays send it again. One call of either `run` at a time. */
export interface Dispatcher {
  readonly name: string;
  /**
   * Delivers until `signal` aborts: no batch is begun after that, nor a failed one tried again, and the one in hand
   * may be sent until `hardStop` aborts. Whatever is not acknowledged by then is delivered by the next run.
   * Rejects only for a bug: sinks and stores that fail are tried again for ever.
   */
  run(signal: AbortSignal, hardStop?: AbortSignal): Promise<void>;
  /**
   * The same, until the journal holds nothing more for the sink, and no replay has anything to send now: then true;
   * false when it was stopped before.
   */
  runUntilEmpty(signal: AbortSignal, hardStop?: AbortSignal): Promise<boolean>;
  /**
   * Keeps what the sink's last connection may have lost, so that the next process sends it again: to be called once the
   * sink was disposed of, when no `run` goes on. Throws STORE_UNUSABLE.
   */
  finish(): Promise<void>;
  /** Says that the journal has grown, so that it is looked at now. */
  wake(): void;
  /**
   * Sends what the feed holds beside what is new, a batch between two of the journal's: what is new goes first. Moves on
   * while one of the two `run` does. Resolves with true when all is settled, with false when `signal` aborted before.
   * One at a time.
   */
  replay(feed: ReplayFeed, signal: AbortSignal): Promise<boolean>;
}

/** How often the journal is looked at when nobody wakes the dispatcher, ms: a safety net. */
const idleMs = 5000;

/** How long nothing more is logged of losses after one was, ms; all are counted. */
const lossQuietMs = 600_000;

const never = new AbortController().signal;

/** Makes the dispatcher of one sink. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { sinkName, sink, store, retry, clock, log, observer } = options;
  const doorbell = createDoorbell(clock);
  const health = createSinkHealth(sinkName, clock, log, observer);
  const answer = patience({ sinkName, retry, clock, log });
  const gatherer = createGatherer(options, doorbell, answer);
  const tail = createTail(sink);
  const ahead = new SettledAhead();
  const replays = createReplayLine(options, { health, tail, ask: answer, ring: () => doorbell.ring() });
  /** What the store has acknowledged for this sink. */
  let offset = 0;
  /** The furthest that `offset` has been: what is before it and sent again was counted before. */
  let furthest = 0;
  /** Up to here it was counted what no route sends here; a batch that is gathered anew counts it no second time. */
  let lookedThrough = 0;
  /** The position that delivery has to go back to. */
  let again: number | undefined;
  const journal: Feed = {
    goBack: (position) => {
      again = Math.min(position, again ?? position);
    },
  };
  const losses = { inARow: 0, lastMs: Number.NEGATIVE_INFINITY, toldMs: Number.NEGATIVE_INFINITY };

  return {
    name: sinkName,
    wake: () => doorbell.ring(),
    async run(signal, hardStop = never) {
      while (!signal.aborted && !hardStop.aborted) {
        if (!(await consume(true, signal, hardStop))) continue;
        await doorbell.wait(Math.min(idleMs, replays.dueInMs()), signal);
      }
    },
    runUntilEmpty: (signal, hardStop = never) => consume(false, signal, hardStop),
    async finish() {
      noteLoss(0, 0);
      await replays.finish();
      if (again === undefined) return;
      await store.rewind(sinkName, again - 1);
      again = undefined;
    },
    replay: (feed, signal) => replays.replay(feed, signal),
  };

  /** Delivers batch after batch; true when nothing more is to be sent now, false when `signal` aborted before. */
  async function consume(linger: boolean, signal: AbortSignal, hardStop: AbortSignal): Promise<boolean> {
    gatherer.reset();
    const stored = await answer(() => store.offset(sinkName), signal);
    if (stored === undefined) return false;
    offset = stored;
    furthest = Math.max(furthest, offset);
    lookedThrough = Math.max(lookedThrough, offset);
    while (!signal.aborted) {
      noteLoss(0, 0);
      if (again !== undefined && !(await goBack(again, signal))) return false;
      const batch = await gatherer.gather(offset, linger, signal);
      if (batch === undefined) return false;
      const news = batch.through > offset;
      if (news && !(await settle(batch, signal, hardStop))) return false;
      const replayed = await replays.step(signal, hardStop);
      if (!news && !replayed) return true;
    }
    return false;
  }

  /**
   * Sends a batch until every delivery in it is settled, and acknowledges; false when it was stopped before. True also
   * when what follows `offset` is to be gathered anew.
   */
  async function settle(batch: Batch, signal: AbortSignal, hardStop: AbortSignal): Promise<boolean> {
    reportPassedOver(batch);
    let failures = 0;
    for (;;) {
      const { waiting, letters } = ahead.leftOf(batch, offset);
      if (waiting.length === 0) return acknowledge(batch.through, letters, signal);
      const attempt = await attemptDelivery(sink, waiting, () => clock.now(), hardStop);
      if (attempt === undefined) return false;
      tail.accepted(
        journal,
        attempt.accepted.map(({ entry }) => entry.position),
      );
      if (noteLoss(attempt.deferred.length, attempt.inDoubt)) {
        // What may be lost from before comes first, and this batch again behind it.
        gatherer.reset();
        return true;
      }
      report(attempt);
      ahead.note(attempt);
      failures = attempt.deferred.length < waiting.length ? 1 : failures + 1;
      if (!(await putOff(batch, attempt, failures, signal))) return false;
      if (!attempt.refused) continue;
      // What has come since may show whether these alone are at fault.
      gatherer.reset();
      return true;
    }
  }

  /** Acknowledges all before the first that waits, and no more, then waits; false when it was stopped before. */
  async function putOff(
    batch: Batch,
    attempt: Attempt,
    failures: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const [first] = attempt.deferred;
    if (first === undefined) {
      // What follows is written while the store keeps what was sent.
      gatherer.prefetch();
      return true;
    }
    const { letters } = ahead.leftOf(batch, offset);
    return (
      (await acknowledge(first.entry.position - 1, letters, signal)) &&
      (await pause(attempt, failures, signal))
    );
  }

  function reportPassedOver(batch: Batch): void {
    const entries = batch.passedOver.filter((position) => position > lookedThrough).length;
    lookedThrough = Math.max(lookedThrough, batch.through);
    if (entries > 0) observer.passedOver(entries);
  }

  /** Waits before what an attempt left over is sent again; false when it is not to be. */
  async function pause(attempt: Attempt, failures: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    await clock.sleep(backoffMs(failures, retry, clock.random(), attempt.retryAfterMs), signal);
    if (signal.aborted) return false;
    observer.retried(attempt.deferred.length, attempt.inDoubt);
    return true;
  }

  /** Asks the sink what it may have lost; true when that is something. The numbers are of the batch in hand. */
  function noteLoss(deferred: number, inDoubt: number): boolean {
    const events = tail.goBack();
    if (events === 0) return false;
    const now = clock.now();
    losses.inARow = now - losses.lastMs > retry.maxMs ? 1 : losses.inARow + 1;
    losses.lastMs = now;
    observer.retried(events + deferred, events + inDoubt);
    // A receiver that hangs up on each connection is told of by its health, not with every try.
    if (Math.abs(now - losses.toldMs) < lossQuietMs) return true;
    losses.toldMs = now;
    log.warn(
      { sink: sinkName, events },
      'the connection ended before the receiver had confirmed these events: they are sent again, under the same identifiers',
    );
    return true;
  }

  /** Lets delivery go on from a position that it has passed; false when it was stopped before. */
  async function goBack(position: number, signal: AbortSignal): Promise<boolean> {
    const kept = await answer(async () => {
      await store.rewind(sinkName, position - 1);
      return true;
    }, signal);
    if (kept === undefined) return false;
    again = undefined;
    // What was lost may lie in the batch in hand, behind what is not settled yet.
    offset = Math.min(offset, position - 1);
    ahead.clear();
    gatherer.reset();
    await clock.sleep(backoffMs(losses.inARow, retry, clock.random()), signal);
    return !signal.aborted;
  }

  function report({ accepted, rejected, deferred, reason }: Attempt): void {
    if (accepted.length + rejected.length > 0) health.succeeded();
    else health.failed(reason);
    if (deferred.length > 0) log.debug({ sink: sinkName, deferred: deferred.length, reason }, 'deferred');
    const fresh = accepted.filter(({ entry }) => entry.position > furthest);
    const last = fresh.at(-1);
    if (last === undefined) return;
    observer.delivered(fresh.length);
    observer.lag(Math.max(0, clock.now() - last.entry.acceptedAtMs));
    const truncated = fresh.filter((delivery) => delivery.truncated).length;
    if (truncated > 0) observer.truncated(truncated);
  }

  /** Moves the offset and keeps the dead letters up to it; false when the store refuses until `signal` aborts. */
  async function acknowledge(
    through: number,
    letters: readonly OwnDeadLetter[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (through <= offset) return true;
    const settled = letters
      .filter(({ entry }) => entry.position <= through)
      .toSorted((a, b) => a.entry.position - b.entry.position);
    const done = await answer(async () => {
      await store.acknowledge(sinkName, through, settled);
      return true;
    }, signal);
    if (done === undefined) return false;
    const fresh = settled.filter(({ entry }) => entry.position > furthest);
    offset = through;
    ahead.forget(offset);
    furthest = Math.max(furthest, offset);
    const first = fresh[0];
    if (first === undefined) return true;
    observer.deadLettered(fresh.length);
    log.error(
      { sink: sinkName, events: fresh.length, firstId: first.entry.id, firstReason: first.reason },
      'events refused for good are kept as dead letters; `defender-siem status` counts them',
    );
    return true;
  }
}
