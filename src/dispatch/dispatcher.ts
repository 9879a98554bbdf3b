import type { SecurityEvent } from '../event.ts';
import type { Formatter } from '../formats/format.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Sink } from '../sinks/sink.ts';
import type { JournalEntry, Store } from '../store/store.ts';
import { type Attempt, attemptDelivery } from './attempt.ts';
import { backoffMs, type RetryConfig } from './backoff.ts';
import type { Batch, BatchConfig, OwnDeadLetter } from './batch.ts';
import { createDoorbell } from './doorbell.ts';
import { createGatherer } from './gatherer.ts';
import { createSinkHealth } from './health.ts';
import type { DispatchObserver } from './observer.ts';
import { patience } from './patience.ts';
import type { Routes } from './routes.ts';

/** The part of the store that a dispatcher needs. The sink must have been registered. */
export type DispatchStore = Pick<Store, 'offset' | 'readJournal' | 'acknowledge'>;

/** What a dispatcher is made of. */
export interface DispatcherOptions {
  /** The sink's name in the configuration. */
  readonly sinkName: string;
  readonly sink: Pick<Sink, 'payloadBytes' | 'send'>;
  readonly store: DispatchStore;
  /** Returns what an entry means; should it throw, the entry becomes a dead letter. */
  readonly normalise: (entry: JournalEntry) => SecurityEvent;
  readonly format: Formatter;
  readonly routes: Routes;
  readonly batch: BatchConfig;
  readonly retry: RetryConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: DispatchObserver;
}

/** Brings one sink what the journal holds for it. One call of either `run` at a time. */
export interface Dispatcher {
  readonly name: string;
  /**
   * Delivers until `signal` aborts: no batch is begun after that, nor a failed one tried again, and the one in hand
   * may be sent until `hardStop` aborts. Whatever is not acknowledged by then is delivered by the next run.
   * Rejects only for a bug: sinks and stores that fail are tried again for ever.
   */
  run(signal: AbortSignal, hardStop?: AbortSignal): Promise<void>;
  /** The same, until the journal holds nothing more for the sink: then true; false when it was stopped before. */
  runUntilEmpty(signal: AbortSignal, hardStop?: AbortSignal): Promise<boolean>;
  /** Says that the journal has grown, so that it is looked at now. */
  wake(): void;
}

/** How often the journal is looked at when nobody wakes the dispatcher, ms: a safety net. */
const idleMs = 5000;

const never = new AbortController().signal;

/** Makes the dispatcher of one sink. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { sinkName, sink, store, retry, clock, log, observer } = options;
  const doorbell = createDoorbell(clock);
  const health = createSinkHealth(sinkName, clock, log, observer);
  const answer = patience({ sinkName, retry, clock, log });
  const gatherer = createGatherer(options, doorbell, answer);
  /** What the store has acknowledged for this sink. */
  let offset = 0;

  return {
    name: sinkName,
    wake: () => doorbell.ring(),
    async run(signal, hardStop = never) {
      while (!signal.aborted && !hardStop.aborted) {
        if (await consume(true, signal, hardStop)) await doorbell.wait(idleMs, signal);
      }
    },
    runUntilEmpty: (signal, hardStop = never) => consume(false, signal, hardStop),
  };

  /** Delivers batch after batch; true when the journal holds nothing more, false when `signal` aborted before. */
  async function consume(linger: boolean, signal: AbortSignal, hardStop: AbortSignal): Promise<boolean> {
    gatherer.reset();
    const stored = await answer(() => store.offset(sinkName), signal);
    if (stored === undefined) return false;
    offset = stored;
    while (!signal.aborted) {
      const batch = await gatherer.gather(offset, linger, signal);
      if (batch === undefined) return false;
      if (batch.through === offset) return true;
      if (!(await settle(batch, signal, hardStop))) return false;
    }
    return false;
  }

  /** Sends a batch until every delivery in it is settled, and acknowledges; false when it was stopped before. */
  async function settle(batch: Batch, signal: AbortSignal, hardStop: AbortSignal): Promise<boolean> {
    let waiting = batch.deliveries;
    let letters = batch.deadLetters;
    let failures = 0;
    if (batch.passedOver > 0) observer.passedOver(batch.passedOver);
    while (waiting.length > 0) {
      const attempt = await attemptDelivery(sink, waiting, () => clock.now(), hardStop);
      if (attempt === undefined) return false;
      report(attempt);
      letters = [...letters, ...attempt.rejected];
      failures = attempt.deferred.length < waiting.length ? 1 : failures + 1;
      waiting = attempt.deferred;
      const [first] = waiting;
      if (first === undefined) break;
      // All before the first that waits is settled, and no more than that may be acknowledged.
      const settled = first.entry.position - 1;
      if (!(await acknowledge(settled, letters, signal))) return false;
      letters = letters.filter(({ entry }) => entry.position > settled);
      if (!(await pause(attempt, failures, signal))) return false;
    }
    return acknowledge(batch.through, letters, signal);
  }

  /** Waits before what an attempt left over is sent again; false when it is not to be. */
  async function pause(attempt: Attempt, failures: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    await clock.sleep(backoffMs(failures, retry, clock.random(), attempt.retryAfterMs), signal);
    if (signal.aborted) return false;
    observer.retried(attempt.deferred.length, attempt.inDoubt);
    return true;
  }

  function report({ accepted, rejected, deferred, reason }: Attempt): void {
    if (accepted.length + rejected.length > 0) health.succeeded();
    else health.failed(reason);
    if (deferred.length > 0) log.debug({ sink: sinkName, deferred: deferred.length, reason }, 'deferred');
    const last = accepted.at(-1);
    if (last === undefined) return;
    observer.delivered(accepted.length);
    observer.lag(Math.max(0, clock.now() - last.entry.acceptedAtMs));
    const truncated = accepted.filter((delivery) => delivery.truncated).length;
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
    offset = through;
    const first = settled[0];
    if (first === undefined) return true;
    observer.deadLettered(settled.length);
    log.error(
      { sink: sinkName, events: settled.length, firstId: first.entry.id, firstReason: first.reason },
      'events refused for good are kept as dead letters; `defender-siem status` counts them',
    );
    return true;
  }
}
