import type { SecurityEvent } from '../event.ts';
import { inTreeOrder } from './document-layout.ts';
import { type DocumentColumn, documentWriter } from './document-writer.ts';
import type { FormatField } from './format.ts';
import { quoted, quotedUpTo } from './json-string.ts';
import { oneLine } from './json-text.ts';
import { recently } from './recent.ts';
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
  /** Returns a part of the source without which there is nothing to find: the same function in all rows of the part. */
  readonly partOf?: ((source: Source) => unknown) | undefined;
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
  /** As of a row of one value. */
  readonly partOf?: ((source: Source) => unknown) | undefined;
}

export type DocumentRow<Source = SecurityEvent> = ValueRow<Source> | ObjectsRow<Source>;

/** Text of at most `max` code points (formats reference §1.3). */
export function textType(name: string, max = Number.POSITIVE_INFINITY): DocumentType {
  return { name, form: 'text', max };
}

/** Text of a form that `read` tells, an address or a time: it returns nothing that JSON escapes. */
export function formedType(name: string, read: (value: string) => string | undefined): DocumentType {
  return { name, form: 'text', max: Number.POSITIVE_INFINITY, read: recently((value) => read(value) ?? '') };
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

/** Returns rows that have nothing to tell where the source lacks a part: all are passed over by one look at it. */
export function rowsOf<Source>(
  partOf: (source: Source) => unknown,
  rows: readonly ValueRow<Source>[],
): readonly ValueRow<Source>[];
export function rowsOf<Source>(
  partOf: (source: Source) => unknown,
  rows: readonly DocumentRow<Source>[],
): readonly DocumentRow<Source>[];
export function rowsOf<Source>(
  partOf: (source: Source) => unknown,
  rows: readonly DocumentRow<Source>[],
): readonly DocumentRow<Source>[] {
  return rows.map((row) => ({ ...row, partOf }));
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
  const named = ordered.map((row) => ({ row, name: `${path}.${row.path}` }));
  const write = documentWriter(
    named.map(({ row, name }) => valueColumn(row, name)),
    true,
  );
  const elements = (source: Source, cut: string[]): readonly string[] =>
    items(source).map((item) => {
      const written = write(item, cut);
      return written === '{}' ? '' : written;
    });
  const fields = named.map(({ row, name }) => ({ name, fact: row.fact ?? fact, type: row.type.name }));
  return { fact, path, type, importance, elements, fields };
}

/** Returns what a row writes as JSON, empty for nothing. The name of what a limit has cut joins `cut`. */
export function encodeValue<Source>(row: ValueRow<Source>, source: Source, cut: string[]): string {
  const found = row.value(source, cut);
  return found === undefined ? '' : valueColumn(row, row.path).encode(found, cut);
}

/** Returns where and how the values of a row stand in a document; `name` is what a limit that cut one is told of. */
export function valueColumn<Source>(row: ValueRow<Source>, name: string): DocumentColumn<Source> {
  const { path, type, value } = row;
  const one = encoderOf(type, name);
  const isList = path.endsWith('[]');
  const encode = (found: Exclude<DocumentValue, undefined>, cut: string[]): string => {
    if (typeof found === 'object') return encodeList(found, one, cut);
    const json = one(found, cut);
    return isList && json !== '' ? `[${json}]` : json;
  };
  const isPlain = !isList && type.form === 'text' && type.read === undefined && !Number.isFinite(type.max);
  return { path, value, encode, isPlain, partOf: row.partOf };
}

type EncodeOne = (value: string | boolean, cut: string[]) => string;

function encodeList(values: readonly string[], one: EncodeOne, cut: string[]): string {
  let list = '';
  for (const value of values) {
    const json = one(value, cut);
    if (json !== '') list += list === '' ? json : `,${json}`;
  }
  return list === '' ? '' : `[${list}]`;
}

/** Returns what writes a value of a type, chosen once for each row. */
function encoderOf({ form, max, read = same }: DocumentType, name: string): EncodeOne {
  switch (form) {
    case 'text':
      if (read === same) return textEncoder(max, name);
      return (value) => {
        const text = typeof value === 'string' ? (read(value) ?? '') : '';
        return text === '' ? '' : `"${text}"`;
      };
    case 'number':
      return (value) => (typeof value === 'string' ? (read(value) ?? '') : '');
    case 'json':
      return (value) => (typeof value === 'string' ? oneLine(value) : '');
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? String(value) : '');
  }
}

function textEncoder(max: number, name: string): EncodeOne {
  if (max === Number.POSITIVE_INFINITY) return (value) => (typeof value === 'string' ? quoted(value) : '');
  return (value, cut) => (typeof value === 'string' ? quotedUpTo(value, max, () => cut.push(name)) : '');
}

function same(value: string): string {
  return value;
}
