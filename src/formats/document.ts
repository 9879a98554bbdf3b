import type { SecurityEvent } from '../event.ts';
import { inTreeOrder, layoutOf } from './document-layout.ts';
import { type DocumentRow, type DocumentType, encodeValue, field, valueColumn } from './document-row.ts';
import { nameOf, shrinkableDocument } from './document-shrinkable.ts';
import { type DocumentColumn, documentWriter } from './document-writer.ts';
import type { FormatField, Formatter } from './format.ts';
import { fits, shrink } from './size-budget.ts';

/** What a table of rows writes beside them, and in which form. */
export interface DocumentShape {
  /** False for an object whose names are the whole paths. */
  readonly nested: boolean;
  /**
   * The field that names what was left out or cut (formats reference §1.3): a list where the path ends in `[]`, else the
   * names with commas between them.
   */
  readonly truncated: { readonly path: string; readonly type: DocumentType };
}

const whole: readonly string[] = [];

/**
 * Returns a formatter that writes an event as one line of JSON by a table: its fields in the order of the rows, those of
 * one object together, none that is empty. A document that is too long is shortened by the importance of its rows.
 * Throws when a path stands twice in the table.
 */
export function documentFormatter(table: readonly DocumentRow[], shape: DocumentShape): Formatter {
  const rows = inTreeOrder(withTruncated(table, shape), shape.nested);
  const write = documentWriter(rows.map(columnOf), shape.nested);
  const shortened = shorteningFormatter(rows, shape);
  return (event, maxBytes) => {
    const cut: string[] = [];
    const text = write(event, cut);
    if (cut.length === 0 && fits(text, maxBytes)) return { kind: 'formatted', text, truncated: whole };
    return shortened(event, maxBytes);
  };
}

/** Returns a formatter for events that are too long, or of which a limit has cut something: it looks at each value. */
function shorteningFormatter(rows: readonly DocumentRow[], { nested, truncated }: DocumentShape): Formatter {
  const paths = rows.map(({ path }) => path);
  const layout = layoutOf(paths, nested);
  const truncatedAt = paths.indexOf(truncated.path);
  const isList = truncated.path.endsWith('[]');
  const encodeTruncated = (names: readonly string[]): string => {
    // Names of tables hold nothing that JSON escapes.
    if (names.length === 0) return '';
    return isList ? `["${names.join('","')}"]` : `"${names.join()}"`;
  };

  return (event, maxBytes) => {
    const cut: string[] = [];
    const values = rows.map((row) => encode(row, event, cut));
    const names = cut.length === 0 ? cut : [...new Set(cut.map(nameOf))];
    if (names.length > 0) values[truncatedAt] = encodeTruncated(names);
    const text = layout.write(values);
    if (fits(text, maxBytes)) return { kind: 'formatted', text, truncated: names };
    const document = { source: event, rows, values, cut: names, layout, truncatedAt, encodeTruncated };
    return shrink(shrinkableDocument(document), maxBytes);
  };
}

/** Returns the fields that a table writes, in the order written. */
export function documentFields(table: readonly DocumentRow[], shape: DocumentShape): readonly FormatField[] {
  return inTreeOrder(withTruncated(table, shape), shape.nested).flatMap((row) =>
    'fields' in row ? row.fields : [{ name: row.path, fact: row.fact, type: row.type.name }],
  );
}

function columnOf(row: DocumentRow): DocumentColumn<SecurityEvent> {
  if (!('elements' in row)) return valueColumn(row, row.path);
  const { path, elements, partOf } = row;
  const encodeList = (found: unknown): string => (Array.isArray(found) ? listOf(found) : '');
  return { path, value: elements, encode: encodeList, isPlain: false, partOf };
}

function encode(row: DocumentRow, event: SecurityEvent, cut: string[]): string {
  return 'elements' in row ? listOf(row.elements(event, cut)) : encodeValue(row, event, cut);
}

/** Returns the list of these elements, without the empty ones. */
function listOf(elements: readonly string[]): string {
  let list = '';
  for (const element of elements) {
    if (element !== '') list += list === '' ? element : `,${element}`;
  }
  return list === '' ? '' : `[${list}]`;
}

function withTruncated(table: readonly DocumentRow[], shape: DocumentShape): readonly DocumentRow[] {
  return [...table, field(undefined, shape.truncated.path, shape.truncated.type, 'kept', () => undefined)];
}
