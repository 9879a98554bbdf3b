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
const positions = (entries: readonly JournalEntry[] | undefined) => entries?.map(({ position }) => position);
const mebibyte = 2 ** 20;

test('who reads on gets what was accepted since, until all who read on have it', () => {
  const recent = new RecentEntries();
  recent.add([entry(1)]);
  expect(recent.read(0, 10, 1e6, 'late')).toBeUndefined();
  for (const reader of ['one', 'two']) expect(recent.read(1, 10, 1e6, reader)).toEqual([]);
  recent.add([entry(2), entry(3), entry(4)]);
  expect(positions(recent.read(1, 2, 1e6, 'one'))).toEqual([2, 3]);
  expect(positions(recent.read(1, 10, 15, 'two'))).toEqual([2]);
  expect(positions(recent.read(2, 10, 1e6, 'two'))).toEqual([3, 4]);
  expect(positions(recent.read(2, 10, 1e6, undefined))).toBeUndefined();
  expect(positions(recent.read(3, 10, 1e6, 'one'))).toEqual([4]);
  expect(recent.read(3, 10, 1e6, undefined)).toBeUndefined();
});

test('who has found the end on the disk gets what is accepted from then on, unless more was accepted meanwhile', () => {
  const recent = new RecentEntries();
  recent.atEnd('siem', 7);
  recent.add([entry(8)]);
  expect(positions(recent.read(7, 10, 1e6, 'siem'))).toEqual([8]);
  recent.add([entry(9)]);
  recent.atEnd('late', 8);
  expect(positions(recent.read(8, 10, 1e6, 'siem'))).toEqual([9]);
});

test('nothing is kept for nobody, and no more than is bounded for those who are slow', () => {
  const recent = new RecentEntries();
  recent.add([entry(1), entry(2)]);
  expect(recent.read(1, 10, 1e6, undefined)).toBeUndefined();
  recent.read(2, 10, 1e6, 'slow');
  for (let position = 3; position <= 10; position++) recent.add([entry(position, mebibyte)]);
  expect(recent.read(2, 10, 1e9, 'slow')).toBeUndefined();
  expect(positions(recent.read(8, 10, 1e9, undefined))).toEqual([9, 10]);
});

test('accepting waits for who reads on, and not for who has stopped', async () => {
  const recent = new RecentEntries();
  recent.add([entry(1)]);
  recent.read(1, 10, 1e6, 'siem');
  for (const position of [2, 3, 4]) recent.add([entry(position, mebibyte)]);
  let room = false;
  const waiting = recent.room().then(() => {
    room = true;
  });
  await Promise.resolve();
  expect(room).toBe(false);
  recent.read(1, 10, 1e9, 'siem');
  await waiting;

  for (const position of [5, 6, 7]) recent.add([entry(position, mebibyte)]);
  await recent.room();
  recent.add([entry(8)]);
  expect(recent.read(4, 10, 1e9, 'siem')).toBeUndefined();
});
