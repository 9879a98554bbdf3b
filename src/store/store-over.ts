import type { SourceRecord } from '../record.ts';
import { earlierOf, entriesOf } from './block.ts';
import type { ReadingEngine, StoreEngine } from './engine.ts';
import type { Block } from './journal.ts';
import { type AcceptedPage, pageOf } from './page.ts';
import { RecentEntries } from './recent.ts';
import type { AcceptRequest, DeadLetter, JournalEntry, Store, StoreReader } from './store.ts';

/** Returns the reader whose blocks this engine reads. */
export function readerOver(engine: ReadingEngine): StoreReader {
  const { readBlocks: _readBlocks, ...rest } = engine;
  return { ...rest, known: knownBy(engine), readJournal: journalReader(engine).read };
}

/** Returns the store whose pages and blocks this engine keeps. */
export function storeOver(engine: StoreEngine): Store {
  const { acceptPage, readBlocks: _readBlocks, together: _together, ...rest } = engine;
  const recent = new RecentEntries();
  const fromDisk = journalReader(engine);
  return {
    ...rest,
    known: knownBy(engine),

    async accept({ records, ...request }) {
      await recent.room();
      const result = await acceptPage({ ...request, page: pageOf(records) });
      recent.add(acceptedEntries(request, records, result));
      const accepted = result.accepted.length;
      return { accepted, repeated: records.length - accepted };
    },

    async readJournal(position, maxRows, maxBytes, reader) {
      const kept = recent.read(position, maxRows, maxBytes);
      const entries = kept ?? (await fromDisk.read(position, maxRows, maxBytes));
      if (reader !== undefined) recent.follow(reader, entries.at(-1)?.position ?? position);
      return entries;
    },

    async offset(sink) {
      const position = await engine.offset(sink);
      // Whoever asks reads on from there: what is accepted meanwhile is kept for it.
      recent.follow(sink, position);
      return position;
    },

    async prune(beforeMs, expiredMs) {
      const deleted = await engine.prune(beforeMs, expiredMs);
      recent.clear();
      fromDisk.clear();
      return deleted;
    },

    acknowledge: (sink, offset, letters) => engine.acknowledge(sink, offset, letters.map(withoutParsed)),
  };
}

/** Reads entries block by block; of the last block read, what is asked for next is there without another look. */
function journalReader(engine: ReadingEngine) {
  let last: Block | undefined;
  async function read(position: number, maxRows: number, maxBytes: number): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    let bytes = 0;
    /** Takes what there is room for; false when the block holds more than that. */
    const take = (block: Block): boolean => {
      const least = entries.length === 0 ? 1 : 0;
      const range = { after: position, least, maxRows: maxRows - entries.length, maxBytes: maxBytes - bytes };
      const found = entriesOf(block.content, block, range);
      for (const entry of found) bytes += entry.json.length;
      entries.push(...found);
      last = block;
      return entries.at(-1)?.position === block.position && entries.length < maxRows && bytes < maxBytes;
    };
    const held = last !== undefined && last.firstPosition <= position + 1 && position < last.position;
    if (held && last !== undefined && !take(last)) return entries;
    const after = entries.at(-1)?.position ?? position;
    for (const block of await engine.readBlocks(after, maxRows - entries.length, maxBytes - bytes)) {
      if (!take(block)) break;
    }
    return entries;
  }

  return {
    read,
    /** Looks at the disk again. */
    clear() {
      last = undefined;
    },
  };
}

function knownBy(engine: ReadingEngine): StoreReader['known'] {
  return (source, keys) =>
    engine.known(
      source,
      keys.map(({ id, version, created }) => ({ id, version, created })),
    );
}

function acceptedEntries(
  { source }: Pick<AcceptRequest, 'source'>,
  records: readonly SourceRecord[],
  { accepted, firstPosition, acceptedAtMs, earlier }: AcceptedPage,
): readonly JournalEntry[] {
  return Array.from(accepted, (index, at) => {
    const record = records[index];
    if (record === undefined) throw new Error(`the store accepted record ${index} of ${records.length}`);
    const { kind, id, version, json, parsed } = record;
    return {
      position: firstPosition + at,
      source,
      kind,
      id,
      version,
      json,
      parsed,
      acceptedAtMs,
      earlier: earlierOf(earlier[at] ?? null),
    };
  });
}

/** What goes into the store, maybe by way of another thread, is the text alone. */
function withoutParsed({ entry, ...letter }: Omit<DeadLetter, 'sink'>): Omit<DeadLetter, 'sink'> {
  const { parsed: _parsed, ...kept } = entry;
  return { ...letter, entry: kept };
}
