import type { Columns } from './hunting-columns.ts';
import { type JsonObject, textOf } from './json-value.ts';

/** Returns the text of the first of these columns that holds one. */
export function columnOf(row: JsonObject, names: Columns): string | undefined {
  if (typeof names === 'string') return textOf(row[names]);
  for (const name of names) {
    const text = textOf(row[name]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Returns the texts of these columns, by the names of the fields that they fill. */
export function columnsOf<Field extends string>(
  row: JsonObject,
  table: Readonly<Record<Field, Columns>>,
): Readonly<Record<Field, string | undefined>> {
  const texts: Partial<Record<Field, string | undefined>> = {};
  for (const field in table) texts[field] = columnOf(row, table[field]);
  return texts as Readonly<Record<Field, string | undefined>>;
}

/**
 * Returns the value of a `dynamic` column, which comes as what it is or as JSON text (API reference §10.2); text that is
 * no JSON stays text.
 */
export function dynamicOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
