import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliver, type Exchange, splitByBytes } from '../../src/sinks/http-delivery.ts';
import type { Payload } from '../../src/sinks/sink.ts';
import { payloads } from '../support/sink-contract.ts';

const never = new AbortController().signal;
const texts = (batch: readonly Payload[]) => batch.map(({ text }) => text);

/** A receiver that keeps good payloads once, and refuses a request that holds a bad one. */
function receiver(named: boolean): { readonly exchange: Exchange; readonly kept: string[] } {
  const kept: string[] = [];
  const exchange: Exchange = async (batch) => {
    const index = batch.findIndex(({ text }) => text.startsWith('bad'));
    if (index >= 0 && named) {
      kept.push(...texts(batch.slice(0, index)));
      return { kind: 'refused-at', index, reason: 'bad' };
    }
    if (index >= 0) return { kind: 'refused', reason: 'bad' };
    kept.push(...texts(batch));
    return { kind: 'accepted' };
  };
  return { exchange, kept };
}

describe.each([
  ['a receiver that names the bad one', true],
  ['a receiver that only says that one is bad', false],
])('%s', (_name, named) => {
  test('gets every good payload once, in order, and each bad one is rejected', async () => {
    const word = fc.constantFrom('good', 'good', 'bad');
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 40 }), async (words) => {
        const all = payloads(...words.map((each, index) => `${each}${index}`));
        const { exchange, kept } = receiver(named);
        const outcomes = await deliver([all], exchange, never);
        expect(outcomes.map((each) => each.kind)).toEqual(
          words.map((each) => (each === 'bad' ? 'rejected' : 'accepted')),
        );
        expect(kept).toEqual(texts(all).filter((each) => each.startsWith('good')));
      }),
    );
  });
});

test('once the receiver says later, nothing more is sent', async () => {
  let requests = 0;
  const exchange: Exchange = async (batch) => {
    requests += 1;
    if (batch.length > 2) return { kind: 'refused', reason: 'too many' };
    return requests > 2 ? { kind: 'deferred', reason: 'busy', retryAfterMs: 5 } : { kind: 'accepted' };
  };
  const outcomes = await deliver([payloads('a', 'b', 'c', 'd'), payloads('e')], exchange, never);
  const busy = { kind: 'deferred', reason: 'busy', retryAfterMs: 5 };
  expect(outcomes).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }, busy, busy, busy]);
  expect(requests).toBe(3);
});

test('a failure before anything is settled is thrown; after that the rest is deferred', async () => {
  const failure = new Error('reset');
  const failing: Exchange = async (batch) => {
    if (batch[0]?.text === 'x') throw failure;
    return { kind: 'accepted' };
  };
  await expect(deliver([payloads('x'), payloads('a')], failing, never)).rejects.toBe(failure);
  expect(await deliver([payloads('a'), payloads('x', 'y'), payloads('z')], failing, never)).toEqual([
    { kind: 'accepted' },
    { kind: 'deferred', reason: 'reset', inDoubt: true },
    { kind: 'deferred', reason: 'reset', inDoubt: true },
    { kind: 'deferred', reason: 'reset' },
  ]);
});

test('a place beyond the batch is taken for no place', async () => {
  const exchange: Exchange = async () => ({ kind: 'refused-at', index: 9, reason: 'bad' });
  const outcomes = await deliver([payloads('a', 'b')], exchange, never);
  expect(outcomes.map((each) => each.kind)).toEqual(['rejected', 'rejected']);
});

test('parts stay under the bytes, keep the order and lose nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 1, max: 60 }), (words, most) => {
      const parts = splitByBytes(payloads(...words), ({ text }) => text.length, most);
      expect(parts.flatMap(texts)).toEqual(words);
      for (const part of parts) {
        expect(part.length).toBeGreaterThan(0);
        if (part.length > 1) expect(texts(part).join('').length).toBeLessThanOrEqual(most);
      }
    }),
  );
});
