import { expect, onTestFinished, test } from 'vitest';
import { compileRoutes } from '../../src/dispatch/routes.ts';
import { createReplayFeed } from '../../src/jobs/replay.ts';
import { type ReplaySpec, readJob } from '../../src/jobs/spec.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { JournalEntry, Store } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { page, record, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

const routes = compileRoutes([{ from: ['alerts'], to: ['siem'] }]);
const every = Number.POSITIVE_INFINITY;

/** A store with six rows, accepted a second apart, that the sink `siem` has passed. */
async function aStore(): Promise<{ store: Store; entries: readonly JournalEntry[] }> {
  const place = storePlace();
  const store = openSqliteStore(place.path);
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });
  await store.registerSinks(['siem'], startMs);
  for (let i = 0; i < 6; i++) {
    const source = i % 2 === 0 ? 'alerts' : 'detections';
    await store.accept(page([record(`id-${i}`)], { source, nowMs: startMs + i * 1000 }));
  }
  const entries = await store.readJournal(0, 100, every);
  await store.acknowledge('siem', entries.at(-1)?.position ?? 0, []);
  return { store, entries };
}

async function aReplay(store: Store, change: Partial<ReplaySpec> = {}) {
  const spec: ReplaySpec = {
    version: 1,
    sink: 'siem',
    asked: '--sink siem',
    deadLetters: false,
    allRoutes: false,
    after: 0,
    through: await store.offset('siem'),
    ...change,
  };
  const id = await store.addJob('replay', JSON.stringify(spec), startMs);
  const stored = async () => {
    const found = (await store.jobs()).find((job) => job.id === id);
    if (found === undefined) throw new Error('no job');
    return found;
  };
  const open = async () => {
    const job = readJob(await stored());
    if (job?.kind !== 'replay') throw new Error('no replay');
    return createReplayFeed(job, { store, routes, clock: new FakeClock(startMs) });
  };
  return { id, stored, open, feed: await open() };
}

const wanted = async (feed: Awaited<ReturnType<typeof aReplay>>['feed']) =>
  (await feed.read(feed.after, 100, every)).filter((entry) => feed.wants(entry)).map(({ id }) => id);

test('sends what was accepted in its span, from its sources, up to where the sink was', async () => {
  const { store, entries } = await aStore();
  const span = await aReplay(store, { sinceMs: startMs + 1000, untilMs: startMs + 4000 });
  expect(await wanted(span.feed)).toEqual(['id-1', 'id-2', 'id-3']);
  const sources = await aReplay(store, { sources: ['detections'] });
  expect(await wanted(sources.feed)).toEqual(['id-1', 'id-3', 'id-5']);
  const bounded = await aReplay(store, {
    after: entries[1]?.position ?? 0,
    through: entries[3]?.position ?? 0,
  });
  expect(await wanted(bounded.feed)).toEqual(['id-2', 'id-3']);
});

test('sends what the routes send, or all that it is told to', async () => {
  const { store } = await aStore();
  expect((await aReplay(store)).feed.routes.reach('detections', 'siem')).toBe(false);
  expect((await aReplay(store, { allRoutes: true })).feed.routes.reach('detections', 'siem')).toBe(true);
});

test('goes on behind what is settled, with its counts, after a restart', async () => {
  const { store, entries } = await aStore();
  const { feed, open, stored } = await aReplay(store);
  const [first, second, third] = entries;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no entries');
  const refused = [{ entry: third, reason: 'mapping conflict', atMs: startMs }];
  await feed.keep({ through: third.position, accepted: [first, second], refused });
  const again = await open();
  expect(await wanted(again)).toEqual(['id-3', 'id-4', 'id-5']);
  await again.keep({ through: entries[3]?.position ?? 0, accepted: entries.slice(3, 4), refused: [] });
  expect(await stored()).toMatchObject({ done: 3, cursor: expect.stringContaining('"sent":3,"refused":1') });
  expect(await store.deadLetters('siem')).toMatchObject([
    { entry: { id: 'id-2' }, reason: 'mapping conflict' },
  ]);
  expect(await store.offset('siem')).toBe(entries.at(-1)?.position);
});

test('of dead letters removes what is taken, and keeps what is refused again with the new reason', async () => {
  const { store, entries } = await aStore();
  const letters = entries.slice(0, 3).map((entry) => ({ entry, reason: 'old reason', atMs: startMs }));
  await store.acknowledge('siem', 0, letters);
  const { feed } = await aReplay(store, { deadLetters: true, sources: ['alerts'] });
  expect(await wanted(feed)).toEqual(['id-0', 'id-2']);
  const [first, , third] = entries;
  if (first === undefined || third === undefined) throw new Error('no entries');
  await feed.keep({
    through: third.position,
    accepted: [first],
    refused: [{ entry: third, reason: 'still wrong', atMs: startMs + 1 }],
  });
  expect((await store.deadLetters('siem')).map(({ entry, reason }) => `${entry.id} ${reason}`)).toEqual([
    'id-1 old reason',
    'id-2 still wrong',
  ]);
});

test('goes back to what its receiver may have lost, dead letters included', async () => {
  const { store, entries } = await aStore();
  await store.acknowledge(
    'siem',
    0,
    entries.map((entry) => ({ entry, reason: 'too long', atMs: startMs })),
  );
  const { feed, open } = await aReplay(store, { deadLetters: true });
  const last = entries.at(-1)?.position ?? 0;
  await feed.keep({ through: last, accepted: entries, refused: [] });
  expect(await store.deadLetters('siem')).toEqual([]);
  await feed.rewind(entries[4]?.position ?? 0, false);
  const again = await open();
  expect(await wanted(again)).toEqual(['id-4', 'id-5']);
  expect((await store.deadLetters('siem')).map(({ reason }) => reason)).toEqual([
    'the connection ended before the receiver had confirmed it: it is sent once more',
    'the connection ended before the receiver had confirmed it: it is sent once more',
  ]);
});

test('that was over when its receiver may have lost the end of it is asked for once more, from there', async () => {
  const { store, entries } = await aStore();
  const { feed, id } = await aReplay(store);
  await feed.keep({ through: entries.at(-1)?.position ?? 0, accepted: entries, refused: [] });
  await store.endJob(id, startMs);
  await feed.rewind(entries[3]?.position ?? 0, true);
  const [rest] = await store.jobs();
  if (rest === undefined) throw new Error('no job');
  const job = readJob(rest);
  if (job?.kind !== 'replay') throw new Error('no replay');
  expect(job.spec).toMatchObject({ asked: '--sink siem', after: entries[2]?.position });
  expect(await wanted(createReplayFeed(job, { store, routes, clock: new FakeClock() }))).toEqual([
    'id-3',
    'id-4',
    'id-5',
  ]);
});

test('keeps its rows from being pruned until it is over', async () => {
  const { store, entries } = await aStore();
  const spec: ReplaySpec = {
    version: 1,
    sink: 'siem',
    asked: '',
    deadLetters: false,
    allRoutes: false,
    after: entries[2]?.position ?? 0,
    through: entries.at(-1)?.position ?? 0,
  };
  const id = await store.addJob('replay', JSON.stringify(spec), startMs, { keepFrom: spec.after + 1 });
  await store.prune(startMs + 86_400_000);
  expect((await store.readJournal(0, 100, every)).map((entry) => entry.id)).toEqual(['id-3', 'id-4', 'id-5']);
  await store.endJob(id, startMs);
  await store.prune(startMs + 86_400_000);
  expect(await store.readJournal(0, 100, every)).toEqual([]);
});
