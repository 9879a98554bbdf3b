import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectorError, type FailureCode } from '../../src/errors.ts';
import { addMs, type Instant, instantOf, parseInstant } from '../../src/fields/instant.ts';
import type { SourceRecord } from '../../src/record.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { GapKeeper } from '../../src/sources/gaps.ts';
import { createSpanReader } from '../../src/sources/span-reader.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type ModelAlert, ModelApi, recordOf } from '../support/model-api.ts';

const signal = new AbortController().signal;
const start = parseInstant('2026-11-03T02:00:00Z') as Instant;
const end = parseInstant('2026-11-03T08:00:00Z') as Instant;

function setUp(api: ModelApi) {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const told: string[] = [];
  const strange: SourceRecord[] = [];
  const logged: string[] = [];
  const remember = (fields: object, message: string) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const gaps = new GapKeeper({
    source: 'alerts',
    tenant: 'contoso',
    store,
    clock,
    log: { ...silentLog, info: remember, error: remember },
    blindSpots: {
      open: (blindSpot) => told.push(`open ${blindSpot}`),
      close: (blindSpot) => told.push(`close ${blindSpot}`),
    },
  });
  const reader = createSpanReader({
    source: 'alerts',
    api,
    store,
    updates: 'all',
    onAccepted: () => {},
    onUnknownShape: (records) => strange.push(...records),
    wanted: () => true,
    room: async () => {},
    clock,
    gaps,
  });
  const upTo: Instant[] = [];
  const onRead = async (instant: Instant) => void upTo.push(instant);
  const read = (from = start, to = end) =>
    reader.readSpan({ from, to }, { priority: 'live', signal, onRead });
  return { clock, store, reader, read, told, strange, logged, upTo };
}

/** A model of alerts of six hours, one each four minutes. */
function sixHours(pageSize = 20, style: 'links' | 'cuts' = 'links'): ModelApi {
  const api = new ModelApi(pageSize, style);
  for (let i = 0; i < 90; i++) api.add(addMs(start, i * 240_000 + 1234));
  return api;
}

function fails(status: number | undefined, code: FailureCode = 'API_FAILED'): never {
  throw new ConnectorError(code, `status ${status}`, { status });
}

/** The alert that the API fails for, in each answer that would have it. */
const failsFor =
  (...ids: readonly string[]) =>
  (shown: readonly ModelAlert[]) => {
    if (shown.some(({ id }) => ids.includes(id))) fails(500);
  };

const without = (api: ModelApi, ...ids: readonly string[]) =>
  api.alerts.filter(({ id }) => !ids.includes(id)).map(({ id, updated }) => `${id} ${updated}`);

describe('an object that the API fails for', () => {
  test.each(['links', 'cuts'] as const)('alone is set aside, and the rest is read (%s)', async (style) => {
    const api = sixHours(20, style);
    api.beforeAnswer = failsFor('a40');
    const { store, read, told, upTo, logged } = setUp(api);
    expect(await read()).toMatchObject({ accepted: 89, gaps: 1 });
    expect(store.accepted.toSorted()).toEqual(without(api, 'a40').toSorted());
    const [gap, ...others] = await store.gaps();
    const updated = api.alerts[40]?.updated ?? '';
    expect([gap !== undefined && gap.from <= updated && updated < gap.to, others]).toEqual([true, []]);
    expect(gap !== undefined && Date.parse(gap.to) - Date.parse(gap.from)).toBeLessThanOrEqual(1000);
    expect(upTo.at(-1)).toBe(end);
    expect([told, logged.length]).toEqual([['open gap'], 1]);
    expect(api.requests.length).toBeLessThan(90);
  });

  test('that shares its instant with others leaves those to be read', async () => {
    const api = sixHours();
    const tie = addMs(start, 7_000_000);
    for (let i = 0; i < 12; i++) api.add(tie);
    api.beforeAnswer = failsFor('a95');
    const { store, read } = setUp(api);
    expect(await read()).toMatchObject({ accepted: 101, gaps: 1 });
    expect(store.accepted.toSorted()).toEqual(without(api, 'a95').toSorted());
  });

  test('is named where the list without its parts does so, and comes by its id', async () => {
    const api = sixHours();
    api.beforeAnswer = (shown, { bare }) => {
      if (bare !== true) failsFor('a40')(shown);
    };
    api.readOne = async (id) => api.alerts.filter((alert) => alert.id === id).map(recordOf)[0];
    const { store, read, told } = setUp(api);
    expect(await read()).toMatchObject({ accepted: 90, gaps: 0 });
    expect(store.accepted.toSorted()).toEqual(without(api).toSorted());
    expect(told).toEqual([]);
  });

  test('also by its id is set aside by itself, to the tick', async () => {
    const api = sixHours();
    api.beforeAnswer = (shown, { bare }) => {
      if (bare !== true) failsFor('a40')(shown);
    };
    api.readOne = async (id) =>
      id === 'a40' ? fails(500) : recordOf(api.alerts.find((a) => a.id === id) as ModelAlert);
    const { store, read } = setUp(api);
    expect(await read()).toMatchObject({ accepted: 89, gaps: 1 });
    const from = api.alerts[40]?.updated as Instant;
    expect(await store.gaps()).toMatchObject([{ from, reason: 'a40: status 500' }]);
  });

  test('is left out while it is set aside, and tried again at growing intervals until it is there', async () => {
    const api = sixHours();
    api.beforeAnswer = failsFor('a40');
    const { clock, store, reader, read, told, logged } = setUp(api);
    await read();
    const calls = api.requests.length;
    expect(await read()).toMatchObject({ accepted: 0, gaps: 0 });
    expect(api.requests.length - calls).toBeLessThan(30);
    const tries: number[] = [];
    for (let minute = 0; minute < 120; minute++) {
      const before = api.requests.length;
      await reader.retryGaps(signal);
      if (api.requests.length > before) tries.push(minute);
      clock.advance(60_000);
    }
    expect(tries).toEqual([1, 3, 7, 15, 31, 63]);
    api.beforeAnswer = () => {};
    clock.advance(3_600_000);
    expect(await reader.retryGaps(signal)).toBeGreaterThan(0);
    expect([await store.gaps(), store.accepted.length]).toEqual([[], 90]);
    expect(told).toEqual(['open gap', 'close gap']);
    expect(logged).toHaveLength(2);
  });

  test('is given up when Microsoft no longer keeps it', async () => {
    const api = sixHours();
    api.beforeAnswer = failsFor('a40');
    const { clock, store, reader, read } = setUp(api);
    await read();
    clock.advance(181 * 86_400_000);
    await reader.retryGaps(signal);
    // So far only this host's clock says so, which may have jumped.
    expect(await store.gaps()).toHaveLength(1);
    const watermark = instantOf(clock.now());
    await store.accept({ source: 'alerts', records: [], updates: 'all', watermark, nowMs: clock.now() });
    await reader.retryGaps(signal);
    expect(await store.gaps()).toEqual([]);
  });
});

describe('an outage is no matter of one object', () => {
  test.each<[string, FailureCode, number | undefined]>([
    ['500', 'API_FAILED', 500],
    ['no connection', 'API_UNREACHABLE', undefined],
    ['429', 'API_FAILED', 429],
    ['403 of a gateway', 'API_FAILED', 403],
    ['a permission', 'PERMISSION_MISSING', 403],
  ])('%s for all: nothing is set aside, and few calls are spent', async (_case, code, status) => {
    const api = sixHours();
    const { store, read } = setUp(api);
    await read(start, addMs(start, 3_600_000));
    api.beforeAnswer = () => fails(status, code);
    const before = api.requests.length;
    await expect(read(addMs(start, 3_600_000))).rejects.toThrow(`status ${status}`);
    await expect(read(addMs(start, 3_600_000))).rejects.toThrow(`status ${status}`);
    expect(await store.gaps()).toEqual([]);
    expect(api.requests.length - before).toBeLessThanOrEqual(8);
  });

  test('nor is one that begins while a failure is narrowed down', async () => {
    const api = sixHours();
    const { store, read, upTo } = setUp(api);
    let left = 6;
    api.beforeAnswer = (shown) => {
      if (left <= 0) fails(503);
      if (shown.some(({ id }) => id === 'a40')) left--;
      failsFor('a40')(shown);
    };
    await expect(read()).rejects.toThrow();
    expect(await store.gaps()).toEqual([]);
    expect((upTo.at(-1) ?? '') < (api.alerts[40]?.updated ?? '')).toBe(true);
  });

  test('while it lasts the API is asked briefly, and now and then looked at closely', async () => {
    const api = sixHours();
    const { clock, store, read } = setUp(api);
    api.beforeAnswer = () => fails(503);
    const calls: [whole: number, all: number][] = [];
    for (let run = 0; run < 12; run++) {
      const before = api.requests.length;
      await expect(read()).rejects.toThrow('status 503');
      const asked = api.requests.slice(before);
      calls.push([asked.filter(({ brief }) => brief !== true).length, asked.length]);
      clock.advance(30_000);
    }
    expect(calls.filter(([whole, all]) => whole === 0 && all === 1)).toHaveLength(9);
    api.beforeAnswer = () => {};
    expect(await read()).toMatchObject({ accepted: 90 });
    expect(await store.gaps()).toEqual([]);
  });

  test('where every object of a list with parts fails, all come by their ids', async () => {
    const api = sixHours();
    api.beforeAnswer = (_shown, { bare }) => (bare === true ? undefined : fails(500));
    api.readOne = async (id) => recordOf(api.alerts.find((alert) => alert.id === id) as ModelAlert);
    const { store, read } = setUp(api);
    expect(await read()).toMatchObject({ accepted: 90, gaps: 0 });
    expect(store.accepted.toSorted()).toEqual(without(api).toSorted());
  });
});

test.each([1, 5, 19])('pages of more than %i that fail are asked for in smaller ones', async (most) => {
  const api = sixHours();
  api.beforeAnswer = (_shown, { pageSize = 20 }) => (pageSize > most ? fails(500) : undefined);
  const { store, read } = setUp(api);
  expect(await read()).toMatchObject({ accepted: 90, gaps: 0 });
  expect(store.accepted).toHaveLength(90);
});

test('where very much fails, no more than ten spans are set aside before the next run', async () => {
  const api = sixHours();
  api.beforeAnswer = failsFor(...api.alerts.filter((_alert, i) => i % 3 === 1).map(({ id }) => id));
  const { store, read } = setUp(api);
  let runs = 0;
  let from = start;
  for (; from < end && runs < 30; runs++) {
    await read(from).catch(() => {});
    expect((await store.gaps()).length).toBeLessThanOrEqual(10 * (runs + 1));
    from = (await store.gaps()).length === 30 ? end : from;
  }
  await read();
  expect(store.accepted).toHaveLength(60);
});

test('a link that has expired begins the window anew', async () => {
  const api = new ModelApi(10);
  for (let i = 0; i < 25; i++) api.add(addMs(start, i * 1000));
  const { store, read } = setUp(api);
  let expiries = 2;
  api.beforeAnswer = (_shown, { link }) => (link !== undefined && expiries-- > 0 ? fails(410) : undefined);
  expect(await read(start, addMs(start, 3_600_000))).toMatchObject({ accepted: 25, gaps: 0 });
  expect(store.accepted).toHaveLength(25);
});

test('links that always expire are done without: the window is read in halves that fit on a page', async () => {
  const api = new ModelApi(10);
  for (let i = 0; i < 25; i++) api.add(addMs(start, i * 1000));
  const { read } = setUp(api);
  api.beforeAnswer = (_shown, { link }) => (link === undefined ? undefined : fails(400));
  expect(await read(start, addMs(start, 3_600_000))).toMatchObject({ accepted: 25, gaps: 0 });
});

test('records of unknown shape are accepted, and told the first time that each is met', async () => {
  const api = sixHours();
  const read = api.read.bind(api);
  const odd: SourceRecord = {
    kind: 'graph-alert',
    id: 'x',
    version: 'sha256:00',
    updated: undefined,
    json: '{"x":1}',
  };
  api.read = async (request) => ({ ...(await read(request)), records: [odd] });
  const reader = setUp(api);
  expect(await reader.read()).toMatchObject({ accepted: 1 });
  expect(await reader.read()).toMatchObject({ accepted: 0 });
  expect(reader.strange).toEqual([odd]);
});

test('how far the clock of the API is ahead is known from its last answer', async () => {
  const api = sixHours();
  const { clock, reader, read } = setUp(api);
  expect(reader.apiAheadMs()).toBeUndefined();
  const ask = api.read.bind(api);
  api.read = async (request) => ({ ...(await ask(request)), asOf: instantOf(clock.now() + 7_200_000) });
  await read();
  expect(reader.apiAheadMs()).toBe(7_200_000);
});

test('property: whichever objects fail, in whatever pages, all others come, and in the end these too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('links', 'cuts' as const),
      fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.nat({ max: 59 }), { maxLength: 4 }),
      fc.boolean(),
      async (pageSize, style, minutes, failing, byId) => {
        // Lists that cannot be entered in the middle want many calls where an instant does not fit in half a page.
        const together = Math.max(...minutes.map((one) => minutes.filter((minute) => minute === one).length));
        fc.pre(style === 'links' || together <= Math.max(1, Math.floor(pageSize / 2)));
        const api = new ModelApi(pageSize, style);
        for (const minute of minutes) api.add(addMs(start, minute * 60_000));
        const bad = new Set(failing.filter((index) => index < minutes.length).map((index) => `a${index}`));
        // Before the span, where it is never read: that the API answers at all shows by it.
        const witness = `a${minutes.length}`;
        api.add(addMs(start, -3_600_000));
        api.beforeAnswer = (shown, { bare }) => {
          if (bare !== true && shown.some(({ id }) => bad.has(id))) fails(500);
        };
        if (byId) {
          api.readOne = async (id) => {
            if (bad.has(id)) fails(500);
            return recordOf(api.alerts.find((alert) => alert.id === id) as ModelAlert);
          };
        }
        const { clock, store, reader, read } = setUp(api);
        // What needs more calls than one run spends is left to the next, which does not begin before it.
        for (let run = 0; run < 12; run++, clock.advance(120_000)) await read().catch(() => {});
        const others = without(api, witness, ...bad);
        const onlyBad = new Set(api.alerts.filter(({ id }) => bad.has(id)).map(({ updated }) => updated));
        const apart = others.filter(
          (state) => style === 'links' || byId || !onlyBad.has(state.split(' ')[1] as Instant),
        );
        expect(store.accepted.filter((state) => apart.includes(state)).toSorted()).toEqual(apart.toSorted());
        api.beforeAnswer = () => {};
        bad.clear();
        for (let hour = 0; hour < 24; hour++) {
          clock.advance(3_600_000);
          await reader.retryGaps(signal);
        }
        await read();
        expect(store.accepted.toSorted()).toEqual(without(api, witness).toSorted());
        expect(await store.gaps()).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});
