import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { NotSent } from '../../src/sinks/not-sent.ts';
import type { Payload, Sink, SinkContext } from '../../src/sinks/sink.ts';
import { anEvent } from './event.ts';
import { HeldClock } from './held-clock.ts';
import { noTenant } from './no-tenant.ts';

/** A receiver and a sink that sends to it. */
export interface Rig extends AsyncDisposable {
  readonly sink: Sink;
  /** Texts that the receiver has taken, once it has taken `count` of them. */
  received(count: number): Promise<readonly string[]>;
}

/** How the suite gets its rigs; a case that a transport cannot have is left out. */
export interface SinkRigs {
  /** A receiver that takes everything. */
  open(): Promise<Rig>;
  /** A sink whose receiver refuses the connection (or cannot be opened). */
  refused?: () => Promise<AsyncDisposable & { readonly sink: Sink }>;
  /** True where a refusal shows only once the first bytes are written. */
  readonly refusedWhileWriting?: true;
  /** A sink whose receiver takes the connection and is then silent for ever. */
  silent?: () => Promise<AsyncDisposable & { readonly sink: Sink }>;
}

/** Returns payloads of these texts, each with an event of its own. */
export function payloads(...texts: readonly string[]): readonly Payload[] {
  return texts.map((text, index) => ({ event: anEvent({ id: `id-${index}` }), text }));
}

/** Returns what a sink is handed, with a clock on which only the waits up to 2 s pass. */
export function sinkContext(facts: Partial<SinkContext> = {}): SinkContext {
  return {
    name: 'siem',
    clock: new HeldClock((ms) => ms <= 2_000),
    log: silentLog,
    hostname: 'connector.contoso.com',
    format: 'json',
    contentType: 'application/json',
    monitorTokens: noTenant,
    ...facts,
  };
}

const never = new AbortController().signal;

/** What every sink promises the dispatcher (src/sinks/sink.ts). */
export function sinkContract(name: string, rigs: SinkRigs): void {
  describe(`${name} keeps the contract of a sink`, () => {
    test('as many outcomes as payloads, and all arrive in order', async () => {
      await using rig = await rigs.open();
      const texts = ['{"n":1}', '{"n":2}', '{"n":"é😀"}'];
      expect(await rig.sink.send(payloads(...texts), never)).toEqual(texts.map(() => ({ kind: 'accepted' })));
      expect(await rig.received(3)).toEqual(texts);
    });
    test('a second batch follows the first', async () => {
      await using rig = await rigs.open();
      await rig.sink.send(payloads('{"n":1}'), never);
      await rig.sink.send(payloads('{"n":2}', '{"n":3}'), never);
      expect(await rig.received(3)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
    });
    test('an empty batch has no outcomes', async () => {
      await using rig = await rigs.open();
      expect(await rig.sink.send([], never)).toEqual([]);
    });
    test('a probe sends no event', async () => {
      await using rig = await rigs.open();
      await rig.sink.probe(never);
      await rig.sink.send(payloads('{"after":"probe"}'), never);
      expect(await rig.received(1)).toEqual(['{"after":"probe"}']);
    });
    test('a payload has room', async () => {
      await using rig = await rigs.open();
      expect(rig.sink.payloadBytes(anEvent())).toBeGreaterThan(300);
    });
    test('an aborted send sends nothing', async () => {
      await using rig = await rigs.open();
      const reason = new Error('stop');
      await expect(rig.sink.send(payloads('{"n":1}'), AbortSignal.abort(reason))).rejects.toBe(reason);
    });
    test('a sink that was never used is disposed of, even twice', async () => {
      await using rig = await rigs.open();
      await rig.sink[Symbol.asyncDispose]();
      await rig.sink[Symbol.asyncDispose]();
    });
    const { refused, silent } = rigs;
    if (refused !== undefined) {
      test('a refused connection throws (`NotSent` where nothing was sent) or defers all, and names the sink', async () => {
        await using rig = await refused();
        const outcome = await rig.sink.send(payloads('{"n":1}', '{"n":2}'), never).catch((error) => error);
        if (Array.isArray(outcome)) {
          expect(outcome.map((each) => each.kind)).toEqual(['deferred', 'deferred']);
        } else {
          expect(outcome).toBeInstanceOf(rigs.refusedWhileWriting === true ? ConnectorError : NotSent);
          expect(outcome).toMatchObject({
            code: 'SINK_UNREACHABLE',
            message: expect.stringContaining('siem'),
          });
        }
        await expect(rig.sink.probe(never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
      });
    }
    if (silent !== undefined) {
      test('an abort in mid-flight ends the send at once', async () => {
        await using rig = await silent();
        const stop = new AbortController();
        const sent = rig.sink.send(payloads('{"n":1}'), stop.signal).catch((error) => error);
        setImmediate(() => stop.abort(new Error('stop')));
        const outcome = await sent;
        if (Array.isArray(outcome)) expect(outcome.map((each) => each.kind)).toEqual(['deferred']);
        else expect(outcome).toMatchObject({ message: 'stop' });
      });
    }
  });
}
