import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDispatcher, type DispatcherOptions } from '../../src/dispatch/dispatcher.ts';
import type { DispatchObserver } from '../../src/dispatch/observer.ts';
import { compileRoutes } from '../../src/dispatch/routes.ts';
import type { Outcome, Payload } from '../../src/sinks/sink.ts';
import { anEvent } from '../support/event.ts';
import { HeldClock } from '../support/held-clock.ts';
import { MemoryJournal } from '../support/memory-journal.ts';

/** What a scripted sink does with one batch: answers, throws, or takes its time. */
export type Reply = (ids: readonly string[], signal: AbortSignal) => Promise<readonly Outcome[]>;

export const accepted: Outcome = { kind: 'accepted' };
export const rejected: Outcome = { kind: 'rejected', reason: 'mapping conflict' };
export const deferred: Outcome = { kind: 'deferred', reason: 'busy' };

/** Accepts every event. */
export const acceptAll: Reply = async (ids) => ids.map(() => accepted);

/** Answers with these outcomes. */
export const answer =
  (...outcomes: readonly Outcome[]): Reply =>
  async () =>
    outcomes;

/** Fails as a whole. */
export const fail =
  (reason: string): Reply =>
  async () => {
    throw new Error(reason);
  };

/** Lets everything else in the process go on until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** The wait of a dispatcher that has nothing to do, ms. */
export const idleMs = 5000;

/**
 * A dispatcher of the sink `siem` with a scripted sink, a journal in memory and a clock on which waits pass at once,
 * but for the idle ones. The text of an event is its id; the record `{"too":"large"}` is, `broken` cannot be read.
 */
export function setUp(replies: readonly Reply[] = [], options: Partial<DispatcherOptions> = {}) {
  const journal = new MemoryJournal();
  const script = [...replies];
  /** The ids of each batch that the sink was sent. */
  const sent: string[][] = [];
  const sleeps: number[] = [];
  const clock = new HeldClock((ms) => {
    sleeps.push(ms);
    return ms !== idleMs;
  });
  const seen: unknown[][] = [];
  const note =
    (name: string) =>
    (...facts: readonly unknown[]): void => {
      seen.push([name, ...facts]);
    };
  const observer: DispatchObserver = {
    delivered: note('delivered'),
    replayed: note('replayed'),
    deadLettered: note('deadLettered'),
    retried: note('retried'),
    truncated: note('truncated'),
    passedOver: note('passedOver'),
    state: note('state'),
    stillFailing: note('stillFailing'),
    lag: note('lag'),
  };
  const logged: string[] = [];
  const line = (level: string) => (fields: object, message: string) => {
    logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  const dispatcher = createDispatcher({
    sinkName: 'siem',
    sink: {
      payloadBytes: () => 1000,
      async send(payloads: readonly Payload[], signal: AbortSignal) {
        const ids = payloads.map(({ text }) => text);
        sent.push(ids);
        return (script.shift() ?? acceptAll)(ids, signal);
      },
    },
    store: journal,
    normalise(entry) {
      if (entry.json === 'broken') throw new Error('not JSON');
      return anEvent({ id: entry.id, json: entry.json });
    },
    format: (event, maxBytes) =>
      event.json.includes('large')
        ? { kind: 'oversize', reason: `longer than ${maxBytes} bytes` }
        : { kind: 'formatted', text: event.id, truncated: event.json.includes('cut') ? ['msg'] : [] },
    routes: compileRoutes(undefined),
    batch: { maxEvents: 100, maxBytes: 1e6, lingerMs: 200 },
    retry: { initialMs: 1000, maxMs: 60_000 },
    clock,
    log: { debug() {}, info: line('info'), warn: line('warn'), error: line('error') },
    observer,
    ...options,
  });
  const counted = (name: string) => seen.filter(([what]) => what === name).map(([, ...facts]) => facts);
  return { dispatcher, journal, sent, sleeps, clock, counted, logged };
}
