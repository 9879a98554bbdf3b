import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDispatcher } from '../../src/dispatch/dispatcher.ts';
import type { DispatchObserver } from '../../src/dispatch/observer.ts';
import { compileRoutes } from '../../src/dispatch/routes.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Outcome, Payload } from '../../src/sinks/sink.ts';
import { anEvent } from '../support/event.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryJournal } from '../support/memory-journal.ts';

/** An observer that keeps nothing. */
const silentObserver: DispatchObserver = {
  delivered() {},
  replayed() {},
  deadLettered() {},
  retried() {},
  truncated() {},
  passedOver() {},
  state() {},
  stillFailing() {},
  lag() {},
};

/** What becomes of an event at the receiver; `refused` puts it off until it is seen what others come to. */
type Kind = Outcome['kind'] | 'refused';
type Fate = 'delivered' | 'passed over' | 'oversize';
type Step =
  | { readonly does: 'answer'; readonly kinds: readonly Kind[] }
  /** It fails; the receiver has the first `had` of the batch all the same. */
  | { readonly does: 'throw'; readonly had: number }
  /** The process is stopped, softly or hard, while the receiver has taken the first `had`. */
  | { readonly does: 'stop' | 'kill'; readonly had: number };

const entry = fc.record({
  source: fc.constantFrom('one', 'two', 'three'),
  fate: fc.constantFrom<Fate>('delivered', 'delivered', 'delivered', 'passed over', 'oversize'),
});
const kind = fc.constantFrom<Kind>('accepted', 'deferred', 'rejected', 'refused');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant('answer' as const), kinds: fc.array(kind, { minLength: 1, maxLength: 6 }) }),
  fc.record({ does: fc.constantFrom('throw' as const, 'stop' as const, 'kill' as const), had: fc.nat(6) }),
);
const batch = fc.record({
  maxEvents: fc.integer({ min: 1, max: 7 }),
  maxBytes: fc.integer({ min: 1, max: 30 }),
  lingerMs: fc.constant(0),
});

/** A receiver that follows the script and then takes all; it keeps count of what it is sent, and has, by position. */
class Receiver {
  readonly has = new Set<number>();
  readonly refused = new Set<number>();
  /** Positions in the order of their first send. */
  readonly firstSends: number[] = [];
  /** Sent although it had them, with nothing before that left them in doubt. */
  readonly needlessRepeats: number[] = [];
  readonly #inDoubt = new Set<number>();
  readonly #script: Step[];
  stop = new AbortController();
  hardStop = new AbortController();

  constructor(script: readonly Step[]) {
    this.#script = [...script];
  }

  payloadBytes(): number {
    return 1000;
  }

  async send(payloads: readonly Payload[]): Promise<readonly Outcome[]> {
    const positions = payloads.map(({ text }) => Number(text));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    for (const position of positions) {
      if (!this.firstSends.includes(position)) this.firstSends.push(position);
      if (this.has.has(position) && !this.#inDoubt.has(position)) this.needlessRepeats.push(position);
    }
    const next = this.#script.shift() ?? { does: 'answer', kinds: ['accepted'] };
    if (next.does === 'answer') return positions.map((position, i) => this.#answer(position, next.kinds, i));
    for (const position of positions.slice(0, next.had)) this.has.add(position);
    for (const position of positions) this.#inDoubt.add(position);
    if (next.does !== 'throw') this.stop.abort();
    if (next.does === 'kill') this.hardStop.abort();
    throw new Error('connection lost');
  }

  /** It goes on; after a kill, what was sent beyond the offset may be sent again. */
  restart(offset: number): void {
    const killed = this.hardStop.signal.aborted;
    this.stop = new AbortController();
    this.hardStop = new AbortController();
    if (!killed) return;
    for (const position of this.firstSends) if (position > offset) this.#inDoubt.add(position);
  }

  #answer(position: number, kinds: readonly Kind[], index: number): Outcome {
    const kind = kinds[index % kinds.length] ?? 'accepted';
    if (kind === 'accepted') this.has.add(position);
    if (kind === 'rejected') this.refused.add(position);
    if (kind === 'refused') return { kind: 'deferred', reason: kind, refused: true };
    return kind === 'accepted' ? { kind } : { kind, reason: kind };
  }
}

test('whatever a sink answers and whenever it stops: all is delivered or kept, in order, and repeated only in doubt', async () => {
  const promise = fc.asyncProperty(
    fc.array(entry, { maxLength: 30 }),
    fc.array(step, { maxLength: 15 }),
    batch,
    async (entries, script, batchConfig) => {
      const journal = new MemoryJournal();
      const receiver = new Receiver(script);
      for (const [i, { source, fate }] of entries.entries()) {
        journal.append(String(i + 1), { source: fate === 'passed over' ? 'unrouted' : source, json: fate });
      }
      const positionsOf = (fate: Fate) => entries.flatMap((e, i) => (e.fate === fate ? [i + 1] : []));
      const deliverable = positionsOf('delivered');

      journal.onAcknowledge = (offset, letters) => {
        expect(offset).toBeGreaterThan(journal.acknowledged.at(-1) ?? 0);
        const kept = new Set([...journal.letters, ...letters].map((letter) => letter.entry.position));
        const lost = deliverable.filter((p) => p <= offset && !receiver.has.has(p) && !kept.has(p));
        expect(lost).toEqual([]);
        const unwritten = positionsOf('oversize').filter((p) => p <= offset && !kept.has(p));
        expect(unwritten).toEqual([]);
      };

      const begin = () =>
        createDispatcher({
          sinkName: 'siem',
          sink: receiver,
          store: journal,
          normalise: ({ id, json }) => anEvent({ id, json }),
          format: ({ id, json }) =>
            json === 'oversize'
              ? { kind: 'oversize', reason: 'too long' }
              : { kind: 'formatted', text: id, truncated: [] },
          routes: compileRoutes([{ from: ['one', 'two', 'three'], to: ['siem'] }]),
          batch: batchConfig,
          retry: { initialMs: 1000, maxMs: 60_000 },
          clock: new FakeClock(),
          log: silentLog,
          observer: silentObserver,
        });

      let dispatcher = begin();
      for (let done = false; !done; ) {
        done = await dispatcher.runUntilEmpty(receiver.stop.signal, receiver.hardStop.signal);
        // A kill ends the process; after a stop the same dispatcher may be run again.
        if (receiver.hardStop.signal.aborted) dispatcher = begin();
        receiver.restart(journal.acknowledged.at(-1) ?? 0);
      }

      expect(journal.acknowledged.at(-1) ?? 0).toBe(entries.length);
      const kept = journal.letters.map((letter) => letter.entry.position);
      expect(kept).toEqual([...new Set(kept)]);
      for (const position of kept) {
        expect(receiver.refused.has(position) || entries[position - 1]?.fate === 'oversize').toBe(true);
      }
      expect(receiver.firstSends.toSorted((a, b) => a - b)).toEqual(deliverable);
      expect(receiver.firstSends).toEqual(deliverable);
      expect(receiver.needlessRepeats).toEqual([]);
    },
  );
  await fc.assert(promise, { numRuns: 300 });
});
