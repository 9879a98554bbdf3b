import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { instantOf } from '../../src/fields/instant.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { incompressible } from './incompressible.ts';
import { page, record, startMs } from './store-contract.ts';

/** Rows in the journal of `fillStore`. */
export const filledRows = 2000;

/** The sink `one` has 500 rows behind it and one dead letter, `two` none; the last watermark is a second before now. */
export async function fillStore(path: string): Promise<void> {
  await using store = openSqliteStore(path);
  await store.registerSinks(['one', 'two'], startMs);
  for (let number = 0; number < filledRows; number += 100) {
    const records = Array.from({ length: 100 }, (_, i) => ({
      ...record(
        `id-${number + i}`,
        undefined,
        JSON.stringify({ id: `id-${number + i}`, text: incompressible(`${number + i}`, 3000) }),
      ),
      tracked: 'state',
    }));
    await store.accept(page(records, { watermark: instantOf(startMs - 1000) }));
  }
  const [, , entry] = await store.readJournal(0, 3, 1e6);
  if (entry === undefined) throw new Error('nothing in the journal');
  await store.acknowledge('one', 500, [{ entry, reason: 'refused', atMs: startMs }]);
}

const pageBytes = 16_384;

/** Writes over a page that holds a part of the journal's block with this position. */
export function breakBlock(path: string, position: number): void {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT records FROM journal WHERE position >= ? ORDER BY position').get(position);
  db.close();
  const { records } = row as { records: Uint8Array };
  breakPage(path, Math.floor(readFileSync(path).indexOf(records.subarray(-64)) / pageBytes));
}

/** Writes over the page of this number. */
export function breakPage(path: string, number: number): void {
  overwrite(path, number * pageBytes, Buffer.alloc(pageBytes, 0xa5));
}

/** Writes over the first page of a table, from which all others are reached. */
export function breakTable(path: string, table: string): void {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table);
  db.close();
  breakPage(path, Number((row as { rootpage: number }).rootpage) - 1);
}

/** Writes over one byte, seen from the end of the file where `at` is negative. */
export function breakByte(path: string, at: number): void {
  const offset = at < 0 ? statSync(path).size + at : at;
  const [byte = 0] = readFileSync(path).subarray(offset);
  overwrite(path, offset, Buffer.of(byte ^ 0xff));
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}
