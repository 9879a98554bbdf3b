import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteReader, openSqliteStore } from '../../src/store/sqlite.ts';
import { storeError } from '../../src/store/sqlite-error.ts';
import { incompressible } from '../support/incompressible.ts';
import { instant, page, record, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

let place: ReturnType<typeof storePlace>;
beforeEach(() => {
  place = storePlace();
});
afterEach(() => place[Symbol.dispose]());

/** Runs SQL on the file itself, behind the store's back. */
function alter(sql: string): void {
  const db = new DatabaseSync(place.path);
  db.exec(sql);
  db.close();
}

const failure = (code: string, ...parts: string[]) => ({
  code,
  message: expect.stringMatching(new RegExp(parts.join('.*'), 's')),
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('opening', () => {
  test('makes files that only their owner can read', async () => {
    await using store = openSqliteStore(place.path);
    await store.accept(page([record('a')]));
    const directory = dirname(place.path);
    const names = readdirSync(directory).toSorted();
    expect(names).toContain('state.db');
    for (const name of names) expect([name, statSync(join(directory, name)).mode & 0o077]).toEqual([name, 0]);
  });

  test('refuses a store of a later release and leaves it as it is', async () => {
    await openSqliteStore(place.path)[Symbol.asyncDispose]();
    alter('PRAGMA user_version = 99');
    expect(thrownBy(() => openSqliteStore(place.path))).toMatchObject(
      failure('STORE_NEWER', 'state.db', 'later release', 'schema 99', 'install that release'),
    );
    expect(thrownBy(() => openSqliteReader(place.path))).toMatchObject({ code: 'STORE_NEWER' });
    alter('PRAGMA user_version = 1');
    await openSqliteStore(place.path)[Symbol.asyncDispose]();
  });

  test("refuses another program's database and leaves it as it is", () => {
    alter('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    expect(thrownBy(() => openSqliteStore(place.path))).toMatchObject(
      failure('STORE_UNUSABLE', 'state.db', 'another program', 'store.path'),
    );
    const db = new DatabaseSync(place.path);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' });
    db.close();
  });

  test.each([
    [
      'a file that is no database',
      () => writeFileSync(place.path, 'x'.repeat(5000)),
      'STORE_DAMAGED',
      'not a SQLite database',
    ],
    ['a directory in its place', () => mkdirSync(place.path), 'STORE_UNUSABLE', 'cannot be opened'],
  ])('refuses %s, and says what to do', (_what, prepare, code, words) => {
    prepare();
    expect(thrownBy(() => openSqliteStore(place.path))).toMatchObject(failure(code, 'state.db', words));
    expect(thrownBy(() => openSqliteReader(place.path))).toMatchObject(failure(code, 'state.db', words));
  });

  test('refuses a directory that is not there, and says what to do', () => {
    expect(thrownBy(() => openSqliteStore(join(dirname(place.path), 'none', 'state.db')))).toMatchObject(
      failure('STORE_UNUSABLE', 'none', 'directory must exist'),
    );
  });

  test('says that a store is damaged when its pages are', async () => {
    const store = openSqliteStore(place.path);
    await store.accept(
      page(Array.from({ length: 200 }, (_, i) => record(`id-${i}`, undefined, 'x'.repeat(5000)))),
    );
    await store[Symbol.asyncDispose]();
    truncateSync(place.path, 16_384 * 3);
    const work = async () => {
      await using damaged = openSqliteStore(place.path);
      await damaged.readJournal(0, 1000, 1e9);
    };
    await expect(work()).rejects.toMatchObject(
      failure('STORE_DAMAGED', 'state.db', 'damaged', 'Still to be read: .*journal rows'),
    );
  });

  test('is possible again after it failed', async () => {
    mkdirSync(place.path);
    thrownBy(() => openSqliteStore(place.path));
    const other = storePlace();
    await openSqliteStore(other.path)[Symbol.asyncDispose]();
    await openSqliteStore(other.path)[Symbol.asyncDispose]();
    other[Symbol.dispose]();
  });

  test('makes good a first opening that was cut short', async () => {
    alter('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
    await using store = openSqliteStore(place.path);
    expect(await store.accept(page([record('a')]))).toMatchObject({ accepted: 1 });
  });

  test('is refused while the store is open, also through a link to it', async () => {
    const store = openSqliteStore(place.path);
    const link = join(dirname(place.path), 'link.db');
    symlinkSync(place.path, link);
    for (const path of [place.path, link]) {
      expect(thrownBy(() => openSqliteStore(path))).toMatchObject(
        failure('STORE_UNUSABLE', `process ${process.pid} on .* is using it`),
      );
    }
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await openSqliteStore(link)[Symbol.asyncDispose]();
  });
});

describe('a reader', () => {
  test('reads beside the process that writes, and sees what is committed', async () => {
    await using store = openSqliteStore(place.path);
    await store.registerSinks(['one'], startMs);
    await using reader = openSqliteReader(place.path);
    await store.accept(page([record('a')], { watermark: instant('2026-11-03T08:00:00Z') }));
    expect((await reader.progress()).sinks[0]).toMatchObject({ sink: 'one', backlog: 1 });
    expect(await reader.watermark('alerts')).toBe('2026-11-03T08:00:00.0000000Z');
    expect(await reader.readJournal(0, 9, 1e6)).toHaveLength(1);
    expect(await reader.deadLetters('one')).toEqual([]);
    expect(await reader.bytes()).toBeGreaterThan(0);
    await store.prune(startMs);
  });

  test('reads while nobody writes, and hinders nobody from starting', async () => {
    await openSqliteStore(place.path)[Symbol.asyncDispose]();
    await using reader = openSqliteReader(place.path);
    expect(await reader.progress()).toEqual({ sources: [], sinks: [] });
    await openSqliteStore(place.path)[Symbol.asyncDispose]();
  });

  test('says so when there is no store yet', () => {
    expect(thrownBy(() => openSqliteReader(place.path))).toMatchObject(
      failure('STORE_UNUSABLE', 'state.db', 'none yet'),
    );
  });

  test('leaves a store of an earlier release to the one that may write', () => {
    writeFileSync(place.path, '');
    expect(thrownBy(() => openSqliteReader(place.path))).toMatchObject(
      failure('STORE_UNUSABLE', 'earlier release'),
    );
  });
});

describe('an error of SQLite', () => {
  test.each([
    [
      'a full disk',
      'PRAGMA max_page_count = 3',
      'INSERT INTO t VALUES (zeroblob(100000))',
      'the disk is full',
    ],
    ['a file that may not be written', 'PRAGMA query_only = ON', 'INSERT INTO t VALUES (1)', 'not writable'],
  ])('of %s names the store and the remedy', (_what, prepare, statement, words) => {
    const db = new DatabaseSync(':memory:');
    db.exec(`CREATE TABLE t (a); ${prepare}`);
    const error = storeError(
      thrownBy(() => db.exec(statement)),
      '/var/lib/state.db',
    );
    expect(error).toMatchObject(failure('STORE_UNUSABLE', 'store /var/lib/state.db', words));
    db.close();
  });

  test('that is a bug stays as it is', () => {
    const db = new DatabaseSync(':memory:');
    const error = thrownBy(() => db.exec('SELECT nothing'));
    expect(storeError(error, 'state.db')).toBe(error);
    expect(storeError('text', 'state.db')).toBe('text');
    db.close();
  });
});

test('over 30 days of pages and pruning the file stays as large as what it keeps', async () => {
  await using store = openSqliteStore(place.path);
  await store.registerSinks(['one'], startMs);
  const dayMs = 86_400_000;
  const sizes: number[] = [];
  for (let day = 0; day < 30; day++) {
    for (let number = 0; number < 4; number++) {
      const nowMs = startMs + day * dayMs + number * 1000;
      const updated = new Date(nowMs).toISOString();
      const records = Array.from({ length: 60 }, (_, i) =>
        record(`${day}-${number}-${i}`, updated, 'x'.repeat(2000 + i * 50)),
      );
      const forgetBefore = instant(new Date(nowMs - 900_000).toISOString());
      await store.accept(page(records, { nowMs, watermark: instant(updated), forgetBefore }));
    }
    const last = (await store.progress()).sinks[0];
    await store.acknowledge('one', (last?.offset ?? 0) + (last?.backlog ?? 0), []);
    await store.prune(startMs + (day - 7) * dayMs);
    sizes.push(await store.bytes());
  }
  const settled = sizes.slice(10);
  expect(Math.max(...settled)).toBeLessThan(Math.min(...settled) * 1.1);
  expect(Math.max(...settled)).toBeLessThan(10 * 240 * 5000);
});

test('the space of what was deleted goes back to the file system', async () => {
  await using store = openSqliteStore(place.path);
  await store.registerSinks(['one'], startMs);
  const empty = await store.bytes();
  const records = Array.from({ length: 1000 }, (_, i) =>
    record(`id-${i}`, undefined, incompressible(`${i}`, 27_000)),
  );
  await store.accept(page(records));
  expect(await store.bytes()).toBeGreaterThan(20e6);
  await store.acknowledge('one', 1000, []);
  await store.prune(startMs + 1);
  expect(await store.bytes()).toBeLessThan(empty + 1e6);
});
