import type { SecurityEvent } from '../event.ts';
import { cutTo } from './clean.ts';
import type { MappingRow } from './mapping.ts';
import type { Part, Shrinkable } from './size-budget.ts';

/** How a format writes the text of a value. */
export interface TextEncoding {
  /** True of a value that is written as it is: nothing to clean, trim or escape, and not empty. */
  readonly isPlain: (value: string) => boolean;
  /** True of a value that `clean` would return as it is. */
  readonly isClean: (value: string) => boolean;
  /** Cleans and trims a value; empty when nothing is left of it. */
  readonly clean: (value: string) => string;
  /** Escapes a cleaned value. */
  readonly escape: (cleaned: string) => string;
}

/** Returns the value cleaned, cut to `max` code points (then its key joins `cut`) and escaped; empty for none. */
export function encodeText(
  value: string,
  max: number,
  encoding: TextEncoding,
  key: string,
  cut: string[],
): string {
  if (value.length <= max && encoding.isPlain(value)) return value;
  const cleaned = encoding.isClean(value) ? value : encoding.clean(value);
  const short = cutTo(cleaned, max);
  if (short !== cleaned) cut.push(key);
  return encoding.escape(short);
}

/** What stands before the value: the key, and before it the label of a custom key. */
export function prefixes(mapping: readonly MappingRow[]): readonly string[] {
  return mapping.map(({ key, label }) => (label === undefined ? `${key}=` : `${key}Label=${label} ${key}=`));
}

/**
 * Returns the fields of an event as written, one per row of the mapping, empty for what the event does not have. Keys
 * of fields that a limit has cut join `cut`.
 */
export function encodeFields(
  event: SecurityEvent,
  mapping: readonly MappingRow[],
  prefix: readonly string[],
  encoding: TextEncoding,
  cut: string[],
): string[] {
  const fields: string[] = [];
  for (let at = 0; at < mapping.length; at++) {
    const row = mapping[at];
    const value = row?.value(event);
    if (row === undefined || value === undefined) {
      fields.push('');
      continue;
    }
    const encoded =
      row.type.max === undefined
        ? (row.type.read(value) ?? '')
        : encodeText(value, row.type.max, encoding, row.key, cut);
    fields.push(encoded === '' ? '' : prefix[at] + encoded);
  }
  return fields;
}

/** Joins what there is of the fields, and of a last one. */
export function joinFields(fields: readonly string[], separator: string, last: string): string {
  let joined = '';
  for (const field of fields) {
    if (field !== '') joined += joined === '' ? field : separator + field;
  }
  if (last === '') return joined;
  return joined === '' ? last : joined + separator + last;
}

/** A record of keys and values that is too long. */
export interface LongRecord {
  readonly event: SecurityEvent;
  readonly mapping: readonly MappingRow[];
  readonly prefix: readonly string[];
  readonly encoding: TextEncoding;
  /** As `encodeFields` made them. */
  readonly fields: readonly string[];
  readonly cut: readonly string[];
  /** Writes a record of these fields, naming `truncated` as left out or cut. */
  readonly write: (fields: readonly string[], truncated: readonly string[]) => string;
}

/** Returns the record as one that can be made shorter field by field. */
export function shrinkable(record: LongRecord): Shrinkable {
  const fields = [...record.fields];
  const bytesOf = fields.map((field) => Buffer.byteLength(field));
  const parts: Part[] = [];
  for (const [at, row] of record.mapping.entries()) {
    const field = fields[at];
    const prefix = record.prefix[at];
    if (field === undefined || field === '' || prefix === undefined) continue;
    const put = (text: string): void => {
      fields[at] = text;
      bytesOf[at] = Buffer.byteLength(text);
    };
    const value = cleanedValue(record, row);
    parts.push({
      name: row.key,
      importance: row.importance,
      valueBytes: Buffer.byteLength(field) - prefix.length,
      characters: value === undefined ? 0 : [...value].length,
      remove: () => put(''),
      cut: (characters) => put(prefix + record.encoding.escape(cutTo(value ?? '', characters))),
    });
  }
  return {
    parts,
    cut: record.cut,
    hasSha256: record.mapping.some((row, at) => row.fact === 52 && record.fields[at] !== ''),
    bytes: (truncated) => {
      let bytes = Buffer.byteLength(record.write([], truncated));
      for (const field of bytesOf) if (field > 0) bytes += field + 1;
      return bytes;
    },
    text: (truncated) => record.write(fields, truncated),
  };
}

/** The value of a field that the budget may cut, as far as the format's own limit lets it stand. */
function cleanedValue(record: LongRecord, row: MappingRow): string | undefined {
  if (row.importance !== 'commandLine' && row.importance !== 'filePath') return undefined;
  const value = row.value(record.event);
  if (value === undefined || row.type.max === undefined) return undefined;
  const cleaned = record.encoding.clean(value);
  return cutTo(cleaned, Math.min(row.type.max, cleaned.length));
}
