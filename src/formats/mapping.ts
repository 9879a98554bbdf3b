import type { SecurityEvent } from '../event.ts';
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
}

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
