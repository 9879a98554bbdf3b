import type { SecurityEvent } from '../event.ts';
import type { FormatField } from './format.ts';
import type { Importance } from './size-budget.ts';

/** How a value is written: as text of at most `max` code points, or read as a type that refuses what it is not. */
export type FieldType =
  | { readonly max: number }
  | { readonly read: (value: string) => string | undefined; readonly max?: undefined };

/** A row of a mapping: one key of the format, and the fact that it carries. */
export interface MappingRow {
  /** Number of the fact in the tables of the formats reference §11; undefined for a fact without one. */
  readonly fact: number | undefined;
  readonly key: string;
  /** What a custom key means; written before it, the same in every record. */
  readonly label: string | undefined;
  readonly type: FieldType;
  readonly importance: Importance;
  readonly value: (event: SecurityEvent) => string | undefined;
  /** Returns the part of the event without which there is no value: the same function in all rows of the part. */
  readonly partOf?: PartOf | undefined;
}

type PartOf = (event: SecurityEvent) => object | undefined;

/** Text of at most `max` code points (formats reference §1.3). */
export function text(max: number): FieldType {
  return { max };
}

/** A row whose key says what it means. */
export function row(
  fact: number | undefined,
  key: string,
  type: FieldType,
  importance: Importance,
  value: MappingRow['value'],
): MappingRow {
  return { fact, key, label: undefined, type, importance, value };
}

/** A row with a custom key, which says what it means by its label (formats reference §2.4). */
export function labelled(
  fact: number | undefined,
  [key, label]: readonly [key: string, label: string],
  type: FieldType,
  importance: Importance,
  value: MappingRow['value'],
): MappingRow {
  return { fact, key, label, type, importance, value };
}

/** Returns rows that have nothing to tell of an event without a part: one look at it passes over them all. */
export function rowsOf(partOf: PartOf, rows: readonly MappingRow[]): readonly MappingRow[] {
  return rows.map((each) => ({ ...each, partOf }));
}

/** Returns the fields that rows write, each once: the first row of a key tells its fact and label. */
export function fieldsOf(...mappings: readonly (readonly MappingRow[])[]): readonly FormatField[] {
  const fields = new Map<string, FormatField>();
  for (const { key, label, fact } of mappings.flat()) {
    if (!fields.has(key)) fields.set(key, { name: key, label, fact });
  }
  return [...fields.values()];
}

/** Returns the fields of a header, by their names in the standard. */
export function headerFields(
  header: readonly { readonly fact: number; readonly field: string }[],
): readonly FormatField[] {
  return header.map(({ fact, field }) => ({ name: field, fact, type: 'header' }));
}

/** Returns a field of text that carries no fact of the record. */
export function textField(name: string): FormatField {
  return { name, fact: undefined };
}
