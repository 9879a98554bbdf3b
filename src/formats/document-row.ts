import type { SecurityEvent } from '../event.ts';
import { cleanText, plainTest } from './clean.ts';
import { inTreeOrder, layoutOf } from './document-layout.ts';
import type { FormatField } from './format.ts';
import { oneLine } from './json-text.ts';
import { encodeText, type TextEncoding } from './key-value.ts';
import type { Importance } from './size-budget.ts';

/** What a field of a document holds, and how it is written. */
export interface DocumentType {
  /** In the format's own words: `keyword`, `ip`, `datetime`. */
  readonly name: string;
  /** As a JSON string, a JSON number, `true` or `false`, or as JSON text that the row makes. */
  readonly form: 'text' | 'number' | 'boolean' | 'json';
  /** How many code points of text it takes. */
  readonly max: number;
  /** Returns the value as the type writes it, undefined for what is none of it; every text is a value where absent. */
  readonly read?: ((value: string) => string | undefined) | undefined;
}

/** What a row finds in its source: a list for a path that ends in `[]`. */
export type DocumentValue = string | boolean | readonly string[] | undefined;

/** A row of a table: one field of the document, and the fact that it carries. */
export interface ValueRow<Source = SecurityEvent> {
  /** Number of the fact in the tables of the formats reference §11; undefined for a fact without one. */
  readonly fact: number | undefined;
  /** Names from the document on with dots, `[]` behind a list: `host.name`, `host.ip[]`. */
  readonly path: string;
  readonly type: DocumentType;
  readonly importance: Importance;
  /** Names of what it has to shorten itself join `cut`. */
  readonly value: (source: Source, cut: string[]) => DocumentValue;
}

/** A row whose field is a list of objects, each of a table of its own. */
export interface ObjectsRow<Source = SecurityEvent> {
  readonly fact: number | undefined;
  /** Ends in `[]`. */
  readonly path: string;
  readonly type: DocumentType;
  readonly importance: Importance;
  /** Returns each object as JSON text; empty for one that holds nothing. Names of what a limit has cut join `cut`. */
  readonly elements: (source: Source, cut: string[]) => readonly string[];
  /** The fields of an object, by their paths from the document on. */
  readonly fields: readonly FormatField[];
}

export type DocumentRow<Source = SecurityEvent> = ValueRow<Source> | ObjectsRow<Source>;

/** Text of at most `max` code points (formats reference §1.3). */
export function textType(name: string, max = Number.POSITIVE_INFINITY): DocumentType {
  return { name, form: 'text', max };
}

/** Text of a form that `read` tells, an address or a time: it returns nothing that JSON escapes. */
export function formedType(name: string, read: (value: string) => string | undefined): DocumentType {
  return { name, form: 'text', max: Number.POSITIVE_INFINITY, read };
}

/** A number, written with the digits it came with; `read` returns nothing but what JSON takes as a number. */
export function numberType(name: string, read: (value: string) => string | undefined): DocumentType {
  return { name, form: 'number', max: Number.POSITIVE_INFINITY, read };
}

/** True or false. */
export function booleanType(name: string): DocumentType {
  return { name, form: 'boolean', max: Number.POSITIVE_INFINITY };
}

/** JSON text: an object, a list, whatever the row makes, which must be JSON. */
export function jsonType(name: string): DocumentType {
  return { name, form: 'json', max: Number.POSITIVE_INFINITY };
}

/** Returns a row of one value, or of a list of values where the path ends in `[]`. */
export function field<Source = SecurityEvent>(
  fact: number | undefined,
  path: string,
  type: DocumentType,
  importance: Importance,
  value: ValueRow<Source>['value'],
): ValueRow<Source> {
  return { fact, path, type, importance, value };
}

/** Returns a row of a list of objects: one for each item, written by rows whose paths begin at the object. */
export function objects<Item, Source = SecurityEvent>(
  fact: number | undefined,
  path: `${string}[]`,
  type: DocumentType,
  importance: Importance,
  items: (source: Source) => readonly Item[],
  rows: readonly ValueRow<Item>[],
): ObjectsRow<Source> {
  const ordered = inTreeOrder(rows, true);
  const layout = layoutOf(
    ordered.map((row) => row.path),
    true,
  );
  const named = ordered.map((row) => ({ row, name: `${path}.${row.path}` }));
  const elements = (source: Source, cut: string[]): readonly string[] =>
    items(source).map((item) => {
      const written = layout.write(named.map(({ row, name }) => encodeValue(row, item, cut, name)));
      return written === '{}' ? '' : written;
    });
  const fields = named.map(({ row, name }) => ({ name, fact: row.fact ?? fact, type: row.type.name }));
  return { fact, path, type, importance, elements, fields };
}

/** How text stands in a JSON string (formats reference §1.1, column JSON). */
export const jsonEncoding: TextEncoding = {
  isPlain: plainTest('"\\'),
  isClean: plainTest(''),
  clean: cleanText,
  escape: (cleaned) => oneLine(JSON.stringify(cleaned)).slice(1, -1),
};

/** Returns what a row writes as JSON, empty for nothing. The name of what a limit has cut joins `cut`. */
export function encodeValue<Source>(
  { path, type, value }: ValueRow<Source>,
  source: Source,
  cut: string[],
  name = path,
): string {
  const found = value(source, cut);
  if (found === undefined) return '';
  if (typeof found !== 'object') {
    const one = encodeOne(found, type, cut, name);
    return one !== '' && path.endsWith('[]') ? `[${one}]` : one;
  }
  let list = '';
  for (const element of found) {
    const one = encodeOne(element, type, cut, name);
    if (one !== '') list += list === '' ? one : `,${one}`;
  }
  return list === '' ? '' : `[${list}]`;
}

function encodeOne(value: string | boolean, type: DocumentType, cut: string[], name: string): string {
  if (typeof value === 'boolean') return type.form === 'boolean' ? String(value) : '';
  const read = type.read === undefined ? value : type.read(value);
  if (read === undefined || read === '') return '';
  switch (type.form) {
    case 'text': {
      if (type.read !== undefined) return `"${read}"`;
      const text = encodeText(read, type.max, jsonEncoding, name, cut);
      return text === '' ? '' : `"${text}"`;
    }
    case 'number':
      return read;
    case 'json':
      return oneLine(read);
    case 'boolean':
      return '';
  }
}
