import { describe, expect, test, vi } from 'vitest';
import { splunkHec } from '../../../connectors/splunk/connector.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Outcome, Payload, Sink } from '../../../src/sinks/sink.ts';
import { anEvent } from '../../support/event.ts';
import { HecCollector } from '../../support/hec-collector.ts';
import { HeldClock } from '../../support/held-clock.ts';
import { sinkContext, sinkContract } from '../../support/sink-contract.ts';

const never = new AbortController().signal;
const accepted: Outcome = { kind: 'accepted' };

function hecSink({ url }: HecCollector, extra: object = {}, facts: object = {}): Sink {
  const options = splunkHec.options.parse({ url, token: 'hush', acknowledge: true, ...extra });
  return splunkHec.create(options, sinkContext(facts));
}

function events(...ids: readonly string[]): readonly Payload[] {
  return ids.map((id) => ({
    event: anEvent({ id }),
    text: `{"id":"${id}","filler":"${'x'.repeat(4_000)}"}`,
  }));
}

const ids = (collector: HecCollector) => collector.indexed.map(({ id }) => id);
const channels = (collector: HecCollector) =>
  new Set(
    collector.requests
      .filter(({ path }) => path.endsWith('/event'))
      .map(({ headers }) => headers['x-splunk-request-channel']),
  );

/** Sends until nothing is deferred, as the dispatcher does; returns how many events were in doubt. */
async function drain(sink: Sink, all: readonly Payload[]): Promise<number> {
  let inDoubt = 0;
  let waiting = all;
  for (let round = 0; waiting.length > 0; round++) {
    if (round === 1_000) throw new Error('it never ends');
    const outcomes = await sink.send(waiting, never);
    inDoubt += outcomes.filter((outcome) => outcome.kind === 'deferred' && outcome.inDoubt).length;
    waiting = waiting.filter((_payload, index) => outcomes[index]?.kind === 'deferred');
  }
  return inDoubt;
}

sinkContract('splunk-hec with acknowledgement', {
  async open() {
    const collector = await HecCollector.listen();
    const sink = hecSink(collector);
    return {
      sink,
      received: async () => collector.indexed.map(({ event }) => JSON.stringify(event)),
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await collector[Symbol.asyncDispose]();
      },
    };
  },
  async refused() {
    const collector = await HecCollector.listen();
    const sink = hecSink(collector);
    await collector[Symbol.asyncDispose]();
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
  async silent() {
    const collector = await HecCollector.listen();
    collector.fault = (_request, isAck) => (isAck ? undefined : 'hang');
    const sink = hecSink(collector);
    return {
      sink,
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await collector[Symbol.asyncDispose]();
      },
    };
  },
});

describe('an event', () => {
  test('is accepted once it is indexed; requests do not wait for each other, and are asked for together', async () => {
    await using collector = await HecCollector.listen();
    collector.delay = () => 3;
    await using sink = hecSink(collector, { maxRequestBytes: 10_000 });
    for (const part of [events('a', 'b', 'c', 'd', 'e'), events('f')]) {
      expect(await sink.send(part, never)).toEqual(part.map(() => accepted));
    }
    expect(ids(collector)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    // Whether the token acknowledges, four times for the three requests, four times for the one.
    expect(collector.asked).toEqual({ events: 4, acks: 9 });
    expect(channels(collector).size).toBe(1);
  });

  test('that is not acknowledged in time is in doubt, and goes again through another channel', async () => {
    await using collector = await HecCollector.listen();
    let delay = 1_000_000;
    collector.delay = () => delay;
    await using sink = hecSink(collector, { ackTimeout: '1m' });
    expect(await sink.send(events('a'), never)).toEqual([
      { kind: 'deferred', inDoubt: true, reason: `${collector.url}: no acknowledgement within 60s` },
    ]);
    expect(collector.asked.acks).toBeLessThan(40);
    delay = 1;
    expect(await sink.send(events('a'), never)).toEqual([accepted]);
    expect(channels(collector).size).toBe(2);
  });

  test('that an indexer lost when it restarted is sent again; what was confirmed is not', async () => {
    await using collector = await HecCollector.listen();
    collector.delay = () => 2;
    let polls = 0;
    collector.fault = (_request, isAck) => {
      if (isAck && ++polls === 2) collector.restart();
      return undefined;
    };
    await using sink = hecSink(collector, { ackTimeout: '10s' });
    expect(await drain(sink, events('a', 'b'))).toBe(2);
    expect(await drain(sink, events('c'))).toBe(0);
    expect(ids(collector)).toEqual(['a', 'b', 'c']);
  });

  test('that stands before a bad one in its request goes again, since nothing is said of its indexing', async () => {
    await using collector = await HecCollector.listen();
    collector.isBad = (text) => text.includes('"bad"');
    await using sink = hecSink(collector);
    const outcomes = await sink.send(events('a', 'bad', 'b'), never);
    expect(outcomes).toMatchObject([{ kind: 'deferred', inDoubt: true }, { kind: 'rejected' }, accepted]);
    expect(await sink.send(events('a'), never)).toEqual([accepted]);
    expect(ids(collector)).toEqual(['a', 'b', 'a']);
  });
});

describe('asking for acknowledgements', () => {
  test('goes on over errors', async () => {
    await using collector = await HecCollector.listen();
    let polls = 0;
    collector.fault = (_request, isAck) => {
      if (!isAck) return undefined;
      polls++;
      if (polls === 2) return 'reset';
      return polls === 3 ? { status: 503, body: '{"text":"busy","code":9}' } : undefined;
    };
    await using sink = hecSink(collector);
    expect(await sink.send(events('a'), never)).toEqual([accepted]);
    expect(ids(collector)).toEqual(['a']);
  });

  test('an answer that was lost said true once: the event goes again', async () => {
    await using collector = await HecCollector.listen();
    let polls = 0;
    collector.delay = () => 0;
    collector.lostAnswer = (_request, isAck) => (isAck && ++polls === 2 ? 'reset' : undefined);
    await using sink = hecSink(collector, { ackTimeout: '5s' });
    expect(await drain(sink, events('a'))).toBe(1);
    expect(ids(collector)).toEqual(['a', 'a']);
  });

  test('ends with the signal', async () => {
    await using collector = await HecCollector.listen();
    collector.delay = () => 1_000_000;
    const clock = new HeldClock(() => collector.asked.acks < 3);
    await using sink = hecSink(collector, {}, { clock });
    const stop = new AbortController();
    const sent = sink.send(events('a'), stop.signal);
    await vi.waitUntil(() => collector.asked.acks === 3);
    stop.abort(new Error('stop'));
    await expect(sent).rejects.toThrow('stop');
  });

  test('a channel that is not known any more leaves all in doubt at once', async () => {
    await using collector = await HecCollector.listen();
    let polls = 0;
    collector.fault = (_request, isAck) =>
      isAck && ++polls === 2 ? { status: 400, body: '{"text":"Invalid data channel","code":11}' } : undefined;
    await using sink = hecSink(collector);
    const [outcome] = await sink.send(events('a'), never);
    expect(outcome).toMatchObject({
      kind: 'deferred',
      inDoubt: true,
      reason: expect.stringContaining('code 11'),
    });
    expect(polls).toBe(2);
  });

  test('a full channel defers', async () => {
    await using collector = await HecCollector.listen({ maxPending: 0 });
    await using sink = hecSink(collector);
    expect(await sink.send(events('a'), never)).toEqual([
      { kind: 'deferred', reason: expect.stringContaining('code 27') },
    ]);
  });
});

describe('several indexers behind one address', () => {
  const many = Array.from({ length: 30 }, (_, index) => `id-${index}`);

  test('that keep a client by its cookie confirm everything', async () => {
    await using collector = await HecCollector.listen({ indexers: 3 });
    await using sink = hecSink(collector, { maxRequestBytes: 10_000 });
    expect(await drain(sink, events(...many))).toBe(0);
    expect(ids(collector)).toEqual(many);
  });

  test('that take turns never confirm one event for another, and the log says so once', async () => {
    await using collector = await HecCollector.listen({ indexers: 2, sticky: false });
    const warn = vi.fn();
    await using sink = hecSink(
      collector,
      { maxRequestBytes: 10_000, ackTimeout: '30s' },
      { log: { ...silentLog, warn } },
    );
    await drain(sink, events(...many));
    await drain(sink, events('last'));
    expect(new Set(ids(collector))).toEqual(new Set([...many, 'last']));
    const about = warn.mock.calls.filter(([, words]) => /sticky sessions/.test(String(words)));
    expect(about).toHaveLength(1);
  });
});

describe('a token', () => {
  test('without acknowledgement gets no event, and is told what to do', async () => {
    await using collector = await HecCollector.listen({ useAck: false });
    await using sink = hecSink(collector);
    expect(await sink.send(events('a', 'b'), never)).toMatchObject([
      { kind: 'deferred', retryAfterMs: 60_000, reason: expect.stringMatching(/`acknowledge: false`/) },
      { kind: 'deferred' },
    ]);
    expect(collector.asked.events).toBe(0);
    await expect(sink.probe(never)).rejects.toMatchObject({
      code: 'SINK_REFUSED',
      message: expect.stringMatching(/sink siem: .*code 14.*enable indexer acknowledgement/),
    });
  });

  test('with acknowledgement, where none is waited for, says to wait for it', async () => {
    await using collector = await HecCollector.listen();
    await using sink = hecSink(collector, { acknowledge: false });
    expect(await sink.send(events('a'), never)).toMatchObject([
      { kind: 'deferred', reason: expect.stringMatching(/`acknowledge: true`/) },
    ]);
    await expect(sink.probe(never)).rejects.toMatchObject({ code: 'SINK_REFUSED' });
  });

  test('that stops to acknowledge in between: what was taken counts, and what follows waits', async () => {
    await using collector = await HecCollector.listen();
    const warn = vi.fn();
    await using sink = hecSink(collector, {}, { log: { ...silentLog, warn } });
    await sink.send(events('a'), never);
    collector.fault = (_request, isAck) =>
      isAck
        ? { status: 400, body: '{"text":"ACK is disabled","code":14}' }
        : { status: 200, body: '{"text":"Success","code":0}' };
    expect(await sink.send(events('b'), never)).toEqual([accepted]);
    expect(await sink.send(events('c'), never)).toMatchObject([{ kind: 'deferred', retryAfterMs: 60_000 }]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('a collector that knows no such question is told apart from one that is busy', async () => {
    await using collector = await HecCollector.listen();
    collector.fault = (_request, isAck) => (isAck ? { status: 404 } : undefined);
    await using sink = hecSink(collector);
    await expect(sink.probe(never)).rejects.toMatchObject({ code: 'SINK_REFUSED' });
    collector.fault = (_request, isAck) => (isAck ? { status: 200, body: '{"code":0}' } : undefined);
    await expect(sink.probe(never)).rejects.toThrow(/question for acknowledgements/);
    collector.fault = (_request, isAck) => (isAck ? { status: 503 } : undefined);
    await expect(sink.probe(never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });
});

test('a bound below a second is refused', () => {
  const options = { url: 'https://siem.example:8088', token: 'hush', acknowledge: true, ackTimeout: '10ms' };
  expect(splunkHec.options.safeParse(options).success).toBe(false);
});
