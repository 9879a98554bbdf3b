import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRoutes } from '../../src/dispatch/routes.ts';
import { createTail } from '../../src/dispatch/tail.ts';
import { NotSent } from '../../src/sinks/not-sent.ts';
import type { Outcome, Payload } from '../../src/sinks/sink.ts';
import { accepted, setUp } from './dispatching.ts';

const never = new AbortController().signal;

/** A sink over a stream whose receiver reads when the script says so, and loses what it has not read at a break. */
class StreamModel {
  /** Accepted on this connection; how many of them the receiver has read. */
  #written: string[] = [];
  #read = 0;
  #inDoubt = 0;
  readonly received: string[] = [];
  /** What each connection was sent. */
  readonly connections: string[][] = [[]];
  readonly #script: number[];

  constructor(script: readonly number[]) {
    this.#script = [...script];
  }

  payloadBytes(): number {
    return 1000;
  }

  async send(payloads: readonly Payload[]): Promise<readonly Outcome[]> {
    const step = this.#script.shift() ?? 0;
    if (step % 5 === 1) this.#lose();
    if (this.#inDoubt > 0) throw new NotSent('SINK_UNREACHABLE', 'what came before goes first');
    if (step % 5 === 2) {
      this.#lose();
      throw new Error('connection lost in mid-batch');
    }
    const ids = payloads.map(({ text }) => text);
    this.connections.at(-1)?.push(...ids);
    this.#written.push(...ids);
    this.#readOn(step % 7);
    if (step % 5 === 3) this.confirm();
    if (step % 5 === 4) this.#lose();
    return ids.map(() => accepted);
  }

  takeInDoubt(): number {
    const inDoubt = this.#inDoubt;
    this.#inDoubt = 0;
    return inDoubt;
  }

  unconfirmed(): number {
    return this.#inDoubt + this.#written.length;
  }

  confirm(): void {
    this.#readOn(this.#written.length);
    this.#written = [];
    this.#read = 0;
  }

  #readOn(count: number): void {
    this.received.push(...this.#written.slice(this.#read, this.#read + count));
    this.#read = Math.min(this.#written.length, this.#read + count);
  }

  #lose(): void {
    this.#inDoubt += this.#written.length;
    this.#written = [];
    this.#read = 0;
    this.connections.push([]);
  }
}

test('wherever a connection breaks: nothing is lost, all is in order, and counted once', async () => {
  const promise = fc.asyncProperty(
    fc.array(fc.constantFrom('good', 'large', 'unrouted'), { maxLength: 40 }),
    fc.array(fc.nat(34), { maxLength: 25 }),
    fc.integer({ min: 1, max: 7 }),
    async (fates, script, maxEvents) => {
      const sink = new StreamModel(script);
      const batch = { maxEvents, maxBytes: 1e6, lingerMs: 0 };
      const routes = compileRoutes([{ from: ['alerts'], to: ['siem'] }]);
      const { dispatcher, journal, counted } = setUp([], { sink, batch, routes });
      for (const [i, fate] of fates.entries()) {
        journal.append(`${i}`, fate === 'unrouted' ? { source: 'other' } : { json: fate });
      }
      do {
        expect(await dispatcher.runUntilEmpty(never)).toBe(true);
        // The connection ends in good order with the last run, and what is in doubt by then goes first in the next.
        if (sink.unconfirmed() === 0 || (await journal.offset()) === fates.length) sink.confirm();
        await dispatcher.finish();
      } while ((await journal.offset()) < fates.length);

      const of = (fate: string) => fates.flatMap((each, i) => (each === fate ? [`${i}`] : []));
      expect([...new Set(sink.received)].toSorted((a, b) => Number(a) - Number(b))).toEqual(of('good'));
      for (const sent of sink.connections) {
        expect(sent).toEqual(sent.toSorted((a, b) => Number(a) - Number(b)));
        expect(new Set(sent).size).toBe(sent.length);
      }
      const sum = (name: string, index = 0) =>
        counted(name).reduce((total, facts) => total + Number(facts[index]), 0);
      expect(sum('delivered')).toBe(of('good').length);
      expect(sum('deadLettered')).toBe(of('large').length);
      expect(sum('passedOver')).toBe(of('unrouted').length);
      const repeated = sink.received.length - new Set(sink.received).size;
      expect(repeated).toBeLessThanOrEqual(sum('retried', 1));
    },
  );
  await fc.assert(promise, { numRuns: 300 });
});

test('what was lost while nothing is sent is made good by itself, told once, and kept over a crash', async () => {
  const sink = { inDoubt: 0, sent: [] as string[][] };
  const stop = new AbortController();
  let idle = 0;
  const { dispatcher, journal, clock, logged } = setUp([], {
    sink: {
      payloadBytes: () => 1000,
      async send(payloads) {
        sink.sent.push(payloads.map(({ text }) => text));
        return payloads.map(() => accepted);
      },
      takeInDoubt() {
        const { inDoubt } = sink;
        sink.inDoubt = 0;
        return inDoubt;
      },
      unconfirmed: () => 2,
    },
  });
  clock.passes = (ms) => {
    if (ms !== 5_000) return true;
    // The connection breaks while the journal is empty; two of the three had not been read.
    if (++idle === 1) sink.inDoubt = 2;
    else stop.abort();
    return true;
  };
  for (const id of ['a', 'b', 'c']) journal.append(id);
  await dispatcher.run(stop.signal);
  expect(sink.sent).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c'],
  ]);
  expect(journal.rewound).toEqual([1]);
  expect(logged.filter((line) => line.includes('ended before the receiver had confirmed'))).toEqual([
    'warn the connection ended before the receiver had confirmed these events: they are sent again, under the same identifiers {"sink":"siem","events":2}',
  ]);
});

test('a receiver that takes and loses again and again is waited for longer and longer', async () => {
  const waits: number[] = [];
  let left = 6;
  let unread = 0;
  const { dispatcher, journal, clock } = setUp([], {
    sink: {
      payloadBytes: () => 1000,
      async send(payloads) {
        if (left-- > 0) unread += payloads.length;
        return payloads.map(() => accepted);
      },
      takeInDoubt() {
        const lost = unread;
        unread = 0;
        return lost;
      },
      unconfirmed: () => unread,
    },
  });
  clock.passes = (ms) => waits.push(ms) > 0;
  journal.append('a');
  expect(await dispatcher.runUntilEmpty(never)).toBe(true);
  expect(waits.filter((ms) => ms >= 500)).toEqual([500, 1000, 2000, 4000, 8000, 16_000]);
});

test('the tail remembers no more than the sink can report, and tells each feed where to go back to', () => {
  let unconfirmed = 0;
  let lost = 0;
  const tail = createTail({ takeInDoubt: () => lost, unconfirmed: () => unconfirmed });
  const back: string[] = [];
  const feed = (name: string) => ({ goBack: (position: number) => back.push(`${name} ${position}`) });
  const [journal, replay] = [feed('journal'), feed('replay')];
  unconfirmed = 7;
  tail.accepted(journal, [1, 2, 3]);
  tail.accepted(replay, [901, 902]);
  tail.accepted(journal, [7, 9]);
  lost = 3;
  expect(tail.goBack()).toBe(3);
  expect(back).toEqual(['journal 7', 'replay 902']);
  // What is told is forgotten.
  expect(tail.goBack()).toBe(3);
  expect(back.length).toBe(2);
});
