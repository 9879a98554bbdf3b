import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Instant, parseInstant } from '../../src/fields/instant.ts';
import type { SourceRecord } from '../../src/record.ts';
import type { AcceptRequest, JournalEntry, Store } from '../../src/store/store.ts';
import { incompressible } from './incompressible.ts';

/** Where one test's store lives: `open` opens it, and opens it again with what it held. */
export interface StorePlace extends AsyncDisposable {
  open(): Promise<Store>;
}

/** The time at which the contract's tests begin, ms since 1970. */
export const startMs = Date.parse('2026-11-03T08:00:00Z');
const dayMs = 86_400_000;

/** Returns the instant of a text that is one. */
export function instant(text: string): Instant {
  const parsed = parseInstant(text);
  if (parsed === undefined) throw new Error(`${text} is no time`);
  return parsed;
}

/** Returns a record; its version is its update time, as Microsoft's are. */
export function record(id: string, updated = '2026-11-03T07:59:00Z', json = `{"id":"${id}"}`): SourceRecord {
  return { kind: 'graph-alert', id, version: updated, updated, json };
}

/** Returns a request to accept records of the source `alerts`. */
export function page(records: readonly SourceRecord[], more: Partial<AcceptRequest> = {}): AcceptRequest {
  return { source: 'alerts', records, updates: 'all', nowMs: startMs, ...more };
}

const ids = (entries: readonly JournalEntry[]) => entries.map(({ id }) => id);
const letter = (entry: JournalEntry, atMs = startMs) => ({ entry, reason: 'refused', atMs });

/** What every store keeps to, whatever it is built on. */
export function storeContract(name: string, newPlace: () => Promise<StorePlace>): void {
  describe(`${name} keeps the store's contract:`, () => {
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
    const reopen = async () => {
      await store[Symbol.asyncDispose]();
      store = await place.open();
    };
    const journal = () => store.readJournal(0, 10_000, Number.POSITIVE_INFINITY);
    const sink = async (sinkName: string) =>
      (await store.progress()).sinks.find((progress) => progress.sink === sinkName);

    describe('accept', () => {
      test('appends records in their order, verbatim, each behind the last', async () => {
        const odd = '{"nul":"\0","id":"b",  "title":"\\u0000 \u{1F600} \\n"}';
        expect(await store.accept(page([record('a'), record('b', undefined, odd)]))).toEqual({
          accepted: 2,
          repeated: 0,
        });
        await store.accept(page([record('c')], { source: 'incidents', nowMs: startMs + 5 }));
        const entries = await journal();
        expect(ids(entries)).toEqual(['a', 'b', 'c']);
        expect(entries[1]?.json).toBe(odd);
        expect(entries[2]).toEqual({
          position: entries[2]?.position,
          source: 'incidents',
          kind: 'graph-alert',
          id: 'c',
          version: '2026-11-03T07:59:00Z',
          json: '{"id":"c"}',
          acceptedAtMs: startMs + 5,
          earlier: [],
        });
        const positions = entries.map(({ position }) => position);
        expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
        expect(positions[0]).toBeGreaterThan(0);
      });

      test('drops a record known by id and version, in another page and in the same one', async () => {
        await store.accept(page([record('a')]));
        expect(await store.accept(page([record('a'), record('b'), record('b')]))).toEqual({
          accepted: 1,
          repeated: 2,
        });
        expect(ids(await journal())).toEqual(['a', 'b']);
      });

      test('takes a further version of a known record', async () => {
        await store.accept(page([record('a')]));
        expect(await store.accept(page([record('a', '2026-11-03T07:59:30Z')]))).toMatchObject({
          accepted: 1,
        });
      });

      test('knows records by source: the same id from another source is another record', async () => {
        await store.accept(page([record('a')]));
        expect(await store.accept(page([record('a')], { source: 'other' }))).toMatchObject({ accepted: 1 });
      });

      test('tells ids apart by every character', async () => {
        const odd = ['a', 'A', 'a ', 'a\0', 'a\0b', 'á', 'a\u0301'];
        const accepted = await store.accept(page(odd.map((id) => record(id))));
        expect(accepted).toEqual({ accepted: odd.length, repeated: 0 });
        expect(ids(await journal())).toEqual(odd);
      });

      test('with `new`, takes only the first version of an id', async () => {
        const updates = 'new';
        await store.accept(page([record('a'), record('a', '2026-11-03T07:59:30Z')], { updates }));
        const later = page([record('a', '2026-11-03T07:59:40Z'), record('b')], { updates });
        expect(await store.accept(later)).toEqual({ accepted: 1, repeated: 1 });
        expect(ids(await journal())).toEqual(['a', 'b']);
      });

      test('with `new`, knows an id for as long as its states are younger than what is forgotten', async () => {
        const updates = 'new';
        await store.accept(page([record('a', '2026-11-01T00:00:00Z')], { updates }));
        const nowMs = startMs + 2 * dayMs;
        await store.accept(page([record('a', '2026-11-05T07:00:00Z')], { updates, nowMs }));
        const forgetBefore = instant('2026-11-05T00:00:00Z');
        await store.accept(page([], { updates, nowMs, watermark: forgetBefore, forgetBefore }));
        const third = page([record('a', '2026-11-05T08:00:00Z')], { updates, nowMs });
        expect(await store.accept(third)).toEqual({ accepted: 0, repeated: 1 });
      });

      test('remembers keys and watermark when it is opened again', async () => {
        const watermark = instant('2026-11-03T07:59:55.1234567Z');
        await store.accept(page([record('a')], { watermark }));
        await reopen();
        expect(await store.watermark('alerts')).toBe(watermark);
        expect(await store.watermark('other')).toBeUndefined();
        expect(await store.accept(page([record('a')]))).toEqual({ accepted: 0, repeated: 1 });
        expect(await store.watermark('alerts')).toBe(watermark);
      });

      test('forgets keys updated and accepted before `forgetBefore`, and no others', async () => {
        await store.accept(page([record('old', '2026-11-03T07:00:00Z')]));
        const nowMs = startMs + 60_000;
        await store.accept(page([record('edge', '2026-11-03T08:00:30Z')], { nowMs: startMs }));
        await store.accept(page([record('late', '2026-11-03T07:00:00Z')], { nowMs }));
        await store.accept(page([record('other')], { source: 'other' }));
        const forgetBefore = instant('2026-11-03T08:00:30Z');
        await store.accept(page([], { watermark: forgetBefore, forgetBefore, nowMs }));
        const all = [record('old', '2026-11-03T07:00:00Z'), record('edge', '2026-11-03T08:00:30Z')];
        expect(await store.accept(page([...all, record('late', '2026-11-03T07:00:00Z')], { nowMs }))).toEqual(
          { accepted: 1, repeated: 2 },
        );
        expect(await store.accept(page([record('other')], { source: 'other' }))).toMatchObject({
          repeated: 1,
        });
      });

      test('compares times as times, whatever their zone and digits', async () => {
        await store.accept(page([record('a', '2026-11-03T10:30:00.5+02:00')]));
        const forgetBefore = instant('2026-11-03T08:30:00.5Z');
        await store.accept(page([], { watermark: forgetBefore, forgetBefore }));
        expect(await store.accept(page([record('a', '2026-11-03T10:30:00.5+02:00')]))).toMatchObject({
          repeated: 1,
        });
      });

      test('counts the age of a record without a time from when it last came', async () => {
        const timeless: SourceRecord = { ...record('a'), updated: undefined, version: 'sha256:1' };
        await store.accept(page([timeless]));
        await store.accept(page([timeless], { nowMs: startMs + 60_000 }));
        const forgetBefore = instant('2026-11-03T08:01:00Z');
        await store.accept(page([], { watermark: forgetBefore, forgetBefore }));
        expect(await store.accept(page([timeless], { nowMs: startMs + 90_000 }))).toMatchObject({
          repeated: 1,
        });
      });

      test('forgets more keys than one transaction takes', async () => {
        const many = Array.from({ length: 12_000 }, (_, i) => record(`id-${i}`));
        await store.accept(page(many));
        const forgetBefore = instant('2026-11-03T09:00:00Z');
        await store.accept(page([], { watermark: forgetBefore, forgetBefore }));
        expect(await store.accept(page(many))).toMatchObject({ accepted: 12_000 });
      });
    });

    describe('readJournal', () => {
      test('gives rows after a position, no more than asked for', async () => {
        await store.accept(page(['a', 'b', 'c', 'd'].map((id) => record(id))));
        const first = await store.readJournal(0, 2, 1e6);
        expect(ids(first)).toEqual(['a', 'b']);
        expect(ids(await store.readJournal(first[1]?.position ?? 0, 9, 1e6))).toEqual(['c', 'd']);
        expect(await store.readJournal(1e9, 9, 1e6)).toEqual([]);
      });

      test('stops at the bytes, but gives one row of any size', async () => {
        const text = (letters: number) => `"${'é'.repeat(letters)}"`;
        await store.accept(page([record('a', undefined, text(500)), record('b', undefined, text(500))]));
        expect(ids(await store.readJournal(0, 9, 10))).toEqual(['a']);
        expect(ids(await store.readJournal(0, 9, 1500))).toEqual(['a']);
        expect(ids(await store.readJournal(0, 9, 3000))).toEqual(['a', 'b']);
      });
    });

    describe('sinks', () => {
      test('a new one starts behind the last row; one that comes back goes on where it was', async () => {
        await store.accept(page([record('a')]));
        await store.registerSinks(['one', 'two'], startMs);
        await store.accept(page([record('b'), record('c')]));
        const [b] = await store.readJournal(await store.offset('one'), 1, 1e6);
        expect(b?.id).toBe('b');
        await store.acknowledge('one', b?.position ?? 0, []);
        await store.registerSinks(['two'], startMs);
        expect(await sink('one')).toBeUndefined();
        await store.registerSinks(['one', 'two'], startMs);
        await reopen();
        expect(ids(await store.readJournal(await store.offset('one'), 9, 1e6))).toEqual(['c']);
      });

      test('one that was never registered is an error, not a start from nothing', async () => {
        await expect(store.offset('none')).rejects.toThrow(/none was not registered/);
        await expect(store.acknowledge('none', 1, [])).rejects.toThrow(/none was not registered/);
      });

      test('an offset never moves back', async () => {
        await store.registerSinks(['one'], startMs);
        await store.acknowledge('one', 7, []);
        await store.acknowledge('one', 3, []);
        expect(await store.offset('one')).toBe(7);
      });

      test('a dead letter is kept whole, beyond its row, and once for each entry', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([record('a')]));
        const [entry] = await journal();
        if (entry === undefined) throw new Error('nothing in the journal');
        await store.acknowledge('one', entry.position, [letter(entry)]);
        await store.acknowledge('one', entry.position, [
          { ...letter(entry), reason: 'again', atMs: startMs + 1 },
        ]);
        expect(await store.prune(startMs + 1)).toBe(1);
        expect(await journal()).toEqual([]);
        await reopen();
        expect(await store.deadLetters('one')).toEqual([
          { sink: 'one', entry, reason: 'again', atMs: startMs + 1 },
        ]);
        expect((await sink('one'))?.deadLetters).toBe(1);
      });

      test('dead letters are read in parts, and removed by position', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page(['a', 'b', 'c'].map((id) => record(id))));
        const entries = await journal();
        await store.acknowledge(
          'one',
          entries.at(-1)?.position ?? 0,
          entries.map((entry) => letter(entry)),
        );
        const first = await store.deadLetters('one', 0, 2);
        expect(first.map(({ entry }) => entry.id)).toEqual(['a', 'b']);
        await store.removeDeadLetters(
          'one',
          first.map(({ entry }) => entry.position),
        );
        const left = await store.deadLetters('one');
        expect(left.map(({ entry }) => entry.id)).toEqual(['c']);
      });
    });

    describe('prune', () => {
      test('deletes what every registered sink has passed and what is old enough, only', async () => {
        await store.registerSinks(['one', 'two'], startMs);
        for (const id of ['a', 'b']) await store.accept(page([record(id)]));
        await store.accept(page([record('c')], { nowMs: startMs + dayMs }));
        const [a, b, c] = await journal();
        await store.acknowledge('one', c?.position ?? 0, []);
        await store.acknowledge('two', a?.position ?? 0, []);
        expect(await store.prune(startMs + 1)).toBe(1);
        expect(ids(await journal())).toEqual(['b', 'c']);
        await store.acknowledge('two', c?.position ?? 0, []);
        expect(await store.prune(startMs)).toBe(0);
        expect(await store.prune(startMs + 1)).toBe(1);
        expect(ids(await journal())).toEqual(['c']);
        expect(b?.position).toBeLessThan(c?.position ?? 0);
      });

      test('keeps what was accepted together until all of it is passed', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([record('a'), record('b')]));
        const [a, b] = await journal();
        await store.acknowledge('one', a?.position ?? 0, []);
        expect(await store.prune(startMs + 1)).toBe(0);
        await store.acknowledge('one', b?.position ?? 0, []);
        expect(await store.prune(startMs + 1)).toBe(2);
      });

      test('deletes nothing while no sink is registered', async () => {
        await store.accept(page([record('a')]));
        expect(await store.prune(startMs + dayMs)).toBe(0);
        expect(ids(await journal())).toEqual(['a']);
      });

      test('can spare the dead letters when rows must go before their time', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([record('a')]));
        const [a] = await journal();
        if (a === undefined) throw new Error('nothing in the journal');
        await store.acknowledge('one', a.position, [letter(a)]);
        expect(await store.prune(startMs + 1, startMs)).toBe(1);
        expect(await store.deadLetters('one')).toHaveLength(1);
        await store.prune(startMs + 1);
        expect(await store.deadLetters('one')).toEqual([]);
      });

      test('waits for no sink that is gone, and forgets it when retention is over', async () => {
        await store.registerSinks(['one', 'two'], startMs);
        await store.accept(page([record('a'), record('b')]));
        const [a, b] = await journal();
        if (a === undefined || b === undefined) throw new Error('too few rows');
        await store.acknowledge('one', b.position, []);
        await store.acknowledge('two', a.position, [letter(a)]);
        await store.registerSinks(['one'], startMs + 10);
        expect(await store.prune(startMs + 5)).toBe(2);
        expect(await store.offset('two')).toBe(a.position);
        await store.prune(startMs + 11);
        await expect(store.offset('two')).rejects.toThrow();
        expect(await store.deadLetters('two')).toEqual([]);
      });

      test('never gives a position out again', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page([record('a'), record('b')]));
        const last = (await journal()).at(-1)?.position ?? 0;
        await store.acknowledge('one', last, []);
        expect(await store.prune(startMs + 1)).toBe(2);
        await reopen();
        await store.accept(page([record('c')]));
        expect((await journal())[0]?.position).toBeGreaterThan(last);
        expect(ids(await store.readJournal(await store.offset('one'), 9, 1e6))).toEqual(['c']);
      });

      test('deletes more rows than one transaction takes', async () => {
        await store.registerSinks(['one'], startMs);
        await store.accept(page(Array.from({ length: 2500 }, (_, i) => record(`id-${i}`))));
        await store.acknowledge('one', (await journal()).at(-1)?.position ?? 0, []);
        expect(await store.prune(startMs + 1)).toBe(2500);
      });
    });

    describe('progress', () => {
      test('of a source: what came, how far, and how the last run went', async () => {
        const watermark = instant('2026-11-03T08:00:00Z');
        await store.accept(page([record('a'), record('a')], { watermark }));
        await store.accept(page([], { watermark, nowMs: startMs + 1 }));
        await store.recordRun('alerts', startMs + 1, undefined);
        await store.recordRun('alerts', startMs + 2, 'the API is down');
        await store.recordRun('fresh', startMs, 'no permission');
        const unknown = {
          watermark: undefined,
          movedAtMs: undefined,
          lastSuccessMs: undefined,
          accepted: 0,
          repeated: 0,
          lateness: undefined,
          audit: undefined,
          gaps: 0,
        };
        expect((await store.progress()).sources).toEqual([
          {
            ...unknown,
            source: 'alerts',
            watermark,
            movedAtMs: startMs,
            accepted: 1,
            repeated: 1,
            lastSuccessMs: startMs + 1,
            lastError: 'the API is down',
          },
          { source: 'fresh', ...unknown, lastError: 'no permission' },
        ]);
        expect((await store.progress('fresh')).sources.map(({ source }) => source)).toEqual(['fresh']);
        await store.recordRun('alerts', startMs + 3, undefined);
        expect((await store.progress()).sources[0]).toMatchObject({
          lastSuccessMs: startMs + 3,
          lastError: undefined,
        });
      });

      test('of a sink: its backlog and the age of the oldest in it', async () => {
        await store.registerSinks(['one'], startMs);
        expect(await sink('one')).toEqual({
          sink: 'one',
          offset: 0,
          backlog: 0,
          oldestAcceptedAtMs: undefined,
          deadLetters: 0,
        });
        await store.accept(page([record('a')]));
        await store.accept(page([record('b'), record('c')], { nowMs: startMs + 9 }));
        const [a, , c] = await journal();
        expect(await sink('one')).toMatchObject({ backlog: 3, oldestAcceptedAtMs: startMs });
        await store.acknowledge('one', a?.position ?? 0, []);
        expect(await sink('one')).toMatchObject({ backlog: 2, oldestAcceptedAtMs: startMs + 9 });
        await store.acknowledge('one', c?.position ?? 0, []);
        await store.prune(startMs + dayMs);
        expect(await sink('one')).toMatchObject({ backlog: 0, oldestAcceptedAtMs: undefined });
      });

      test('bytes grow with what is kept', async () => {
        const before = await store.bytes();
        await store.accept(page([record('a', undefined, incompressible('a', 1.5e6))]));
        expect((await store.bytes()) - before).toBeGreaterThan(1e6);
      });
    });
  });
}
