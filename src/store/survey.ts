import { DatabaseSync } from 'node:sqlite';
import { ConnectorError, messageOf } from '../errors.ts';
import { parseInstant } from '../fields/instant.ts';
import { type BlockRow, isWhole } from './block.ts';
import { type Extent, readRows, type StoreTable, storeTables, type TableRow } from './readable.ts';
import type { SinkProgress, SourceProgress } from './store.ts';

/** What can still be read of a damaged store. */
export interface Survey {
  readonly tables: Readonly<Record<StoreTable, { readonly rows: number; readonly extent: Extent }>>;
  /** Watermarks and counts, as far as they can be read. */
  readonly sources: readonly SourceProgress[];
  /** Offsets and what is behind them, as far as they can be read. */
  readonly sinks: readonly SinkProgress[];
}

/** How long a survey reads at most, ms: of a store of many gigabytes it tells what it found until then. */
const longestMs = 10_000;

/** Reads what can be read of the store at `path`, without changing it. Never throws. */
export function surveyStore(path: string): Survey {
  const endMs = performance.now() + longestMs;
  const found = new Map<StoreTable, { rows: number; extent: Extent }>();
  const kept: Record<'source' | 'sink', TableRow[]> = { source: [], sink: [] };
  const letters = new Map<string, number>();
  let last = 0;
  const db = open(path);
  for (const table of Object.keys(storeTables) as StoreTable[]) {
    let rows = 0;
    let brokenBlocks = 0;
    const extent =
      db === undefined
        ? 'nothing'
        : readRows(db, table, (row) => {
            const records = recordsOf(table, row);
            if (records === 0) brokenBlocks++;
            rows += records;
            if (table === 'source' || table === 'sink') kept[table].push(row);
            if (table === 'journal' && records > 0) last = Number(row.position);
            if (table === 'dead_letter') {
              const sink = String(row.sink);
              letters.set(sink, (letters.get(sink) ?? 0) + 1);
            }
            return performance.now() < endMs;
          });
    found.set(table, { rows, extent: brokenBlocks > 0 && extent === 'whole' ? 'part' : extent });
  }
  db?.close();
  return {
    tables: Object.fromEntries(found) as Survey['tables'],
    sources: kept.source.map(sourceProgress),
    sinks: kept.sink
      .filter((row) => row.gone_at_ms === null)
      .map((row) => sinkProgress(row, last, letters.get(String(row.name)) ?? 0)),
  };
}

/** Returns a survey in words: what can still be read, and what cannot. */
export function describeSurvey({ tables }: Survey): string {
  const entries = Object.entries(tables) as [StoreTable, { rows: number; extent: Extent }][];
  const readable = entries.filter(([, { extent }]) => extent !== 'nothing');
  const lost = entries.filter(([, { extent }]) => extent === 'nothing').map(([table]) => words[table]);
  const told = readable.map(([table, { rows, extent }]) => {
    const how = { whole: '', part: ' (not all)', nothing: '', stopped: ' or more' }[extent];
    return `${words[table]} ${rows}${how}`;
  });
  if (told.length === 0) return 'Nothing of it can be read';
  const rest = lost.length === 0 ? '' : `; not: ${lost.join(', ')}`;
  return `Still to be read: ${told.join(', ')}${rest}`;
}

/** Returns the failure of a damaged store with what can still be read of it, and what to do next. */
export function withSurvey(error: ConnectorError, path: string, survey: Survey): ConnectorError {
  return new ConnectorError(
    'STORE_DAMAGED',
    `${messageOf(error)}. ${describeSurvey(survey)}. ${nextStep(path)}`,
    { cause: error },
  );
}

function nextStep(path: string): string {
  return (
    `Next: restore a backup of ${path}, or set it aside with \`mv ${path} ${path}.damaged; rm -f ${path}-wal ${path}-shm\`: ` +
    'the connector then starts afresh, and reads each source as far back as its `since`'
  );
}

const words: Readonly<Record<StoreTable, string>> = {
  source: 'sources with their watermarks',
  sink: 'sinks with their offsets',
  journal: 'journal rows',
  dead_letter: 'dead letters',
  seen: 'seen keys',
  counter: 'counters',
  gap: 'gaps',
  audit: 'audits',
  job: 'jobs',
};

function open(path: string): DatabaseSync | undefined {
  try {
    const db = new DatabaseSync(path, { readOnly: true, defensive: false });
    // Otherwise SQLite reads nothing at all of a file that was cut.
    db.exec('PRAGMA writable_schema = ON');
    return db;
  } catch {
    return undefined;
  }
}

function sourceProgress(row: TableRow): SourceProgress {
  const watermark = row.watermark;
  return {
    source: String(row.name),
    watermark: typeof watermark === 'string' ? parseInstant(watermark) : undefined,
    movedAtMs: numberOf(row.moved_at_ms),
    accepted: numberOf(row.accepted) ?? 0,
    repeated: numberOf(row.repeated) ?? 0,
    lastSuccessMs: numberOf(row.last_success_ms),
    lastError: textOf(row.last_error),
    lateness: undefined,
    audit: undefined,
    gaps: 0,
  };
}

function sinkProgress(row: TableRow, last: number, deadLetters: number): SinkProgress {
  const offset = numberOf(row.journal_offset) ?? 0;
  return {
    sink: String(row.name),
    offset,
    backlog: Math.max(0, last - offset),
    oldestAcceptedAtMs: undefined,
    deadLetters,
    lastError: textOf(row.last_error),
  };
}

/** How many records a row holds: one of the journal is a block of them, and 0 when it is not what was written. */
function recordsOf(table: StoreTable, row: TableRow): number {
  if (table !== 'journal') return 1;
  const block = row as unknown as BlockRow;
  return isWhole(block) ? block.position - block.first_position + 1 : 0;
}

function numberOf(value: TableRow[string] | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function textOf(value: TableRow[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
