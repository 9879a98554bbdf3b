import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, instantOf, nextTick, parseInstant } from '../../src/fields/instant.ts';
import { recordOf } from '../../src/normalise/index.ts';
import type { Page, WindowedApi } from '../../src/sources/source.ts';
import { readWindow } from '../../src/sources/window-reader.ts';
import { ModelApi } from '../support/model-api.ts';

const fromMs = Date.parse('2026-11-03T08:00:00Z');
const at = (second: number) => instantOf(fromMs + second * 1000);
const hour = { from: at(0), to: at(3600) };
const never = new AbortController().signal;

async function read(api: ModelApi, window = hour): Promise<Set<string>> {
  const kept = new Set<string>();
  const keep = async (records: readonly { id: string }[]) => {
    for (const { id } of records) kept.add(id);
  };
  await readWindow(api, window, 'live', keep, never);
  return kept;
}

test('a window of one page is read once', async () => {
  const api = new ModelApi(10);
  for (let i = 0; i < 10; i++) api.add(at(i));
  expect((await read(api)).size).toBe(10);
  expect(api.requests).toHaveLength(1);
});

test('a window of several pages is read until two passes each meet all that the one before met', async () => {
  const api = new ModelApi(10);
  for (let i = 0; i < 25; i++) api.add(at(i));
  expect((await read(api)).size).toBe(25);
  expect(api.requests).toHaveLength(9);
});

test('a record that slips over a page edge, because one before it was updated, is found', async () => {
  const api = new ModelApi(2);
  for (let i = 0; i < 4; i++) api.add(at(i));
  api.beforeRead = () => {
    if (api.requests.length === 2) api.update(3, at(7200));
  };
  expect(await read(api)).toEqual(new Set(['a3', 'a2', 'a1', 'a0']));
});

test.each([
  ['two ticks', '2026-11-03T08:00:00.0000001Z', 2],
  ['ticks over the edge of a second', '2026-11-03T08:00:00.9999998Z', 5],
])('a window of %s can be halved down to single ticks', async (_name, from, ticks) => {
  const start = parseInstant(from) as Instant;
  const api = new ModelApi(1, 'cuts');
  let instant = start;
  for (let i = 0; i < ticks; i++) {
    api.add(instant);
    instant = nextTick(instant);
  }
  expect((await read(api, { from: start, to: instant })).size).toBe(ticks);
});

test('a record that slips away in one pass by what came and went unread, in the next by what was read, is found', async () => {
  const api = new ModelApi(1);
  for (let i = 0; i < 8; i++) api.add(at(0));
  let reads = 0;
  api.beforeRead = () => {
    if (reads === 1) api.add(at(0));
    if (reads === 6) api.update(8, at(7200));
    if (reads === 13) api.update(3, at(7200));
    reads++;
  };
  expect((await read(api)).has('a2')).toBe(true);
});

test('a window of more records than one pass remembers is read in halves', async () => {
  const api = new ModelApi(1000);
  for (let i = 0; i < 25_000; i++) api.add(at(i % 3600));
  expect((await read(api)).size).toBe(25_000);
  expect(new Set(api.requests.map(({ window }) => window.to)).size).toBe(2);
});

test('a window that never comes to rest is given up with a failure, not closed', async () => {
  const api = new ModelApi(1);
  for (let i = 0; i < 3; i++) api.add(at(1));
  let fresh = 3;
  api.beforeRead = () => {
    api.update(fresh - 1, at(7200));
    api.add(at(1));
    fresh++;
  };
  await expect(read(api)).rejects.toThrow('keep changing');
});

test('property: what stays in the window while it is read is always read, whatever moves around it', async () => {
  const change = fc.record({ at: fc.nat({ max: 60 }), add: fc.boolean(), index: fc.nat({ max: 100 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom('links', 'cuts' as const),
      fc.array(fc.nat({ max: 12 }), { maxLength: 40 }),
      fc.array(change, { maxLength: 30 }),
      async (pageSize, style, seconds, changes) => {
        const api = new ModelApi(pageSize, style);
        for (const second of seconds) api.add(at(second));
        const initial = new Map(api.alerts.map((alert) => [alert.id, alert.updated]));
        let reads = 0;
        api.beforeRead = () => {
          for (const { add, index } of changes.filter((candidate) => candidate.at === reads)) {
            if (add) api.add(at(index % 12));
            else api.update(index, at(7200));
          }
          reads++;
        };
        const kept = await read(api).catch(() => undefined);
        if (kept === undefined) return;
        const stayed = api.alerts.filter(({ id, updated }) => initial.get(id) === updated);
        expect(stayed.filter(({ id }) => !kept.has(id))).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
});

test('while the next page is waited for, nothing holds the records of the one before', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  let pages = 0;
  let first: WeakRef<readonly object[]> | undefined;
  const held: unknown[] = [];
  const page = (): Page => {
    const records = [recordOf('alert', '{"id":"a"}')];
    first ??= new WeakRef(records);
    const next = ++pages % 2 === 1 ? 'next' : undefined;
    return { records, next, cut: false, partial: false, asOf: undefined };
  };
  const api: WindowedApi = {
    pageSize: 1,
    async read({ link }) {
      if (link !== undefined && held.length === 0) {
        await new Promise(setImmediate);
        collectGarbage();
        held.push(first?.deref());
      }
      return page();
    },
  };
  await readWindow(api, hour, 'live', async () => {}, never);
  expect(held).toEqual([undefined]);
});
