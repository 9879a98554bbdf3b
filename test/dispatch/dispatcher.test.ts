import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { compileRoutes } from '../../src/dispatch/routes.ts';
import { NotSent } from '../../src/sinks/not-sent.ts';
import type { Outcome } from '../../src/sinks/sink.ts';
import {
  acceptAll,
  accepted,
  answer,
  deferred,
  fail,
  idleMs,
  type Reply,
  rejected,
  setUp,
  until,
} from './dispatching.ts';

const never = new AbortController().signal;
const batch = { maxEvents: 100, maxBytes: 1e6, lingerMs: 200 };

function fill(journal: ReturnType<typeof setUp>['journal'], ...ids: readonly string[]): void {
  for (const id of ids) journal.append(id);
}

describe('batches', () => {
  test('hold at most maxEvents, in the journal order, and are acknowledged one by one', async () => {
    const { dispatcher, journal, sent, counted } = setUp([], { batch: { ...batch, maxEvents: 2 } });
    fill(journal, 'a', 'b', 'c', 'd', 'e');
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect(sent).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(journal.acknowledged).toEqual([2, 4, 5]);
    expect(counted('delivered')).toEqual([[2], [2], [1]]);
  });

  test('hold at most maxBytes of text, counted as UTF-8, but always one event', async () => {
    const { dispatcher, journal, sent } = setUp([], { batch: { ...batch, maxBytes: 6 } });
    fill(journal, 'aaa', 'bbb', 'éé', 'ccc', 'an event beyond the bound', 'd');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([['aaa', 'bbb'], ['éé'], ['ccc'], ['an event beyond the bound'], ['d']]);
  });

  test('leave at once when an event comes alone, and linger for what follows closely', async () => {
    const stop = new AbortController();
    const { dispatcher, journal, sent, sleeps, clock } = setUp([], { batch: { ...batch, maxEvents: 3 } });
    clock.passes = (ms) => {
      sleeps.push(ms);
      if (ms === batch.lingerMs && journal.entries.length === 5) {
        journal.append('f');
        dispatcher.wake();
      }
      return ms !== idleMs;
    };
    fill(journal, 'a');
    const running = dispatcher.run(stop.signal);
    await until(() => sleeps.includes(idleMs));
    expect([sent, sleeps]).toEqual([[['a']], [idleMs]]);
    fill(journal, 'b', 'c', 'd', 'e');
    dispatcher.wake();
    await until(() => sleeps.filter((ms) => ms === idleMs).length === 2);
    expect(sent.slice(1)).toEqual([
      ['b', 'c', 'd'],
      ['e', 'f'],
    ]);
    expect(sleeps).toEqual([idleMs, batch.lingerMs, batch.lingerMs, idleMs]);
    stop.abort();
    await running;
  });

  test('that end amid what is being written ahead repeat nothing of it, and keep its order', async () => {
    const { dispatcher, journal, sent } = setUp([], { batch: { ...batch, maxEvents: 100 } });
    const ids = Array.from({ length: 700 }, (_, i) => `id-${i}`);
    fill(journal, ...ids);
    const acknowledge = journal.acknowledge.bind(journal);
    // As long as some of what follows takes to be written: the next batch ends where the writing is.
    journal.acknowledge = async (...args) => {
      await setImmediate();
      return acknowledge(...args);
    };
    await dispatcher.runUntilEmpty(never);
    expect(sent.flat()).toEqual(ids);
  });

  test('never need more of the journal in memory than one chunk', async () => {
    const { dispatcher, journal } = setUp([], { batch: { ...batch, maxEvents: 5000 } });
    for (let i = 0; i < 2500; i++) journal.append(`id-${i}`);
    await dispatcher.runUntilEmpty(never);
    expect(Math.max(...journal.reads.map(({ rows }) => rows))).toBe(500);
    expect(Math.max(...journal.reads.map(({ bytes }) => bytes))).toBe(2 ** 19);
    expect(journal.acknowledged).toEqual([1000, 2000, 2500]);
  });
});

describe('an entry', () => {
  test('that no route sends here is passed over without a send, and acknowledged', async () => {
    const routes = compileRoutes([
      { from: ['incidents'], to: ['siem'] },
      { from: ['alerts'], to: ['siem'], where: { severity: ['low'] } },
    ]);
    const { dispatcher, journal, sent, counted } = setUp([], { routes });
    fill(journal, 'a', 'b');
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect([sent, journal.acknowledged, counted('passedOver')]).toEqual([[], [2], [[2]]]);
    journal.append('c', { source: 'incidents' });
    fill(journal, 'd');
    await dispatcher.runUntilEmpty(never);
    expect([sent, journal.acknowledged]).toEqual([[['c']], [2, 4]]);
  });

  test.each([
    ['too large for the sink', '{"too":"large"}', 'longer than 1000 bytes'],
    ['that cannot be read', 'broken', 'the record cannot be written: not JSON'],
  ])('%s is a dead letter, and the rest goes on', async (_what, json, reason) => {
    const { dispatcher, journal, sent, counted, logged, clock } = setUp();
    journal.append('a');
    journal.append('bad', { json });
    journal.append('c');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([['a', 'c']]);
    expect(journal.letters).toEqual([{ entry: journal.entries[1], reason, atMs: clock.now() }]);
    expect(counted('deadLettered')).toEqual([[1]]);
    expect(logged).toEqual([expect.stringMatching(/^error .*dead letters.*"bad"/)]);
  });

  test('that was made shorter is counted when it is delivered, with how long delivery took', async () => {
    const { dispatcher, journal, counted } = setUp([fail('gone')]);
    journal.append('a', { json: 'cut' });
    journal.append('b', { acceptedAtMs: Date.UTC(2026, 10, 3, 7, 59, 58) });
    await dispatcher.runUntilEmpty(never);
    expect(counted('truncated')).toEqual([[1]]);
    expect(counted('lag')).toEqual([[2000]]);
  });
});

describe('an outcome', () => {
  test('rejected: a dead letter, kept together with the offset that passes it', async () => {
    const { dispatcher, journal } = setUp([answer(accepted, rejected, accepted)]);
    fill(journal, 'a', 'b', 'c');
    await dispatcher.runUntilEmpty(never);
    expect(journal.acknowledged).toEqual([3]);
    expect(journal.letters).toMatchObject([{ entry: { id: 'b' }, reason: 'mapping conflict' }]);
  });

  test('deferred: those alone are sent again, in order, before anything else; the offset stops before them', async () => {
    const replies = [answer(accepted, deferred, rejected, deferred), answer(deferred, accepted)];
    const { dispatcher, journal, sent, counted } = setUp(replies, { batch: { ...batch, maxEvents: 4 } });
    const kept: unknown[] = [];
    journal.onAcknowledge = (offset, letters) => kept.push([offset, letters.map(({ entry }) => entry.id)]);
    fill(journal, 'a', 'b', 'c', 'd', 'e');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([['a', 'b', 'c', 'd'], ['b', 'd'], ['b'], ['e']]);
    expect(kept).toEqual([
      [1, []],
      [4, ['c']],
      [5, []],
    ]);
    expect(counted('retried')).toEqual([
      [2, 0],
      [1, 0],
    ]);
  });

  test('deferred with a time: it waits no shorter, by the longest named', async () => {
    const later = (retryAfterMs: number): Outcome => ({ kind: 'deferred', reason: '429', retryAfterMs });
    const { dispatcher, journal, sleeps } = setUp([
      answer(later(30_000), later(45_000)),
      answer(deferred, accepted),
    ]);
    fill(journal, 'a', 'b');
    await dispatcher.runUntilEmpty(never);
    expect(sleeps).toEqual([47_250, 500]);
  });
});

describe('a sink that throws', () => {
  test('is sent the whole batch again, for ever, with longer waits, and counted as possible repeats', async () => {
    const { dispatcher, journal, sent, sleeps, counted } = setUp(Array(9).fill(fail('connection lost')));
    fill(journal, 'a', 'b');
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect(sent).toEqual(Array(10).fill(['a', 'b']));
    expect(sleeps).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(counted('retried')).toEqual(Array(9).fill([2, 2]));
    expect(journal.acknowledged).toEqual([2]);
  });

  test('before anything was sent repeats nothing', async () => {
    const refused: Reply = async () => {
      throw new NotSent('SINK_UNREACHABLE', 'connection refused');
    };
    const { dispatcher, journal, sent, counted } = setUp([refused]);
    fill(journal, 'a', 'b');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(counted('retried')).toEqual([[2, 0]]);
  });

  test('for a part of the batch, which it defers in doubt, may repeat that part alone', async () => {
    const lost: Outcome = { kind: 'deferred', reason: 'connection lost', inDoubt: true };
    const { dispatcher, journal, counted } = setUp([answer(accepted, lost, deferred)]);
    fill(journal, 'a', 'b', 'c');
    await dispatcher.runUntilEmpty(never);
    expect(counted('retried')).toEqual([[2, 1]]);
  });

  test('is named once for each kind of reason, with the remedy, and once when it is well', async () => {
    const down = (port: number) => fail(`refused by 127.0.0.1:${port} (request 7f-${port})`);
    const script = [down(1), down(2), answer(deferred), down(3), answer(deferred)];
    const { dispatcher, journal, counted, logged } = setUp(script);
    fill(journal, 'a');
    await dispatcher.runUntilEmpty(never);
    expect(logged).toEqual([
      expect.stringMatching(/^warn the sink takes no events.*check --live.*"siem","reason":"refused by 127/),
      expect.stringMatching(/^warn the sink still takes no events, now for another reason.*"busy"/),
      expect.stringMatching(/^info the sink takes events again.*"failedForMs":/),
    ]);
    expect(counted('state')).toEqual([
      ['failing', 'refused by 127.0.0.1:1 (request 7f-1)'],
      ['failing', 'busy'],
      ['failing', 'refused by 127.0.0.1:3 (request 7f-3)'],
      ['failing', 'busy'],
      ['ok', undefined],
    ]);
  });

  test('and is well in turns is told about once a minute at most, until it has failed for a minute', async () => {
    const { dispatcher, journal, clock, sleeps, counted, logged } = setUp(
      [...Array(20)].flatMap(() => [fail('gone'), acceptAll]).concat(Array(9).fill(fail('gone'))),
      { batch: { ...batch, maxEvents: 1 } },
    );
    clock.passes = (ms) => {
      sleeps.push(ms);
      clock.nowMs += ms;
      return ms !== idleMs;
    };
    for (let n = 0; n < 21; n++) fill(journal, `id-${n}`);
    await dispatcher.runUntilEmpty(never);
    expect(counted('state')).toHaveLength(42);
    const told = logged.map((line) => line.slice(0, 30));
    expect(told).toEqual([
      'warn the sink takes no events:',
      'info the sink takes events aga',
      'warn the sink takes no events:',
      'info the sink takes events aga',
    ]);
    expect(counted('stillFailing').at(-1)).toEqual([expect.any(Number), 'gone']);
    expect(Number(counted('stillFailing').at(-1)?.[0])).toBeGreaterThan(60_000);
  });

  test('is not failing while it settles some of each batch', async () => {
    const { dispatcher, journal, logged } = setUp([answer(accepted, deferred)]);
    fill(journal, 'a', 'b');
    await dispatcher.runUntilEmpty(never);
    expect(logged).toEqual([]);
  });

  test('or does not answer for each event leaves the batch in doubt', async () => {
    const { dispatcher, journal, sent, counted } = setUp([answer(accepted)]);
    fill(journal, 'a', 'b');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(counted('state')[0]).toEqual(['failing', 'the sink answered for 1 of 2 events']);
  });
});

describe('what the sink refuses like everything so far', () => {
  const refused: Outcome = { kind: 'deferred', reason: '400', refused: true };

  test('is sent again together with what has come since', async () => {
    const { dispatcher, journal, sent } = setUp([
      async () => {
        journal.append('b');
        return [refused];
      },
      answer(rejected, accepted),
    ]);
    journal.append('too large', { json: '{"too":"large"}' });
    fill(journal, 'a');
    await dispatcher.runUntilEmpty(never);
    expect(sent).toEqual([['a'], ['a', 'b']]);
    expect(journal.letters.map(({ entry }) => entry.id)).toEqual(['too large', 'a']);
    expect(journal.acknowledged).toEqual([1, 3]);
  });
});

describe('stopping', () => {
  test('before a retry: what was settled behind what waits is not sent again by the next run', async () => {
    const stop = new AbortController();
    const { dispatcher, journal, sent, clock } = setUp([answer(deferred, accepted, rejected, deferred)]);
    clock.passes = () => {
      stop.abort();
      return true;
    };
    fill(journal, 'a', 'b', 'c', 'd');
    expect(await dispatcher.runUntilEmpty(stop.signal)).toBe(false);
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect(sent).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'd'],
    ]);
    expect([journal.acknowledged, journal.letters.map(({ entry }) => entry.id)]).toEqual([[4], ['c']]);
  });

  test('lets the batch in flight finish and acknowledges it, and begins no other', async () => {
    const stop = new AbortController();
    const finish = Promise.withResolvers<void>();
    const slow = async (ids: readonly string[]) => {
      await finish.promise;
      return acceptAll(ids, never);
    };
    const { dispatcher, journal, sent } = setUp([slow], { batch: { ...batch, maxEvents: 1 } });
    fill(journal, 'a', 'b');
    const running = dispatcher.run(stop.signal);
    await until(() => sent.length === 1);
    stop.abort();
    finish.resolve();
    await running;
    expect([sent, journal.acknowledged]).toEqual([[['a']], [1]]);
  });

  test('hard: ends though the sink does not, and what was in flight is sent by the next run', async () => {
    const [stop, hardStop] = [new AbortController(), new AbortController()];
    const { dispatcher, journal, sent } = setUp([() => new Promise(() => {})]);
    fill(journal, 'a');
    const running = dispatcher.run(stop.signal, hardStop.signal);
    await until(() => sent.length === 1);
    stop.abort();
    hardStop.abort();
    await running;
    expect(journal.acknowledged).toEqual([]);
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect([sent, journal.acknowledged]).toEqual([[['a'], ['a']], [1]]);
  });

  test('tells the sink of the hard stop only', async () => {
    const [stop, hardStop] = [new AbortController(), new AbortController()];
    let told: AbortSignal | undefined;
    const { dispatcher, journal } = setUp([
      async (_ids, signal) => {
        told = signal;
        stop.abort();
        return [accepted];
      },
    ]);
    fill(journal, 'a');
    await dispatcher.run(stop.signal, hardStop.signal);
    expect(told).toBe(hardStop.signal);
  });

  test('ends a wait before a retry at once, with the settled part acknowledged', async () => {
    const stop = new AbortController();
    const { dispatcher, journal, sent, clock } = setUp([answer(accepted, deferred)]);
    clock.passes = () => {
      stop.abort();
      return true;
    };
    fill(journal, 'a', 'b');
    expect(await dispatcher.runUntilEmpty(stop.signal)).toBe(false);
    expect([sent, journal.acknowledged]).toEqual([[['a', 'b']], [1]]);
  });

  test('before it began sends nothing', async () => {
    const { dispatcher, journal, sent } = setUp();
    fill(journal, 'a');
    await dispatcher.run(AbortSignal.abort());
    expect(await dispatcher.runUntilEmpty(AbortSignal.abort())).toBe(false);
    expect(sent).toEqual([]);
  });
});

describe('an idle dispatcher', () => {
  test('looks at the journal when it is woken', async () => {
    const stop = new AbortController();
    const { dispatcher, journal, sent, sleeps } = setUp();
    const running = dispatcher.run(stop.signal);
    await until(() => sleeps.length === 1);
    expect(sleeps).toEqual([idleMs]);
    fill(journal, 'a');
    dispatcher.wake();
    await until(() => sent.length === 1);
    stop.abort();
    await running;
  });

  test('looks again by itself, should nobody wake it', async () => {
    const stop = new AbortController();
    const { dispatcher, journal, sent, clock } = setUp();
    let sleeps = 0;
    clock.passes = () => {
      if (sleeps++ === 0) journal.append('a');
      return sleeps < 4;
    };
    const running = dispatcher.run(stop.signal);
    await until(() => sent.length === 1);
    stop.abort();
    await running;
  });
});

describe('a store that cannot be used', () => {
  test('is asked again; what was delivered meanwhile is not delivered twice', async () => {
    const { dispatcher, journal, sent, logged } = setUp([
      async (ids) => {
        journal.failures = 3;
        return ids.map(() => accepted);
      },
    ]);
    fill(journal, 'a');
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect([sent, journal.acknowledged]).toEqual([[['a']], [1]]);
    expect(logged).toEqual([
      expect.stringMatching(/^error delivery waits for the store.*the disk is full/),
      expect.stringMatching(/^info the store can be used again/),
    ]);
  });

  test('holds up no stop', async () => {
    const stop = new AbortController();
    const { dispatcher, journal, clock } = setUp();
    journal.failures = 1e9;
    clock.passes = () => {
      stop.abort();
      return true;
    };
    expect(await dispatcher.runUntilEmpty(stop.signal)).toBe(false);
  });

  test('for another reason than its disk is a bug, which is thrown', async () => {
    const { dispatcher, journal } = setUp();
    journal.onAcknowledge = () => {
      throw new Error('constraint failed');
    };
    fill(journal, 'a');
    await expect(dispatcher.runUntilEmpty(never)).rejects.toThrow('constraint failed');
  });
});
