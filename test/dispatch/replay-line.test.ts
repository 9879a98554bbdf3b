import { describe, expect, test } from 'vitest';
import type { OwnDeadLetter } from '../../src/dispatch/batch.ts';
import type { ReplayFeed } from '../../src/dispatch/replay-feed.ts';
import { compileRoutes } from '../../src/dispatch/routes.ts';
import type { Outcome } from '../../src/sinks/sink.ts';
import type { JournalEntry } from '../../src/store/store.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import {
  acceptAll,
  accepted,
  answer,
  deferred,
  fail,
  type Reply,
  rejected,
  setUp,
  until,
} from './dispatching.ts';

const never = new AbortController().signal;

/** A replay of these ids, in memory, and what it was told. */
function aFeed(ids: readonly string[], change: Partial<ReplayFeed> = {}) {
  const journal = new MemoryJournal();
  for (const id of ids) journal.append(id);
  const cursors: number[] = [];
  const taken: string[] = [];
  const refused: OwnDeadLetter[] = [];
  const rewinds: (readonly [position: number, over: boolean])[] = [];
  const feed: ReplayFeed = {
    routes: compileRoutes(undefined),
    deadLetters: false,
    after: 0,
    read: (position, rows, bytes) => journal.readJournal(position, rows, bytes),
    wants: () => true,
    async keep(progress) {
      cursors.push(progress.through);
      taken.push(...progress.accepted.map(({ id }: JournalEntry) => id));
      refused.push(...progress.refused);
    },
    async rewind(position, over) {
      rewinds.push([position, over]);
    },
    ...change,
  };
  return { feed, journal, cursors, taken, refused, rewinds };
}

const batchOf = (maxEvents: number) => ({ batch: { maxEvents, maxBytes: 1e6, lingerMs: 0 } });
const refusedLikeAll: Outcome = { kind: 'deferred', reason: 'no such index', refused: true };

describe('a replay', () => {
  test('goes between the batches of what is new, one by one, and what is new goes first', async () => {
    const { dispatcher, journal, sent, counted } = setUp([], batchOf(2));
    for (const id of ['n1', 'n2', 'n3', 'n4', 'n5']) journal.append(id);
    const { feed, cursors, taken } = aFeed(['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9']);
    const replay = dispatcher.replay(feed, never);
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect(await replay).toBe(true);
    expect(sent.map((ids) => ids.join(' '))).toEqual([
      'n1 n2',
      'r1 r2',
      'n3 n4',
      'r3 r4',
      'n5',
      'r5 r6',
      'r7 r8',
      'r9',
    ]);
    expect(cursors).toEqual([2, 4, 6, 8, 9]);
    expect(taken).toHaveLength(9);
    expect(counted('replayed')).toEqual([[2], [2], [2], [2], [1]]);
    expect(counted('delivered')).toEqual([[2], [2], [1]]);
    expect(journal.acknowledged.at(-1)).toBe(5);
  });

  test('wakes a dispatcher that has nothing to do', async () => {
    const { dispatcher, sent, sleeps } = setUp();
    const stop = new AbortController();
    const run = dispatcher.run(stop.signal);
    await until(() => sleeps.length === 1);
    expect(await dispatcher.replay(aFeed(['r1']).feed, never)).toBe(true);
    stop.abort();
    await run;
    expect(sent).toEqual([['r1']]);
  });

  test('is told what the receiver has taken as far as nothing before it waits; the rest is sent again', async () => {
    const { dispatcher, sent, clock } = setUp([answer(accepted, deferred, accepted, rejected, deferred)]);
    const { feed, cursors, taken, refused } = aFeed(['r1', 'r2', 'r3', 'r4', 'r5']);
    const replay = dispatcher.replay(feed, never);
    await dispatcher.runUntilEmpty(never);
    clock.nowMs += 60_000;
    await dispatcher.runUntilEmpty(never);
    expect(await replay).toBe(true);
    expect(sent).toEqual([
      ['r1', 'r2', 'r3', 'r4', 'r5'],
      ['r2', 'r5'],
    ]);
    expect(cursors).toEqual([1, 5]);
    expect(taken).toEqual(['r1', 'r3', 'r2', 'r5']);
    expect(refused.map(({ entry, reason }) => `${entry.id} ${reason}`)).toEqual(['r4 mapping conflict']);
  });

  test('that the receiver puts off holds up nothing new', async () => {
    const putOff: Reply = async (ids) => ids.map((id) => (id.startsWith('r') ? deferred : accepted));
    const { dispatcher, journal, sent } = setUp([putOff, putOff, putOff]);
    const stop = new AbortController();
    const replay = dispatcher.replay(aFeed(['r1']).feed, stop.signal);
    await dispatcher.runUntilEmpty(never);
    journal.append('n1');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([['r1'], ['n1']]);
    expect(journal.acknowledged).toEqual([1]);
    stop.abort();
    expect(await replay).toBe(false);
  });

  test('waits for as long as the receiver asks, and so does what is new', async () => {
    const later: Outcome = { kind: 'deferred', reason: 'slow down', retryAfterMs: 7000 };
    const { dispatcher, sleeps } = setUp([answer(later)]);
    const stop = new AbortController();
    const replay = dispatcher.replay(aFeed(['r1']).feed, stop.signal);
    await dispatcher.runUntilEmpty(never);
    expect(sleeps).toEqual([7000]);
    stop.abort();
    await replay;
  });

  test('is sent again with growing waits while the receiver is down', async () => {
    const { dispatcher, sent, counted } = setUp([fail('down'), fail('down'), acceptAll], {
      retry: { initialMs: 0, maxMs: 0 },
    });
    expect(
      await Promise.all([dispatcher.replay(aFeed(['r1']).feed, never), dispatcher.runUntilEmpty(never)]),
    ).toEqual([true, true]);
    expect(sent).toEqual([['r1'], ['r1'], ['r1']]);
    expect(counted('retried')).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test('passes over what it does not want, and what no route sends there; what cannot be written is a dead letter', async () => {
    const { dispatcher, sent } = setUp();
    const { feed, journal, cursors, refused } = aFeed(['r1', 'unwanted', 'r3'], {
      wants: ({ id }) => id !== 'unwanted',
      routes: compileRoutes([{ from: ['alerts'], to: ['siem'] }]),
    });
    journal.append('elsewhere', { source: 'other' });
    journal.append('r5', { json: '{"too":"large"}' });
    const replay = dispatcher.replay(feed, never);
    await dispatcher.runUntilEmpty(never);
    expect(await replay).toBe(true);
    expect(sent).toEqual([['r1', 'r3']]);
    expect(cursors).toEqual([5]);
    expect(refused.map(({ entry }) => entry.id)).toEqual(['r5']);
  });

  test('of rows that the receiver refuses with all beside them goes on with more beside them', async () => {
    const { dispatcher, sent, clock } = setUp(
      [answer(refusedLikeAll), answer(rejected, accepted)],
      batchOf(2),
    );
    const { feed, journal, refused } = aFeed(['r1']);
    const replay = dispatcher.replay(feed, never);
    await dispatcher.runUntilEmpty(never);
    journal.append('r2');
    clock.nowMs += 60_000;
    await dispatcher.runUntilEmpty(never);
    expect(await replay).toBe(true);
    expect(sent).toEqual([['r1'], ['r1', 'r2']]);
    expect(refused.map(({ entry }) => entry.id)).toEqual(['r1']);
  });

  test('of dead letters that are refused once more leaves them, and ends', async () => {
    const { dispatcher, sent } = setUp(Array(4).fill(answer(refusedLikeAll, refusedLikeAll)), {
      retry: { initialMs: 0, maxMs: 0 },
    });
    const { feed, refused, cursors } = aFeed(['r1', 'r2'], { deadLetters: true });
    const replay = dispatcher.replay(feed, never);
    await dispatcher.runUntilEmpty(never);
    expect(await replay).toBe(true);
    expect(sent).toHaveLength(4);
    expect(refused.map(({ entry, reason }) => `${entry.id} ${reason}`)).toEqual([
      'r1 no such index',
      'r2 no such index',
    ]);
    expect(cursors.at(-1)).toBe(2);
  });

  test('ends at once when it is cancelled, and another can follow', async () => {
    const { dispatcher, sent } = setUp();
    const cancel = new AbortController();
    const first = dispatcher.replay(aFeed(['r1']).feed, cancel.signal);
    cancel.abort();
    expect(await first).toBe(false);
    expect(await dispatcher.replay(aFeed(['r1']).feed, AbortSignal.abort())).toBe(false);
    const second = dispatcher.replay(aFeed(['s1']).feed, never);
    await dispatcher.runUntilEmpty(never);
    expect(await second).toBe(true);
    expect(sent).toEqual([['s1']]);
  });
});

describe('when a connection may have lost what it took', () => {
  /** A sink that takes everything and, from the call `breaks` on, once says that so many of the last are in doubt. */
  function losing(breaks: number, events: number) {
    const sent: string[][] = [];
    let inDoubt = 0;
    return {
      sent,
      sink: {
        payloadBytes: () => 1000,
        async send(payloads: readonly { readonly text: string }[]) {
          sent.push(payloads.map(({ text }) => text));
          if (sent.length === breaks) inDoubt = events;
          return payloads.map(() => accepted);
        },
        takeInDoubt() {
          const lost = inDoubt;
          inDoubt = 0;
          return lost;
        },
      },
    };
  }

  test('both the new and the replayed go back to the first of what may be lost', async () => {
    const { sink, sent } = losing(4, 5);
    const { dispatcher, journal } = setUp([], { ...batchOf(2), sink });
    Object.assign(journal, { rewind: async () => {} });
    for (const id of ['n1', 'n2', 'n3', 'n4']) journal.append(id);
    const { feed, rewinds } = aFeed(['r1', 'r2', 'r3', 'r4', 'r5']);
    const replay = dispatcher.replay(feed, never);
    await dispatcher.runUntilEmpty(never);
    expect(await replay).toBe(true);
    // In doubt are r2, n3, n4, r3, r4: all from r2 and from n3 on is sent once more.
    expect(
      sent
        .slice(4)
        .flat()
        .filter((id) => id.startsWith('r')),
    ).toEqual(['r2', 'r3', 'r4', 'r5']);
    expect(
      sent
        .slice(4)
        .flat()
        .filter((id) => id.startsWith('n')),
    ).toEqual(['n3', 'n4']);
    expect(rewinds).toEqual([[2, false]]);
  });

  test('a replay that was over is told so', async () => {
    const { sink, sent } = losing(2, 2);
    const { dispatcher, journal } = setUp([], { sink });
    Object.assign(journal, { rewind: async () => {} });
    const { feed, rewinds } = aFeed(['r1', 'r2']);
    const replay = dispatcher.replay(feed, never);
    await dispatcher.runUntilEmpty(never);
    expect(await replay).toBe(true);
    journal.append('n1');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([['r1', 'r2'], ['n1'], ['n1']]);
    expect(rewinds).toEqual([[2, true]]);
  });
});
