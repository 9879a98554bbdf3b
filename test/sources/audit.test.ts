import { describe, expect, onTestFinished, test } from 'vitest';
import { instantOf } from '../../src/fields/instant.ts';
import type { SourceRecord } from '../../src/record.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type AuditOptions, createAudit } from '../../src/sources/audit.ts';
import { createCollector } from '../../src/sources/collector.ts';
import { overlapReadCounter } from '../../src/sources/lookback.ts';
import { createOverlap } from '../../src/sources/overlap.ts';
import type { Page, ReadRequest } from '../../src/sources/source.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ModelApi } from '../support/model-api.ts';
import { storePlace } from '../support/store-place.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const signal = new AbortController().signal;

/** An API that hides some of its alerts for a time. */
class HidingApi extends ModelApi {
  readonly hidden = new Set<string>();

  override async read(request: ReadRequest): Promise<Page> {
    const page = await super.read(request);
    return { ...page, records: [...page.records].filter(({ id }) => !this.hidden.has(id)) };
  }
}

function setUp(change: Partial<AuditOptions> = {}) {
  const clock = new FakeClock();
  const api = new HidingApi(50);
  const place = storePlace();
  const store = openSqliteStore(place.path);
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });
  const overlap = createOverlap({
    source: 'alerts',
    bounds: { minMs: 15 * minuteMs, maxMs: 2 * hourMs },
    store,
    clock,
    log: silentLog,
  });
  const options: AuditOptions = {
    source: 'alerts',
    api,
    sweep: undefined,
    store,
    overlap,
    windowMs: 48 * hourMs,
    updates: 'all',
    onAccepted: () => {},
    wanted: () => true,
    room: async () => {},
    clock,
    ...change,
  };
  const openCollector = () =>
    createCollector({
      ...options,
      store,
      sinceMs: 24 * hourMs,
      settleMs: 5000,
      rememberMs: 7 * 24 * hourMs,
    });
  let collector = openCollector();
  const { audit } = createAudit(options);
  return {
    clock,
    api,
    store,
    overlap,
    ago: (ms: number) => instantOf(clock.now() - ms),
    collect: () => collector.collect(signal),
    restart: () => {
      collector = openCollector();
    },
    audit: () => audit(signal),
    accepted: async () => (await store.readJournal(0, 10_000, 2 ** 30)).map(({ id }) => id).toSorted(),
  };
}

/** Twenty hours of an alert every half hour, read as they come. */
async function aDay(setup: ReturnType<typeof setUp>): Promise<void> {
  await setup.collect();
  for (let i = 0; i < 40; i++) {
    setup.clock.advance(30 * minuteMs);
    setup.api.add(setup.ago(minuteMs));
    await setup.collect();
  }
}

test('there is nothing to audit before the source was read', async () => {
  const { audit, store } = setUp();
  expect(await audit()).toBeUndefined();
  expect(await store.audits('alerts')).toEqual([]);
});

test('where nothing is missing, what was accepted is what is expected', async () => {
  const setup = setUp();
  await aDay(setup);
  const found = await setup.audit();
  // The last is in the overlap still, which live reading goes over again.
  expect(found).toMatchObject({ expected: 39, accepted: 39, healed: 0, gaps: 0, tooLate: 0 });
  expect(await setup.store.audits('alerts')).toMatchObject([{ expected: 39, accepted: 39, healed: 0 }]);
  expect((await setup.store.progress()).sources[0]?.audit).toMatchObject({ expected: 39 });
  expect(setup.overlap.currentMs()).toBe(15 * minuteMs);
});

test('what came later than the overlap is fetched, once, and the overlap grows', async () => {
  const setup = setUp();
  await aDay(setup);
  for (const hours of [1, 5, 5.01, 9]) setup.api.add(setup.ago(hours * hourMs));
  await setup.collect();
  expect(await setup.accepted()).toHaveLength(40);
  expect(await setup.audit()).toMatchObject({ expected: 43, accepted: 39, healed: 4 });
  expect(await setup.accepted()).toHaveLength(44);
  expect(setup.overlap.currentMs()).toBe(2 * hourMs);
  expect(await setup.audit()).toMatchObject({ healed: 0 });
});

test('what is older than the first run, or than what keys are remembered of, is not missing', async () => {
  const setup = setUp();
  for (let i = 1; i < 30; i++) setup.api.add(setup.ago(24 * hourMs + i * hourMs));
  await aDay(setup);
  expect(await setup.audit()).toMatchObject({ expected: 39, accepted: 39, healed: 0 });
  setup.clock.advance(9 * 24 * hourMs);
  await setup.collect();
  const wide = createAudit({ ...setupOptions(setup), windowMs: 30 * 24 * hourMs });
  expect(await wide.audit(signal)).toMatchObject({ healed: 0 });
  expect(await setup.accepted()).toHaveLength(40);
});

function setupOptions({ api, store, overlap, clock }: ReturnType<typeof setUp>): AuditOptions {
  return {
    source: 'alerts',
    api,
    sweep: undefined,
    store,
    overlap,
    windowMs: 48 * hourMs,
    updates: 'all',
    onAccepted: () => {},
    wanted: () => true,
    room: async () => {},
    clock,
  };
}

test('of a source that was away for longer than its keys were kept, what was known then is not missing', async () => {
  const setup = setUp();
  const { clock, store } = setup;
  for (let day = 0; day < 3; day++) await aDay(setup);
  await store.registerSources(['alerts'], clock.now());
  await store.registerSources([], clock.now());
  clock.advance(9 * 24 * hourMs);
  await store.prune(clock.now() - 7 * 24 * hourMs);
  await store.registerSources(['alerts'], clock.now());
  // It begins to catch up, and is audited before it is done.
  let reads = 0;
  setup.api.beforeRead = () => {
    if (++reads > 1) throw new Error('connection reset');
  };
  await expect(setup.collect()).rejects.toThrow('connection reset');
  setup.api.beforeRead = () => {};
  const wide = createAudit({ ...setupOptions(setup), windowMs: 30 * 24 * hourMs });
  expect(await wide.audit(signal)).toMatchObject({ healed: 0 });
  expect(await setup.accepted()).toHaveLength(120);
});

test('what a watermark that was moved has skipped is fetched', async () => {
  const setup = setUp();
  await aDay(setup);
  for (let i = 0; i < 500; i++) setup.api.add(setup.ago(-i * 1000));
  setup.clock.advance(6 * hourMs);
  await setup.store.accept({
    source: 'alerts',
    records: [],
    updates: 'all',
    watermark: setup.ago(hourMs),
    counters: { [overlapReadCounter('alerts')]: setup.clock.now() - hourMs },
    nowMs: setup.clock.now(),
  });
  setup.restart();
  await setup.collect();
  expect(await setup.accepted()).toHaveLength(40);
  expect(await setup.audit()).toMatchObject({ expected: 540, accepted: 40, healed: 500 });
  expect(await setup.accepted()).toHaveLength(540);
});

test('a state that a later one replaced while the audit went on is not missing', async () => {
  const setup = setUp();
  await aDay(setup);
  setup.api.add(setup.ago(5 * hourMs));
  const index = setup.api.alerts.length - 1;
  let fetched = false;
  setup.api.beforeRead = () => {
    if (fetched || setup.api.requests.at(-1)?.window.from !== setup.api.alerts[index]?.updated) return;
    fetched = true;
    setup.api.update(index, setup.ago(0));
  };
  expect(await setup.audit()).toMatchObject({ expected: 39, accepted: 39, healed: 0 });
  expect(fetched).toBe(true);
  setup.clock.advance(minuteMs);
  expect(await setup.collect()).toMatchObject({ accepted: 1 });
});

test('with `updates: new` a later state of a known record is not missing, its first is', async () => {
  const setup = setUp({ updates: 'new' });
  await aDay(setup);
  setup.api.update(3, setup.ago(5 * hourMs));
  setup.api.add(setup.ago(7 * hourMs));
  expect(await setup.audit()).toMatchObject({ expected: 40, accepted: 39, healed: 1 });
  expect(await setup.accepted()).toHaveLength(41);
});

test('a record that is not wanted is not expected, though only the fetch of the whole of it tells', async () => {
  const swept: ReadRequest[] = [];
  const wanted = (record: SourceRecord) => record.id !== 'a41';
  const base = setUp({ wanted });
  await aDay(base);
  for (const hours of [5, 6]) base.api.add(base.ago(hours * hourMs));
  const { audit } = createAudit({
    ...setupOptions(base),
    wanted,
    sweep: {
      pageSize: 1000,
      read: (request) => {
        swept.push(request);
        return base.api.read(request);
      },
    },
  });
  expect(await audit(signal)).toMatchObject({ expected: 40, accepted: 39, healed: 1 });
  expect(swept.length).toBeGreaterThan(0);
  expect(swept.every(({ priority }) => priority === 'backlog')).toBe(true);
});

test('what a filter did not want before is fetched, and told apart: it was not late', async () => {
  const wanted = (record: SourceRecord) => record.id !== 'a20';
  const setup = setUp({ wanted, filter: { severity: ['high'] } });
  await aDay(setup);
  expect(await setup.audit()).toMatchObject({ expected: 38, healed: 0, otherFilter: false });
  const wider = createAudit(setupOptions(setup));
  expect(await wider.audit(signal)).toMatchObject({ expected: 39, healed: 1, otherFilter: true });
  expect(await wider.audit(signal)).toMatchObject({ expected: 39, healed: 0, otherFilter: false });
  expect(setup.overlap.currentMs()).toBe(15 * minuteMs);
});

test('what lies in a span that is set aside is left to it', async () => {
  const setup = setUp();
  await aDay(setup);
  setup.api.add(setup.ago(5 * hourMs));
  const span = { from: setup.ago(5.01 * hourMs), to: setup.ago(4.99 * hourMs) };
  await setup.store.recordGap('alerts', { ...span, reason: '500' }, setup.clock.now());
  expect(await setup.audit()).toMatchObject({ expected: 39, accepted: 39, healed: 0, gaps: 1 });
});

describe('a failure', () => {
  test('while it is swept ends the audit, which is not kept', async () => {
    const setup = setUp();
    await aDay(setup);
    setup.api.beforeRead = () => {
      throw new Error('connection reset');
    };
    await expect(setup.audit()).rejects.toThrow('connection reset');
    expect(await setup.store.audits('alerts')).toEqual([]);
  });

  test('while the missing are fetched leaves them expected and not healed, until the next audit', async () => {
    const setup = setUp();
    await aDay(setup);
    for (const hours of [5, 7]) setup.api.add(setup.ago(hours * hourMs));
    setup.api.beforeRead = () => {
      const { from } = setup.api.requests.at(-1)?.window ?? {};
      if (from === setup.ago(7 * hourMs)) throw new Error('connection reset');
    };
    expect(await setup.audit()).toMatchObject({ expected: 41, accepted: 39, healed: 1 });
    setup.api.beforeRead = () => {};
    expect(await setup.audit()).toMatchObject({ healed: 1 });
    expect(await setup.accepted()).toHaveLength(42);
  });
});

test('what shows itself later than the overlap may ever reach is counted: the audit before did not meet it', async () => {
  const setup = setUp();
  await aDay(setup);
  for (let i = 0; i < 2; i++) setup.api.add(setup.ago(9 * hourMs));
  const hiddenLater = setup.api.alerts.length - 1;
  setup.api.hidden.add(`a${hiddenLater}`);
  expect(await setup.audit()).toMatchObject({ healed: 1, tooLate: 0 });
  setup.api.hidden.clear();
  expect(await setup.audit()).toMatchObject({ healed: 1, tooLate: 1 });
});

test("nothing came later than the watermark says, though this host's clock was wrong at the audit before", async () => {
  const setup = setUp();
  await aDay(setup);
  const before = await setup.audit();
  if (before === undefined) throw new Error('there was nothing to audit');
  await setup.store.recordAudit('alerts', { ...before, atMs: setup.clock.now() + 365 * 24 * hourMs });
  setup.api.add(setup.ago(hourMs));
  expect(await setup.audit()).toMatchObject({ healed: 1, tooLate: 0 });
});
