import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInUse } from '../../src/store/lock.ts';
import type { Store } from '../../src/store/store.ts';
import { openStoreThread } from '../../src/store/threaded.ts';
import { breakBlock, fillStore } from '../support/damaged-store.ts';
import { page, record, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

let place: ReturnType<typeof storePlace>;
beforeEach(() => {
  place = storePlace();
});
afterEach(() => place[Symbol.dispose]());

const idsOf = async (store: Store, after = 0) =>
  (await store.readJournal(after, 1000, 1e9)).map(({ id }) => id);

test('calls made at once are kept in their order, each with its own outcome', async () => {
  await using store = await openStoreThread(place.path);
  await store.registerSinks(['siem'], startMs);
  const outcomes = await Promise.allSettled([
    store.accept(page([record('a'), record('b')])),
    store.accept(page([record('b'), record('c')])),
    store.acknowledge('siem', 1, []),
    store.acknowledge('nobody', 1, []),
    store.recordRun('alerts', startMs, undefined),
    store.accept(page([record('d')])),
    store.offset('siem'),
  ]);
  expect(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason))),
  ).toEqual([
    { accepted: 2, repeated: 0 },
    { accepted: 1, repeated: 1 },
    undefined,
    'Error: sink nobody was not registered with the store before it was used',
    undefined,
    { accepted: 1, repeated: 0 },
    1,
  ]);
  expect(await idsOf(store)).toEqual(['a', 'b', 'c', 'd']);
});

test('what was accepted is there for the next process, and what it had parsed to for this one', async () => {
  const parsed = { id: 'a' };
  const known = { ...record('a'), parsed };
  {
    await using store = await openStoreThread(place.path);
    await store.registerSinks(['siem'], startMs);
    await store.readJournal(0, 10, 1e6, 'siem');
    await store.accept(page([record('0')]));
    await store.readJournal(1, 10, 1e6, 'siem');
    await store.accept(page([known]));
    const [entry] = await store.readJournal(1, 10, 1e6, 'siem');
    expect(entry?.parsed).toBe(parsed);
    if (entry === undefined) throw new Error('nothing was accepted');
    await store.acknowledge('siem', 2, [{ entry, reason: 'refused', atMs: startMs }]);
  }
  await using store = await openStoreThread(place.path);
  const { parsed: _parsed, ...entry } = {
    ...known,
    position: 2,
    source: 'alerts',
    acceptedAtMs: startMs,
    earlier: [],
  };
  const { kind, id, version, json, position, source, acceptedAtMs, earlier } = entry;
  const stored = { kind, id, version, json, position, source, acceptedAtMs, earlier };
  expect(await store.readJournal(1, 10, 1e6)).toEqual([stored]);
  expect(await store.deadLetters('siem')).toMatchObject([{ entry: stored }]);
});

test('failures arrive as what they are', async () => {
  await fillStore(place.path);
  breakBlock(place.path, 1200);
  await using store = await openStoreThread(place.path);
  const second = openStoreThread(place.path);
  await expect(second).rejects.toSatisfy(isInUse);
  await expect(store.readJournal(1150, 1000, 1e9)).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    exitCode: 6,
  });
  await store[Symbol.asyncDispose]();
  await expect(store.offset('one')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
});
