import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConnectorError } from '../../src/errors.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FullDiskReport } from './full-disk-process.ts';
import type { Report, Scale, Scenario } from './scenario.ts';
import { runOnSmallDisk, whyNoSmallDisk } from './small-disk.ts';
import { harmStores } from './store-damage.ts';
import { liveThirtyDays } from './store-growth.ts';

/** The disk of the run with a full one: room for the reserve, what it needs beside it, and a store. */
const diskMebibytes = 80;

/** Full disks, harmed files, stores that are not to be opened, and 30 days of growth. */
export const scenario: Scenario = {
  name: 'store',
  promise:
    'on a full disk collection waits and delivery goes on; a harmed store is refused, never believed; 30 days do not make it grow',
  async run(scale) {
    const random = randomOf(scale.seed, 'store');
    const folder = mkdtempSync(join(tmpdir(), 'campaign-store-'));
    // Thousands of commits, each synced: in memory where there is such a place.
    const inMemory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'campaign-store-'));
    const noDisk = whyNoSmallDisk();
    if (noDisk !== undefined) scale.note(`NOT TESTED on a full disk and a read-only one: ${noDisk}`);
    try {
      const full = noDisk === undefined ? await fillDisks(scale) : nothingFilled;
      const harm = await harmStores(inMemory, scale.long ? 400 : 10, random);
      scale.note(`${harm.harmed} stores harmed, ${harm.refused} refused`);
      const refusals = await refuse(folder, noDisk === undefined);
      const growth = await grow(join(inMemory, 'growth'), scale, random);
      return {
        figures: {
          faults: full.faults + harm.harmed + refusals.tried,
          refused: harm.refused + refusals.refused,
          recovered: full.broken.length === 0 ? full.faults : 0,
          'delivered on a full disk': full.deliveredWhileFull,
          events: full.events,
          lost: full.lost,
          repeated: full.repeated,
          ...growth.figures,
        },
        broken: [...full.broken, ...harm.broken, ...refusals.broken, ...growth.broken],
      };
    } finally {
      for (const place of [folder, inMemory]) rmSync(place, { recursive: true, force: true });
    }
  },
};

/** Where no disk can be made to fill. */
const nothingFilled: FullDiskReport = {
  faults: 0,
  events: 0,
  lost: 0,
  repeated: 0,
  deliveredWhileFull: 0,
  broken: [],
};

async function fillDisks({ seed, long, note }: Scale): Promise<FullDiskReport> {
  const rounds = long ? 20 : 1;
  const output = await runOnSmallDisk('full-disk-process.ts', diskMebibytes, [String(seed), String(rounds)]);
  const report = JSON.parse(output) as FullDiskReport;
  note(`disk filled ${report.faults} times, ${report.deliveredWhileFull} events delivered meanwhile`);
  return report;
}

interface Refusals {
  tried: number;
  refused: number;
  readonly broken: string[];
}

/** A store of a newer version, one that another process has, and a read-only disk: exit 6, and nothing is changed. */
async function refuse(folder: string, withDisk: boolean): Promise<Refusals> {
  const result: Refusals = { tried: 0, refused: 0, broken: [] };
  const judge = (
    what: string,
    words: RegExp,
    error: { code?: string; exitCode?: number; message: string },
  ) => {
    result.tried++;
    if (error.exitCode === 6 && words.test(error.message)) result.refused++;
    else result.broken.push(`${what}: ${error.code} ${error.message}`);
  };
  const openingFails = (path: string) => {
    try {
      openSqliteStore(path);
    } catch (error) {
      if (error instanceof ConnectorError) return error;
      throw error;
    }
    return { code: 'opened', message: '' };
  };

  const path = join(folder, 'state.db');
  const store = openSqliteStore(path);
  judge('two processes on one store', /is using it; stop that one first/, openingFails(path));
  await store[Symbol.asyncDispose]();

  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 1000');
  db.close();
  const before = readFileSync(path);
  judge('a store of a newer version', /a later release wrote it/, openingFails(path));
  if (!readFileSync(path).equals(before)) result.broken.push('a store of a newer version was changed');

  if (!withDisk) return result;
  const output = await runOnSmallDisk('read-only-process.ts', 8, []);
  const [opened, made, read] = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { code: string; exitCode: number; message: string });
  for (const error of [opened, made]) {
    if (error !== undefined) judge('a read-only disk', /must exist and be writable by the user/, error);
  }
  if (read?.message !== '1 rows') result.broken.push(`reading on a read-only disk: ${read?.message}`);
  return result;
}

const settledDay = 10;

async function grow(folder: string, scale: Scale, random: Random): Promise<Report> {
  mkdirSync(folder);
  const life = scale.long ? { alertsPerDay: 10_000, hoursAtOnce: 1 } : { alertsPerDay: 60, hoursAtOnce: 12 };
  const { bytes, pruneMs, notes } = await liveThirtyDays(join(folder, 'state.db'), life, random);
  const settled = bytes.slice(settledDay - 1);
  const broken: string[] = [];
  if (Math.max(...settled) > Math.min(...settled) * 1.15) {
    broken.push(`the store grew from ${Math.min(...settled)} to ${Math.max(...settled)} bytes`);
  }
  const early = mean(pruneMs.slice(settledDay - 1, settledDay + 5));
  const late = mean(pruneMs.slice(-6));
  // Where little is pruned, the clock of the processor is too coarse to judge by.
  if (scale.long && late > early * 2) broken.push(`a prune took ${early} ms, and ${late} ms in the end`);
  const megabytes = (day: number) => `${((bytes[day - 1] ?? 0) / 1e6).toFixed(1)} MB`;
  return {
    figures: {
      days: bytes.length,
      'alerts a day': life.alertsPerDay,
      'size day 10': megabytes(settledDay),
      'size day 30': megabytes(bytes.length),
      'prune ms day 10': early.toFixed(1),
      'prune ms day 30': late.toFixed(1),
      'notes kept': notes,
    },
    broken,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
