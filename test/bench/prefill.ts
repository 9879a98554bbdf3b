import { DatabaseSync } from 'node:sqlite';
import { recordOf } from '../../src/normalise/index.ts';
import type { SourceRecord } from '../../src/record.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { events } from './records.ts';

const portion = 1000;

/** Accepts so many events into a store, as if a source of this name had read them. */
export async function fillJournal(store: Store, source: string, count: number): Promise<void> {
  let records: SourceRecord[] = [];
  const accept = async () => {
    await store.accept({ source, records, updates: 'all', nowMs: Date.now() });
    records = [];
  };
  for (const text of events.records(count)) {
    records.push(recordOf(events.kind, text));
    if (records.length === portion) await accept();
  }
  if (records.length > 0) await accept();
}

/**
 * Makes a store that knows so many keys of a source, of events of the last months: straight into the table, since they
 * would take half an hour by way of records.
 */
export async function fillKeys(path: string, source: string, count: number): Promise<void> {
  {
    await using store = openSqliteStore(path);
    await store.recordRun(source, Date.now(), undefined);
  }
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144');
  const { id } = db.prepare('SELECT id FROM source WHERE name = ?').get(source) as { readonly id: number };
  const lastMs = Date.UTC(2026, 10, 2);
  db.prepare(
    `WITH RECURSIVE key (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM key WHERE number < ?)
     INSERT INTO seen (source_id, created_ms, id, version, remembered_at_ms, position, tracked)
     SELECT ?, ? - (? - number) * 37,
       'DeviceProcessEvents:' || printf('%040x', number * 2654435761) || ':' || number || ':2026-08-03T08:00:00.1234567Z',
       '2026-08-03T08:00:00.1234567Z', ? - (? - number) * 37, NULL, NULL
     FROM key`,
  ).run(count, id, lastMs, count, lastMs, count);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}
