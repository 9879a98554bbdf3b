import type { DatabaseSync } from 'node:sqlite';

/** The tables of a store, each with the number that its rows are found by; undefined where they have none. */
export const storeTables = {
  source: 'id',
  sink: undefined,
  journal: 'position',
  dead_letter: 'rowid',
  seen: undefined,
  counter: undefined,
  gap: undefined,
  audit: 'number',
  job: 'id',
} as const;

/** The name of a table of the store. */
export type StoreTable = keyof typeof storeTables;

/** A row by its columns; `row_number` is what it was found by. */
export type TableRow = Readonly<Record<string, string | number | Uint8Array | null>>;

/** How much of a table could be read: all of it, a part, nothing, or so much until `onRow` had enough. */
export type Extent = 'whole' | 'part' | 'nothing' | 'stopped';

/**
 * Reads all rows of a table that can be read, damaged places passed over. `onRow` returns false when it has enough.
 * Never throws but what `onRow` throws.
 */
export function readRows(db: DatabaseSync, table: StoreTable, onRow: (row: TableRow) => boolean): Extent {
  const number = storeTables[table];
  let rows = 0;
  const reading = {
    db,
    take(row: TableRow) {
      rows++;
      return onRow(row);
    },
  };
  const extent = number === undefined ? fromBothEnds(reading, table) : byNumber(reading, table, number);
  return extent === 'part' && rows === 0 ? 'nothing' : extent;
}

interface Reading {
  readonly db: DatabaseSync;
  readonly take: (row: TableRow) => boolean;
}

/** Behind a damaged place it goes on at the first number that can be read, found in steps that double. */
function byNumber(reading: Reading, table: string, number: string): Extent {
  const sql = `SELECT ${number} AS row_number, * FROM ${table} WHERE ${number} > ? ORDER BY ${number}`;
  const canBeRead = (after: number) => attempt(() => reading.db.prepare(sql).get(after)) !== failed;
  let last = -1;
  let whole = true;
  for (;;) {
    const end = runThrough({
      ...reading,
      sql,
      from: [last],
      take(row) {
        last = Number(row.row_number);
        return reading.take(row);
      },
    });
    if (end !== failed) return end === 'stopped' ? 'stopped' : whole ? 'whole' : 'part';
    whole = false;
    const next = behindDamage(last, canBeRead);
    if (next === undefined) return 'part';
    last = next;
  }
}

/** Returns the first number behind which rows can be read again; undefined when there is none. */
function behindDamage(last: number, canBeRead: (after: number) => boolean): number | undefined {
  let step = 1;
  while (!canBeRead(last + step)) {
    step *= 2;
    if (last + step >= Number.MAX_SAFE_INTEGER) return undefined;
  }
  let unread = last + Math.floor(step / 2);
  let readable = last + step;
  while (readable - unread > 1) {
    const middle = Math.floor((unread + readable) / 2);
    if (canBeRead(middle)) readable = middle;
    else unread = middle;
  }
  return readable;
}

/** From the beginning up to a damaged place, then from the end back to one. */
function fromBothEnds(reading: Reading, table: string): Extent {
  const keys = keysOf(reading.db, table);
  if (keys === undefined) return 'part';
  const sql = (direction: string) =>
    `SELECT * FROM ${table} ORDER BY ${keys.map((key) => `${key} ${direction}`).join(', ')}`;
  const forward = runThrough({ ...reading, sql: sql('ASC'), from: [] });
  if (forward !== failed) return forward;
  return runThrough({ ...reading, sql: sql('DESC'), from: [] }) === 'stopped' ? 'stopped' : 'part';
}

function keysOf(db: DatabaseSync, table: string): readonly string[] | undefined {
  const columns = attempt(() => db.prepare(`PRAGMA table_info(${table})`).all());
  if (columns === failed) return undefined;
  const keys = (columns as { name: string; pk: number }[]).filter(({ pk }) => pk > 0);
  return keys.length === 0 ? undefined : keys.sort((a, b) => a.pk - b.pk).map(({ name }) => name);
}

const failed = Symbol('failed');

function runThrough(
  reading: Reading & { readonly sql: string; readonly from: readonly number[] },
): 'whole' | 'stopped' | typeof failed {
  const rows = attempt(() => reading.db.prepare(reading.sql).iterate(...reading.from));
  if (rows === failed) return failed;
  for (;;) {
    const next = attempt(() => rows.next());
    if (next === failed) return failed;
    if (next.done === true) return 'whole';
    if (!reading.take(next.value as TableRow)) return 'stopped';
  }
}

function attempt<Result>(work: () => Result): Result | typeof failed {
  try {
    return work();
  } catch {
    return failed;
  }
}
