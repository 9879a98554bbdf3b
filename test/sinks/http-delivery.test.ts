import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Exchange, HttpDelivery, splitRequests, type Verdict } from '../../src/sinks/http-delivery.ts';
import { NotSent } from '../../src/sinks/not-sent.ts';
import type { Payload } from '../../src/sinks/sink.ts';
import { HeldClock } from '../support/held-clock.ts';
import { payloads, sinkContext } from '../support/sink-contract.ts';

const never = new AbortController().signal;
const any = Number.POSITIVE_INFINITY;
const texts = (batch: readonly Payload[]) => batch.map(({ text }) => text);
const kinds = (outcomes: readonly { readonly kind: string }[]) => outcomes.map(({ kind }) => kind);
const accepted: Verdict = { kind: 'accepted' };
const busy: Verdict = { kind: 'deferred', reason: 'busy' };

function delivery(exchange: Exchange, facts: { maxBytes?: number; maxEvents?: number } = {}, context = {}) {
  const bytesOf = ({ text }: Payload) => text.length;
  return new HttpDelivery(
    { exchange, bytesOf, maxBytes: any, maxEvents: any, ...facts },
    sinkContext(context),
  );
}

/** A receiver that keeps good payloads once, and refuses a request that holds a bad one. */
function receiver(named = false) {
  const kept: string[] = [];
  const requests: string[][] = [];
  const exchange: Exchange = async (batch) => {
    requests.push([...texts(batch)]);
    const index = batch.findIndex(({ text }) => text.startsWith('bad'));
    if (index >= 0 && named) {
      kept.push(...texts(batch.slice(0, index)));
      return { kind: 'refused-at', index, reason: 'bad' };
    }
    if (index >= 0) return { kind: 'refused', reason: 'bad' };
    kept.push(...texts(batch));
    return accepted;
  };
  return { exchange, kept, requests };
}

/** Sends until nothing is deferred any more; a refusal that is kept back too often breaks it off. */
async function drain(sender: HttpDelivery, all: readonly Payload[]): Promise<ReadonlyMap<Payload, string>> {
  const fates = new Map<Payload, string>();
  let waiting = all;
  for (let round = 0; waiting.length > 0 && round < 50_000; round++) {
    const sent = waiting;
    const outcomes = await sender.send(sent, never).catch((): undefined => undefined);
    if (outcomes === undefined) continue;
    for (const [index, payload] of sent.entries()) {
      const kind = outcomes[index]?.kind ?? 'none';
      if (kind !== 'deferred') fates.set(payload, kind);
    }
    waiting = sent.filter((_payload, index) => outcomes[index]?.kind === 'deferred');
  }
  return fates;
}

describe.each([
  ['a receiver that names the bad one', true],
  ['a receiver that only says that one is bad', false],
])('%s', (_name, named) => {
  test('gets every good payload once, in order, and each bad one is rejected', async () => {
    const word = fc.constantFrom('good', 'good', 'bad');
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
        const all = payloads(...[...words, 'good'].map((each, index) => `${each}${index}`));
        const { exchange, kept } = receiver(named);
        const fates = await drain(delivery(exchange), all);
        expect([...fates].filter(([, fate]) => fate === 'rejected').map(([{ text }]) => text)).toEqual(
          texts(all).filter((each) => each.startsWith('bad')),
        );
        expect(kept).toEqual(texts(all).filter((each) => each.startsWith('good')));
      }),
      { numRuns: 60 },
    );
  });

  test('which refuses everything turns nothing into dead letters, and is asked seldom', async () => {
    const { exchange, requests } = receiver(named);
    const sender = delivery(exchange);
    const all = payloads(...Array.from({ length: 500 }, (_, index) => `bad${index}`));
    for (let round = 0; round < 12; round++) {
      expect(await sender.send(all, never)).toEqual(
        all.map(() => ({
          kind: 'deferred',
          reason: expect.stringMatching(/^bad; nothing was taken since, so nothing is given up/),
          retryAfterMs: 60_000,
          refused: true,
        })),
      );
    }
    expect(requests.length).toBeLessThan(12 * 100);
  });

  test('which begins to refuse everything costs three events at most', async () => {
    const { exchange } = receiver(named);
    const sender = delivery(exchange);
    await sender.send(payloads('good'), never);
    const rejected: string[] = [];
    for (let round = 0; round < 20; round++) {
      const outcomes = await sender.send(payloads(`bad${round}`), never);
      rejected.push(...kinds(outcomes).filter((kind) => kind === 'rejected'));
    }
    expect(rejected).toHaveLength(3);
  });
});

describe('the search for bad payloads', () => {
  test.each([1, 3, 10])('of %i among 500 takes few requests', async (bad) => {
    const places = Array.from({ length: bad }, (_, index) => 7 + index * 43);
    const all = payloads(
      ...Array.from({ length: 500 }, (_, index) => `${places.includes(index) ? 'bad' : 'good'}${index}`),
    );
    const { exchange, kept, requests } = receiver();
    expect(
      kinds(await delivery(exchange).send(all, never)).filter((kind) => kind === 'rejected'),
    ).toHaveLength(bad);
    expect(kept).toHaveLength(500 - bad);
    expect(requests.length).toBeLessThanOrEqual(bad * 2 * Math.ceil(Math.log2(500)) + 1);
  });

  test('goes on where it was, though the receiver is ill every other time', async () => {
    const all = payloads(
      ...Array.from({ length: 64 }, (_, index) => (index === 21 ? 'bad' : `good${index}`)),
    );
    const { exchange, kept, requests } = receiver();
    let calls = 0;
    const flapping: Exchange = async (batch, signal) => {
      calls++;
      if (calls % 4 === 0) throw new NotSent('SINK_UNREACHABLE', 'refused');
      return calls % 2 === 0 ? busy : await exchange(batch, signal);
    };
    const fates = await drain(delivery(flapping), all);
    expect([...fates].filter(([, fate]) => fate === 'rejected').map(([{ text }]) => text)).toEqual(['bad']);
    expect(kept).toEqual(texts(all).filter((text) => text !== 'bad'));
    expect(requests.length).toBeLessThanOrEqual(20);
  });

  test('sees behind a long row of bad ones', async () => {
    const all = payloads(...Array.from({ length: 50 }, (_, index) => `bad${index}`), 'good');
    const { exchange, kept } = receiver();
    const fates = await drain(delivery(exchange), all);
    expect([...fates.values()]).toEqual([...Array(50).fill('rejected'), 'accepted']);
    expect(kept).toEqual(['good']);
  });

  test('gives none up when the receiver comes to itself in the middle of it', async () => {
    let requests = 0;
    const kept: string[] = [];
    const exchange: Exchange = async (batch) => {
      if (++requests < 9) return { kind: 'refused', reason: 'no such index' };
      kept.push(...texts(batch));
      return accepted;
    };
    const all = payloads(...Array.from({ length: 12 }, (_, index) => `good${index}`));
    expect(kinds(await delivery(exchange).send(all, never))).toEqual(all.map(() => 'accepted'));
    expect(kept.toSorted()).toEqual(texts(all).toSorted());
  });

  test('gives a single refused one up once the receiver has shown that it takes others', async () => {
    const { exchange } = receiver();
    const sender = delivery(exchange);
    const [bad] = payloads('bad');
    if (bad === undefined) throw new Error('no payload');
    expect(await sender.send([bad], never)).toMatchObject([{ kind: 'deferred', refused: true }]);
    expect(kinds(await sender.send([bad, ...payloads('good')], never))).toEqual(['rejected', 'accepted']);
    expect(kinds(await sender.send(payloads('bad'), never))).toEqual(['rejected']);
  });
});

test('whatever a receiver does in whatever order: each good one arrives, in order, and only bad ones are given up', async () => {
  const mood = fc.constantFrom('well', 'well', 'well', 'busy', 'refused', 'lost', 'narrow');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('good', 'good', 'good', 'bad'), { maxLength: 40 }),
      fc.array(mood, { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      async (words, moods, maxEvents) => {
        const all = payloads(...[...words, 'good'].map((each, index) => `${each}${index}`));
        const { exchange, kept } = receiver();
        const script = [...moods];
        let doubtful = 0;
        const moody: Exchange = async (batch, signal) => {
          const now = script.shift();
          if (now === 'busy') return busy;
          if (now === 'refused') throw new NotSent('SINK_UNREACHABLE', 'refused');
          if (now === 'narrow' && batch.length > 1) return { kind: 'too-large', reason: '413' };
          const verdict = await exchange(batch, signal);
          if (now !== 'lost') return verdict;
          if (verdict.kind === 'accepted') doubtful += batch.length;
          throw new Error('reset');
        };
        const fates = await drain(delivery(moody, { maxEvents }), all);
        expect(fates.size).toBe(all.length);
        for (const [{ text }, fate] of fates)
          expect(fate).toBe(text.startsWith('bad') ? 'rejected' : 'accepted');
        const good = texts(all).filter((text) => text.startsWith('good'));
        expect(good.filter((text) => !kept.includes(text))).toEqual([]);
        expect([...new Set(kept)]).toEqual(good);
        expect(kept.length).toBeLessThanOrEqual(good.length + doubtful);
      },
    ),
    { numRuns: 300 },
  );
});

describe('requests that are too large', () => {
  /** A receiver that takes so many bytes. */
  function narrow(most: number) {
    const sizes: number[] = [];
    const limit = { most };
    const exchange: Exchange = async (batch) => {
      const size = texts(batch).join('').length;
      sizes.push(size);
      return size > limit.most ? { kind: 'too-large', reason: '413' } : accepted;
    };
    return { exchange, sizes, limit };
  }
  const ten = () => payloads(...Array(10).fill('0123456789'));

  test('are made smaller, and stay so for an hour', async () => {
    const { exchange, sizes, limit } = narrow(60);
    const clock = new HeldClock();
    const sender = delivery(exchange, {}, { clock });
    expect(kinds(await sender.send(ten(), never))).toEqual(Array(10).fill('accepted'));
    expect(sizes.splice(0)).toEqual([100, 50, 50]);
    await sender.send(ten(), never);
    expect(sizes.splice(0)).toEqual([50, 50]);
    limit.most = 1000;
    clock.nowMs += 3_600_000;
    await sender.send(ten(), never);
    expect(sizes).toEqual([100]);
  });

  test('of one payload alone: that one is rejected, the others go on', async () => {
    const { exchange } = narrow(15);
    const all = payloads('a', 'a very long payload', 'b');
    expect(kinds(await delivery(exchange).send(all, never))).toEqual(['accepted', 'rejected', 'accepted']);
  });
});

test('once the receiver says later, nothing more is sent', async () => {
  let requests = 0;
  const exchange: Exchange = async (batch) => {
    requests += 1;
    if (batch.length > 2) return { kind: 'refused', reason: 'too many' };
    return requests > 2 ? { kind: 'deferred', reason: 'busy', retryAfterMs: 5 } : accepted;
  };
  const outcomes = await delivery(exchange, { maxEvents: 4 }).send(payloads('a', 'b', 'c', 'd', 'e'), never);
  const later = { kind: 'deferred', reason: 'busy', retryAfterMs: 5 };
  expect(outcomes).toEqual([accepted, accepted, later, later, later]);
  expect(requests).toBe(3);
});

test('a failure before anything is settled is thrown; after that the rest is deferred', async () => {
  const failure = new Error('reset');
  const failing: Exchange = async (batch) => {
    if (batch[0]?.text === 'x') throw failure;
    return accepted;
  };
  const sender = delivery(failing, { maxEvents: 2 });
  await expect(sender.send(payloads('x', 'a'), never)).rejects.toBe(failure);
  expect(await sender.send(payloads('a', 'b', 'x', 'y', 'z'), never)).toEqual([
    accepted,
    accepted,
    { kind: 'deferred', reason: 'reset', inDoubt: true },
    { kind: 'deferred', reason: 'reset', inDoubt: true },
    { kind: 'deferred', reason: 'reset' },
  ]);
});

test('a place beyond the batch is taken for no place', async () => {
  const exchange: Exchange = async (batch) =>
    batch.some(({ text }) => text === 'bad') ? { kind: 'refused-at', index: 9, reason: 'bad' } : accepted;
  const outcomes = await delivery(exchange).send(payloads('a', 'bad', 'b'), never);
  expect(kinds(outcomes)).toEqual(['accepted', 'rejected', 'accepted']);
});

test('parts stay under the bounds, keep the order and lose nothing', () => {
  const word = fc.string({ maxLength: 30 });
  const bound = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(fc.array(word), bound, bound, (words, maxBytes, maxEvents) => {
      const parts = splitRequests(payloads(...words), ({ text }) => text.length, maxBytes, maxEvents);
      expect(parts.flatMap(texts)).toEqual(words);
      for (const part of parts) {
        expect(part.length).toBeGreaterThan(0);
        expect(part.length).toBeLessThanOrEqual(maxEvents);
        if (part.length > 1) expect(texts(part).join('').length).toBeLessThanOrEqual(maxBytes);
      }
    }),
  );
});
