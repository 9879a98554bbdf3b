import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { ConnectorError, messageOf } from '../../src/errors.ts';
import type { Random } from '../../src/simulator/random.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { JournalEntry, Store } from '../../src/store/store.ts';
import { surveyStore } from '../../src/store/survey.ts';
import { breakByte, breakPage, filledRows, fillStore } from '../support/damaged-store.ts';
import { page, record } from '../support/store-contract.ts';

/** What became of damaged stores. */
export interface DamageTally {
  harmed: number;
  /** Refused when they were opened, or when the damage was read. */
  refused: number;
  /** Opened and read to the last row, each as it was written: the harm fell where nothing stood. */
  whole: number;
  readonly broken: string[];
}

const files = ['', '-wal'];

/** Harms copies of a store at random, each in one way, and looks whether one of them is taken for whole. */
export async function harmStores(folder: string, rounds: number, random: Random): Promise<DamageTally> {
  const original = `${folder}/original.db`;
  const harmed = `${folder}/harmed.db`;
  await fillStore(original);
  const written = await withUnfinishedLog(original);
  const tally: DamageTally = { harmed: 0, refused: 0, whole: 0, broken: [] };
  for (let round = 0; round < rounds; round++) {
    for (const file of ['', '-wal', '-shm', '-lock', '-reserve']) rmSync(`${harmed}${file}`, { force: true });
    for (const file of files) copyFileSync(`${original}${file}`, `${harmed}${file}`);
    const what = harm(harmed, random);
    tally.harmed++;
    await judge(harmed, what, written, tally);
  }
  return tally;
}

/** Leaves the store as a crash would: the last commits stand in the log alone. Returns what the journal holds. */
async function withUnfinishedLog(path: string): Promise<readonly JournalEntry[]> {
  await using store = openSqliteStore(path);
  for (let number = 0; number < 10; number++) await store.accept(page([record(`late-${number}`)]));
  for (const file of files) copyFileSync(`${path}${file}`, `${path}-copy${file}`);
  const written = await wholeJournal(store);
  await store[Symbol.asyncDispose]();
  for (const file of files) copyFileSync(`${path}-copy${file}`, `${path}${file}`);
  return written;
}

async function wholeJournal(store: Store): Promise<readonly JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (;;) {
    const entries = await store.readJournal(all.at(-1)?.position ?? 0, 500, 1e7);
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

function harm(path: string, random: Random): string {
  const { size } = statSync(path);
  const logSize = statSync(`${path}-wal`).size;
  const place = random.between(0, size - 1);
  const logPlace = random.between(0, logSize - 1);
  const ways: readonly (readonly [string, () => void])[] = [
    [`page at ${place}`, () => breakPage(path, Math.floor(place / 16_384))],
    [`byte ${place}`, () => breakByte(path, place)],
    [`cut at ${place}`, () => truncateSync(path, place)],
    [`byte ${logPlace} of the log`, () => breakByte(`${path}-wal`, logPlace)],
  ];
  const [what, act] = random.pick(ways);
  act();
  return what;
}

async function judge(
  path: string,
  what: string,
  written: readonly JournalEntry[],
  tally: DamageTally,
): Promise<void> {
  try {
    await using store = openSqliteStore(path);
    const journal = await wholeJournal(store);
    const offsets = await Promise.all([store.offset('one'), store.offset('two')]);
    const same = JSON.stringify(journal) === JSON.stringify(written) && offsets.join() === '500,0';
    // A log's last commit may have been torn by a crash: what it held is read again from the source.
    const lastTorn = JSON.stringify(journal) === JSON.stringify(written.slice(0, -1));
    if (same || (lastTorn && what.endsWith('of the log'))) tally.whole++;
    else
      tally.broken.push(
        `${what}: the store was taken for whole with ${journal.length} rows, some not as written`,
      );
  } catch (error) {
    tally.refused++;
    if (!(error instanceof ConnectorError) || error.code !== 'STORE_DAMAGED' || error.exitCode !== 6) {
      tally.broken.push(`${what}: ${messageOf(error)}`);
    }
  }
  const { tables } = surveyStore(path);
  const lostRows = filledRows - tables.journal.rows;
  if (what.startsWith('page') && lostRows > 100 && tables.journal.extent !== 'nothing') {
    tally.broken.push(`${what}: the survey reads ${tables.journal.rows} rows only`);
  }
}
