import { expect, test } from 'vitest';
import { RecentEntries } from '../../src/store/recent.ts';
import type { JournalEntry } from '../../src/store/store.ts';

const entry = (position: number, characters = 10): JournalEntry => ({
  position,
  source: 'alerts',
  kind: 'alert',
  id: `id-${position}`,
  version: '1',
  json: 'x'.repeat(characters),
  acceptedAtMs: 0,
  earlier: [],
});
const mebibyte = 2 ** 20;

function readOn(recent: RecentEntries, reader: string, after: number, maxRows = 1000, maxBytes = 1e9) {
  const entries = recent.read(after, maxRows, maxBytes);
  if (entries !== undefined) recent.follow(reader, entries.at(-1)?.position ?? after);
  return entries?.map(({ position }) => position);
}

/** Tells whether accepting waits. */
async function waits(recent: RecentEntries): Promise<boolean> {
  let room = false;
  void recent.room().then(() => {
    room = true;
  });
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return !room;
}

test('who reads on gets what was accepted since, until all who read on have it', () => {
  const recent = new RecentEntries();
  for (const reader of ['one', 'two']) recent.follow(reader, 1);
  recent.add([entry(2), entry(3), entry(4)]);
  expect(readOn(recent, 'late', 0)).toBeUndefined();
  expect(readOn(recent, 'one', 1, 2)).toEqual([2, 3]);
  expect(readOn(recent, 'two', 1, 1000, 15)).toEqual([2]);
  expect(readOn(recent, 'two', 2)).toEqual([3, 4]);
  expect(recent.read(2, 10, 1e6)).toBeUndefined();
  expect(readOn(recent, 'one', 3)).toEqual([4]);
  expect(recent.read(3, 10, 1e6)).toBeUndefined();
  expect(readOn(recent, 'one', 4)).toEqual([]);
});

test('nothing is kept for nobody, nor for who is far behind, and no more than is bounded for who is slow', () => {
  const recent = new RecentEntries();
  recent.add([entry(1), entry(2)]);
  expect(recent.read(1, 10, 1e6)).toBeUndefined();
  recent.follow('slow', 2);
  for (let position = 3; position <= 10; position++) recent.add([entry(position, mebibyte)]);
  expect(readOn(recent, 'slow', 2)).toBeUndefined();
  expect(recent.read(8, 10, 1e9)).toHaveLength(2);

  const far = new RecentEntries();
  far.follow('far', 5);
  far.add([entry(5000)]);
  expect(far.read(4999, 10, 1e6)).toBeUndefined();
  far.follow('far', 2999);
  far.add([entry(5001)]);
  expect(far.read(5000, 10, 1e6)).toBeUndefined();
});

test('accepting waits for who is near, in memory or on the disk, and not for who has stopped', async () => {
  const recent = new RecentEntries();
  recent.follow('siem', 1);
  recent.add([entry(2)]);
  expect(await waits(recent)).toBe(false);
  for (const position of [3, 4]) recent.add([entry(position, 0.9 * mebibyte)]);
  expect(await waits(recent)).toBe(true);
  expect(readOn(recent, 'siem', 1)).toEqual([2, 3, 4]);
  expect(await waits(recent)).toBe(false);

  // One that comes near on the disk reads the rest there while accepting waits, and is in memory from then on.
  recent.follow('behind', 2);
  recent.add([entry(5)]);
  expect(await waits(recent)).toBe(true);
  expect(readOn(recent, 'behind', 2)).toBeUndefined();
  recent.follow('behind', 5);
  expect(await waits(recent)).toBe(false);

  for (const position of [6, 7, 8]) recent.add([entry(position, 0.6 * mebibyte)]);
  await recent.room();
  expect(recent.read(7, 10, 1e9)).toBeUndefined();
});
