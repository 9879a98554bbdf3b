import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SourceRecord } from '../../src/record.ts';
import type { Store } from '../../src/store/store.ts';
import { instant, page, record, type StorePlace, startMs } from './store-contract.ts';

const dayMs = 86_400_000;
const tracked = (id: string, updated: string, text: string): SourceRecord => ({
  ...record(id, updated),
  tracked: text,
});

/** What every store keeps to beside the journal and its readers: earlier states, counters, notes on sources, jobs. */
export function storeNotesContract(name: string, newPlace: () => Promise<StorePlace>): void {
  describe(`${name} keeps the store's contract on notes:`, () => {
    let place: StorePlace;
    let store: Store;
    beforeEach(async () => {
      place = await newPlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    const journal = () => store.readJournal(0, 10_000, Number.POSITIVE_INFINITY);
    const earlier = async () => (await journal()).map((entry) => entry.earlier);

    describe('earlier states', () => {
      test('go with a record in the order of their acceptance, whatever their update times', async () => {
        await store.accept(page([tracked('a', '2026-11-03T07:59:00Z', 'one'), tracked('b', '1', 'other')]));
        await store.accept(
          page([tracked('a', '2026-11-03T07:30:00Z', 'two'), tracked('a', '2026-11-03T07:59:30Z', 'three')]),
        );
        await store.accept(page([tracked('a', '2026-11-03T07:59:30Z', 'again')]));
        await store.accept(page([tracked('a', '2026-11-03T07:00:00Z', 'four')], { nowMs: startMs - dayMs }));
        expect(await earlier()).toEqual([[], [], ['one'], ['one', 'two'], ['one', 'two', 'three']]);
      });

      test('are the last eight, of this source alone, and none where only the first state is taken', async () => {
        const state = (minute: number) => tracked('a', `2026-11-03T07:${10 + minute}:00Z`, String(minute));
        await store.accept(page(Array.from({ length: 12 }, (_, minute) => state(minute))));
        await store.accept(page([state(0)], { source: 'other' }));
        await store.accept(page([state(0), state(1)], { source: 'first', updates: 'new' }));
        const all = await earlier();
        expect(all[11]).toEqual(['3', '4', '5', '6', '7', '8', '9', '10']);
        expect(all.slice(12)).toEqual([[], []]);
      });

      test('go with a dead letter, and are forgotten with their keys', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([tracked('a', '2026-11-03T07:00:00Z', 'one')]));
        await store.accept(page([tracked('a', '2026-11-03T07:01:00Z', 'two')]));
        const entry = (await journal())[1];
        if (entry === undefined) throw new Error('too few rows');
        await store.acknowledge('one', entry.position, [{ entry, reason: 'refused', atMs: startMs }]);
        expect((await store.deadLetters('one'))[0]?.entry.earlier).toEqual(['one']);
        const forgetBefore = instant('2026-11-03T09:00:00Z');
        await store.accept(page([], { watermark: forgetBefore, forgetBefore }));
        await store.accept(page([tracked('a', '2026-11-03T09:01:00Z', 'three')]));
        expect((await earlier()).at(-1)).toEqual([]);
      });
    });

    test('counters are set with a page, and found by their beginning', async () => {
      expect(await store.counter('heartbeat/a')).toBe(0);
      await store.accept(page([], { counters: { 'heartbeat/a': 7, 'heartbeat/b': 1, heartbeat0: 9, z: 2 } }));
      await store.accept(page([record('a')], { counters: { 'heartbeat/a': 8 } }));
      expect(await store.counter('heartbeat/a')).toBe(8);
      expect(await store.counters('heartbeat/')).toEqual({ 'heartbeat/a': 8, 'heartbeat/b': 1 });
      expect(await store.counters('')).toMatchObject({ heartbeat0: 9, z: 2 });
    });

    test('what is known is what was accepted, by its source, until it is forgotten', async () => {
      await store.accept(page([record('a', '2026-11-03T07:00:00Z'), record('b', '2026-11-03T07:59:00Z')]));
      const keys = [record('a', '2026-11-03T07:00:00Z'), record('a', '2026-11-03T07:00:01Z'), record('c')];
      expect(await store.known('alerts', keys)).toEqual([true, false, false]);
      expect(await store.known('other', keys)).toEqual([false, false, false]);
      const forgetBefore = instant('2026-11-03T08:00:01Z');
      await store.accept(page([], { watermark: forgetBefore, forgetBefore }));
      expect(await store.known('alerts', keys)).toEqual([false, false, false]);
    });

    test('a position is found by its time, also where the clock stepped back', async () => {
      for (const [number, at] of [0, 10, 5, 20].entries()) {
        await store.accept(page([record(`r${number}`)], { nowMs: startMs + at }));
      }
      const [first, second, , last] = await journal();
      expect(await store.positionAt(0)).toBe(first?.position);
      expect(await store.positionAt(startMs + 6)).toBe(second?.position);
      expect(await store.positionAt(startMs + 11)).toBe(last?.position);
      expect(await store.positionAt(startMs + 21)).toBe((last?.position ?? 0) + 1);
    });

    describe('notes on a source', () => {
      const span = (from: string, to: string) => ({ from: instant(from), to: instant(to) });
      const morning = span('2026-11-03T07:00:00Z', '2026-11-03T07:10:00Z');

      test('gaps: set aside, tried again, closed', async () => {
        const earlierSpan = span('2026-11-03T06:00:00Z', '2026-11-03T06:10:00Z');
        await store.recordGap('alerts', { ...morning, reason: '500' }, startMs);
        await store.recordGap('alerts', { ...earlierSpan, reason: '502' }, startMs + 1);
        await store.recordGap('other', { ...morning, reason: '500' }, startMs + 2);
        await store.recordGap('alerts', { ...morning, reason: 'reset' }, startMs + 3);
        const first = { source: 'alerts', ...morning, reason: 'reset', sinceMs: startMs, attempts: 2 };
        expect(await store.gaps('alerts')).toEqual([
          first,
          { source: 'alerts', ...earlierSpan, reason: '502', sinceMs: startMs + 1, attempts: 1 },
        ]);
        expect(await store.gaps()).toHaveLength(3);
        expect((await store.progress()).sources[0]?.gaps).toBe(2);
        await store.closeGap('alerts', earlierSpan.from, earlierSpan.to);
        await store.closeGap('nobody', earlierSpan.from, earlierSpan.to);
        expect(await store.gaps('alerts')).toEqual([first]);
      });

      test('audits: the last thirty of each, the newest first', async () => {
        const audit = (atMs: number) => ({ ...morning, expected: 9, accepted: 8, healed: 1, atMs });
        for (let number = 0; number < 40; number++) await store.recordAudit('alerts', audit(number));
        await store.recordAudit('other', audit(99));
        const kept = await store.audits('alerts');
        expect(kept.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 30 }, (_, i) => 39 - i));
        expect(kept[0]).toEqual(audit(39));
        expect(await store.audits('alerts', 2)).toHaveLength(2);
        expect(await store.audits('nobody')).toEqual([]);
        expect((await store.progress()).sources.map((source) => source.audit?.atMs)).toEqual([39, 99]);
      });

      test('lateness: as last kept', async () => {
        await store.recordLateness('alerts', { histogram: 'a', p999Ms: 1, overlapMs: 2 });
        await store.recordLateness('alerts', { histogram: 'b', p999Ms: 3, overlapMs: 4 });
        const { lateness } = (await store.progress()).sources[0] ?? {};
        expect(lateness).toEqual({ histogram: 'b', p999Ms: 3, overlapMs: 4 });
      });

      test('of one that is gone are forgotten when retention is over; its watermark stays', async () => {
        await store.registerSources(['alerts', 'gone'], startMs);
        const watermark = instant('2026-11-03T08:00:00Z');
        const old = record('a', '2026-11-01T07:00:00Z');
        for (const source of ['alerts', 'gone']) {
          const nowMs = startMs - 2 * dayMs;
          await store.accept(page([old], { source, nowMs }));
          await store.accept(page([record('young')], { source, watermark }));
          await store.recordGap(source, { ...morning, reason: '500' }, startMs);
        }
        await store.registerSources(['alerts'], startMs + 1);
        await store.prune(startMs + 1);
        expect(await store.known('gone', [old])).toEqual([true]);
        await store.prune(startMs + 2);
        expect(await store.known('gone', [old, record('young')])).toEqual([false, true]);
        expect(await store.known('alerts', [old])).toEqual([true]);
        expect((await store.gaps()).map(({ source }) => source)).toEqual(['alerts']);
        expect(await store.watermark('gone')).toBe(watermark);
      });
    });

    describe('jobs', () => {
      test('go from queued over their steps to their end', async () => {
        const first = await store.addJob('replay', '{"sink":"one"}', startMs);
        const second = await store.addJob('backfill', '{}', startMs + 1);
        await store.advanceJob(first, { cursor: '5', done: 3 });
        await store.endJob(second, startMs + 2, 'no such source');
        expect(await store.jobs()).toEqual([
          {
            id: second,
            kind: 'backfill',
            spec: '{}',
            cursor: undefined,
            done: 0,
            createdAtMs: startMs + 1,
            endedAtMs: startMs + 2,
            error: 'no such source',
          },
          {
            id: first,
            kind: 'replay',
            spec: '{"sink":"one"}',
            cursor: '5',
            done: 3,
            createdAtMs: startMs,
            endedAtMs: undefined,
            error: undefined,
          },
        ]);
      });

      test('that are over are told of while they are among the last twenty; the others all', async () => {
        const open = await store.addJob('replay', '', startMs);
        const ended: number[] = [];
        for (let number = 0; number < 25; number++) {
          const id = await store.addJob('replay', '', startMs);
          await store.endJob(id, startMs + number);
          ended.unshift(id);
        }
        expect((await store.jobs()).map(({ id }) => id)).toEqual([...ended.slice(0, 20), open]);
      });

      test('hold back the rows that they still have to read', async () => {
        await store.registerSinks(['one'], startMs);
        for (const id of ['a', 'b', 'c']) await store.accept(page([record(id)]));
        const [a, b, c] = await journal();
        await store.acknowledge('one', c?.position ?? 0, []);
        const job = await store.addJob('replay', '', startMs, { keepFrom: b?.position ?? 0 });
        expect(await store.prune(startMs + 1)).toBe(1);
        expect((await journal()).map(({ id }) => id)).toEqual(['b', 'c']);
        await store.advanceJob(job, { cursor: '', done: 1, keepFrom: c?.position ?? 0 });
        expect(await store.prune(startMs + 1)).toBe(1);
        await store.endJob(job, startMs);
        expect(await store.prune(startMs + 1)).toBe(1);
        expect(a?.position).toBeLessThan(b?.position ?? 0);
      });
    });

    test('an offset is moved back by a rewind alone', async () => {
      await store.registerSinks(['one'], startMs);
      await store.accept(page(['a', 'b', 'c'].map((id) => record(id))));
      const [a, , c] = await journal();
      await store.acknowledge('one', c?.position ?? 0, []);
      await store.rewind('one', a?.position ?? 0);
      await store.rewind('one', c?.position ?? 0);
      expect(await store.offset('one')).toBe(a?.position);
      expect((await store.progress()).sinks[0]?.backlog).toBe(2);
      await expect(store.rewind('none', 1)).rejects.toThrow(/none was not registered/);
    });

    describe('under a clock that is set', () => {
      test('rows of a time to come go with those after them', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([record('a')], { nowMs: startMs + 365 * dayMs }));
        await store.accept(page([record('b')]));
        await store.acknowledge('one', (await journal()).at(-1)?.position ?? 0, []);
        expect(await store.prune(startMs)).toBe(0);
        expect(await store.prune(startMs + 1)).toBe(2);
      });

      test('rows and dead letters of a time long over count from the watermark', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([], { watermark: instant('2026-11-03T08:00:00Z') }));
        await store.accept(page([record('a')], { nowMs: 0 }));
        const [entry] = await journal();
        if (entry === undefined) throw new Error('nothing in the journal');
        expect(entry.acceptedAtMs).toBe(startMs);
        await store.acknowledge('one', entry.position, [{ entry, reason: 'refused', atMs: 0 }]);
        expect(await store.prune(startMs)).toBe(0);
        expect(await store.deadLetters('one')).toHaveLength(1);
      });
    });
  });
}
