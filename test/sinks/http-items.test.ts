import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Exchange, HttpDelivery } from '../../src/sinks/http-delivery.ts';
import type { Outcome, Payload } from '../../src/sinks/sink.ts';
import { payloads, sinkContext } from '../support/sink-contract.ts';

const never = new AbortController().signal;
const any = Number.POSITIVE_INFINITY;
const accepted: Outcome = { kind: 'accepted' };
const busy: Outcome = { kind: 'deferred', reason: 'busy' };
const bad: Outcome = { kind: 'rejected', reason: 'bad' };
const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);

/** A receiver that answers for each payload by the first word of its text, and notes each request's texts. */
function receiver(outcomeOf: (text: string) => Outcome) {
  const requests: string[][] = [];
  const exchange: Exchange = async (batch: readonly Payload[]) => {
    requests.push(batch.map(({ text }) => text));
    return { kind: 'items', outcomes: batch.map(({ text }) => outcomeOf(text)) };
  };
  return { exchange, requests };
}

function delivery(exchange: Exchange, maxEvents = any) {
  return new HttpDelivery({ exchange, bytesOf: () => 1, maxBytes: any, maxEvents }, sinkContext());
}

const byName = (text: string): Outcome =>
  text.startsWith('bad') ? bad : text.startsWith('busy') ? busy : accepted;

describe('a receiver that tells of each payload', () => {
  test('has one taken beside those refused: these are at fault', async () => {
    const { exchange } = receiver(byName);
    const sent = await delivery(exchange).send(
      payloads('bad1', 'good', 'bad2', 'bad3', 'bad4', 'bad5'),
      never,
    );
    expect(kinds(sent)).toEqual(['rejected', 'accepted', ...Array(4).fill('rejected')]);
  });

  test('puts off some: only these wait, and no further request is made', async () => {
    const { exchange, requests } = receiver(byName);
    const sent = await delivery(exchange, 3).send(payloads('good1', 'busy', 'good2', 'good3'), never);
    expect(kinds(sent)).toEqual(['accepted', 'deferred', 'accepted', 'deferred']);
    expect(requests).toEqual([['good1', 'busy', 'good2']]);
  });

  test('refuses all: nothing is given up until it takes one', async () => {
    const { exchange } = receiver(byName);
    const sender = delivery(exchange);
    const hundred = payloads(...Array.from({ length: 100 }, (_, index) => `bad${index}`));
    for (let round = 0; round < 5; round++) {
      const sent = await sender.send(hundred, never);
      expect(new Set(kinds(sent))).toEqual(new Set(['deferred']));
    }
    const sent = await sender.send([...hundred, ...payloads('good')], never);
    expect(kinds(sent)).toEqual([...Array(100).fill('rejected'), 'accepted']);
  });

  test('refuses and puts off, without taking any: the refused are kept back too', async () => {
    const { exchange } = receiver(byName);
    const sent = await delivery(exchange).send(payloads('bad1', 'busy', 'bad2'), never);
    expect(kinds(sent)).toEqual(['deferred', 'deferred', 'deferred']);
  });

  test('comes to itself within a batch: what it refused before is asked for once more', async () => {
    let ill = true;
    const { exchange, requests } = receiver((text) => {
      if (text === 'n9') ill = false;
      return ill ? bad : accepted;
    });
    const all = payloads(...Array.from({ length: 12 }, (_, index) => `n${index}`));
    const sender = delivery(exchange, 5);
    for (let round = 0; round < 3 && ill; round++) await sender.send(all, never);
    const sent = await sender.send(all, never);
    expect(new Set(kinds(sent))).toEqual(new Set(['accepted']));
    expect(requests.length).toBeLessThan(40);
  });

  test('whatever it answers: each good one arrives, each bad one beside a good one is given up, none is forgotten', async () => {
    const word = fc.constantFrom('good', 'good', 'bad', 'busy');
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (words, most) => {
          const wasBusy = new Set<string>();
          const { exchange } = receiver((text) => {
            if (!text.startsWith('busy') || wasBusy.has(text)) return text.startsWith('bad') ? bad : accepted;
            wasBusy.add(text);
            return busy;
          });
          const fates = new Map<string, string>();
          const sender = delivery(exchange, most);
          let waiting = payloads(...[...words, 'good'].map((each, index) => `${each}${index}`));
          for (let round = 0; waiting.length > 0 && round < 500; round++) {
            const outcomes = await sender.send(waiting, never);
            expect(outcomes.length).toBe(waiting.length);
            for (const [index, { text }] of waiting.entries())
              fates.set(text, outcomes[index]?.kind ?? 'none');
            waiting = waiting.filter((_payload, index) => outcomes[index]?.kind === 'deferred');
          }
          for (const [text, fate] of fates)
            expect(fate).toBe(text.startsWith('bad') ? 'rejected' : 'accepted');
        },
      ),
      { numRuns: 60 },
    );
  });
});
