import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RecordKind } from '../record.ts';
import type { Page } from './page.ts';
import type { JournalEntry } from './store.ts';

/** What a block says of each of its records, beside the text: kind, id, version, bytes of its text, `earlier`. */
type Row = readonly [RecordKind, string, string, number, string | null];

/** Where a block is, and what came with it. */
export interface BlockPlace {
  readonly firstPosition: number;
  readonly source: string;
  /** ms since 1970 */
  readonly acceptedAtMs: number;
}

/**
 * The lowest level of zstd: of alerts it leaves a tenth, which saves the disk more time than it takes; higher ones take
 * more and save little.
 */
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes of the number before the rows: how long they are. */
const lengthBytes = 4;

/**
 * Returns the content of a block: the records of a page at these indices, with `earlier` of each. Compressed: 4 bytes with
 * the length of what follows, little-endian; the rows as JSON; the texts, one behind the other.
 */
export function encodeBlock(page: Page, indices: Uint32Array, earlier: readonly (string | null)[]): Buffer {
  const rows: Row[] = [];
  for (const [at, index] of indices.entries()) {
    rows.push([
      page.kinds[index] ?? 'entity',
      page.ids[index] ?? '',
      page.versions[index] ?? '',
      page.lengths[index] ?? 0,
      earlier[at] ?? null,
    ]);
  }
  const head = Buffer.from(JSON.stringify(rows));
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32LE(head.length);
  return zstdCompressSync(Buffer.concat([length, head, ...textsAt(page, indices)]), level);
}

/** The texts at these indices: in one piece where that is all of them. */
function textsAt({ lengths, texts }: Page, indices: Uint32Array): readonly Uint8Array[] {
  if (indices.length === lengths.length) return [texts];
  const pieces: Uint8Array[] = [];
  let at = 0;
  let next = 0;
  for (const [index, length] of lengths.entries()) {
    if (indices[next] === index) {
      pieces.push(texts.subarray(at, at + length));
      next++;
    }
    at += length;
  }
  return pieces;
}

/** A row of the journal, by its columns. */
export interface BlockRow {
  readonly position: number;
  readonly first_position: number;
  readonly source_id: number;
  readonly accepted_at_ms: number;
  readonly checksum: number;
  /** As `encodeBlock` made it. */
  readonly records: Uint8Array;
}

/** Returns the checksum of a row, as its own column holds it. */
export function checksumOf(row: Omit<BlockRow, 'checksum'>): number {
  const { position, first_position: first, source_id: source, accepted_at_ms: acceptedAtMs, records } = row;
  return crc32(records, crc32(`${position} ${first} ${source} ${acceptedAtMs}`));
}

/** False for a row that is not what was written. */
export function isWhole(row: BlockRow): boolean {
  return checksumOf(row) === row.checksum;
}

/** Which entries of a block are wanted. */
export interface EntryRange {
  /** Those behind this position. */
  readonly after: number;
  /** So many however long they are: 0 or 1. */
  readonly least: number;
  readonly maxRows: number;
  /** Of text. */
  readonly maxBytes: number;
}

/** Returns what `encodeBlock` compressed. Throws for content that it did not make. */
export function unpackBlock(content: Uint8Array): Buffer {
  return zstdDecompressSync(content);
}

/**
 * Returns the entries of an unpacked block behind `after`, in order, at most `maxRows` and about `maxBytes` bytes of text,
 * but at least `least`. Each gets a text of its own: one odd character in a block does not make the others two bytes wide.
 */
export function entriesOf(
  content: Uint8Array,
  { firstPosition, source, acceptedAtMs }: BlockPlace,
  { after, least, maxRows, maxBytes }: EntryRange,
): readonly JournalEntry[] {
  const unpacked = Buffer.from(content.buffer, content.byteOffset, content.length);
  const headEnd = lengthBytes + unpacked.readUInt32LE(0);
  const rows = JSON.parse(unpacked.toString('utf8', lengthBytes, headEnd)) as readonly Row[];
  const entries: JournalEntry[] = [];
  let at = headEnd;
  let bytes = 0;
  for (const [index, [kind, id, version, length, earlier]] of rows.entries()) {
    const position = firstPosition + index;
    if (position > after) {
      bytes += length;
      if (entries.length === maxRows || (bytes > maxBytes && entries.length >= least)) break;
      const json = unpacked.toString('utf8', at, at + length);
      entries.push({ position, source, kind, id, version, json, acceptedAtMs, earlier: earlierOf(earlier) });
    }
    at += length;
  }
  return entries;
}

const none: readonly string[] = [];

/** Returns `JournalEntry.earlier` of its text. */
export function earlierOf(text: string | null): readonly string[] {
  return text === null ? none : (JSON.parse(text) as string[]);
}
