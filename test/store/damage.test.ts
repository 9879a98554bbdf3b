import { copyFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteReader, openSqliteStore } from '../../src/store/sqlite.ts';
import { surveyStore } from '../../src/store/survey.ts';
import { breakBlock, breakByte, breakTable, filledRows, fillStore } from '../support/damaged-store.ts';
import { page, record } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

let place: ReturnType<typeof storePlace>;
beforeEach(async () => {
  place = storePlace();
  await fillStore(place.path);
});
afterEach(() => place[Symbol.dispose]());

const refusal = (...words: string[]) => ({
  code: 'STORE_DAMAGED',
  exitCode: 6,
  message: expect.stringMatching(new RegExp(words.join('.*'), 's')),
});

function openingFails(): unknown {
  try {
    openSqliteStore(place.path);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('opening refuses', () => {
  test.each<[string, () => void, string[]]>([
    ['a lost header', () => breakByte(place.path, 3), ['not a SQLite database', 'Nothing of it can be read']],
    [
      'a file that was cut',
      () => truncateSync(place.path, Math.floor(statSync(place.path).size / 2)),
      ['malformed', 'sinks with their offsets 2', 'journal rows [1-9].*not all', 'Next: .*mv .*damaged'],
    ],
    [
      'a file that was cut in its last page',
      () => truncateSync(place.path, statSync(place.path).size - 100),
      [''],
    ],
    ['a table that is gone', () => breakTable(place.path, 'sink'), ['not: sinks with their offsets']],
    [
      'an index that is gone',
      () => breakTable(place.path, 'seen_by_time'),
      ['journal rows 2000, dead letters 1, seen keys 2000'],
    ],
    [
      'a broken page that a sink reads next',
      () => breakBlock(place.path, 505),
      ['journal rows 19\\d\\d .not all'],
    ],
  ])('%s, and says what can still be read', (_what, harm, words) => {
    harm();
    expect(openingFails()).toMatchObject(refusal('state.db is damaged', ...words));
    // It is refused again: nothing of it was changed.
    expect(openingFails()).toMatchObject({ code: 'STORE_DAMAGED' });
  });

  test('a write-ahead log that is broken in the middle, and takes one that ends in a torn commit', async () => {
    const copy = storePlace();
    const store = openSqliteStore(place.path);
    for (let number = 0; number < 5; number++) await store.accept(page([record(`late-${number}`)]));
    for (const suffix of ['', '-wal']) copyFileSync(`${place.path}${suffix}`, `${copy.path}${suffix}`);
    await store[Symbol.asyncDispose]();
    const log = readFileSync(`${copy.path}-wal`);
    const restore = () => copyFileSync(`${place.path}-copy`, `${copy.path}-wal`);
    copyFileSync(`${copy.path}-wal`, `${place.path}-copy`);

    for (const at of [40, 300, 20_000]) {
      breakByte(`${copy.path}-wal`, at);
      expect(() => openSqliteStore(copy.path)).toThrow(
        /write-ahead log is broken, with \d+ finished commits/,
      );
      restore();
    }
    breakByte(`${copy.path}-wal`, 18);
    expect(() => openSqliteStore(copy.path)).toThrow(/the beginning of its write-ahead log is wrong/);
    restore();
    breakByte(`${copy.path}-wal`, log.length - 100);
    const opened = openSqliteStore(copy.path);
    const known = await opened.known(
      'alerts',
      Array.from({ length: 5 }, (_, number) => record(`late-${number}`)),
    );
    expect(known).toEqual([true, true, true, true, false]);
    await opened[Symbol.asyncDispose]();
    copy[Symbol.dispose]();
  });
});

test('damage that nobody looked at is found when it is read, as damage', async () => {
  breakBlock(place.path, 1200);
  await using store = openSqliteStore(place.path);
  await expect(store.readJournal(1100, 1000, 1e9)).rejects.toMatchObject(refusal('state.db is damaged'));
});

test('a reader that checks finds what opening finds; one that does not reads on', async () => {
  breakTable(place.path, 'seen_by_time');
  expect(() => openSqliteReader(place.path, { checked: true })).toThrow(/is damaged/);
  await using reader = openSqliteReader(place.path);
  expect((await reader.progress()).sinks).toHaveLength(2);
});

test('a survey passes over each damaged place, and tells offsets, watermarks and dead letters', () => {
  for (const position of [700, 1200, 1900]) breakBlock(place.path, position);
  breakTable(place.path, 'counter');
  const { tables, sources, sinks } = surveyStore(place.path);
  expect(tables.journal.extent).toBe('part');
  expect(tables.journal.rows).toBeGreaterThan(filledRows - 400);
  expect(tables.journal.rows).toBeLessThan(filledRows);
  expect(tables.counter).toEqual({ rows: 0, extent: 'nothing' });
  expect(tables.seen).toEqual({ rows: filledRows, extent: 'whole' });
  expect(sources).toMatchObject([
    { source: 'alerts', watermark: '2026-11-03T07:59:59.0000000Z', accepted: filledRows },
  ]);
  expect(sinks).toMatchObject([
    { sink: 'one', offset: 500, backlog: 1500, deadLetters: 1 },
    { sink: 'two', offset: 0, backlog: 2000, deadLetters: 0 },
  ]);
});
