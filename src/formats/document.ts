import type { SecurityEvent } from '../event.ts';
import { inTreeOrder, layoutOf } from './document-layout.ts';
import { type DocumentRow, type DocumentType, encodeValue, field } from './document-row.ts';
import { nameOf, shrinkableDocument } from './document-shrinkable.ts';
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

/**
 * Returns a formatter that writes an event as one line of JSON by a table: its fields in the order of the rows, those of
 * one object together, none that is empty. A document that is too long is shortened by the importance of its rows.
 * Throws when a path stands twice in the table.
 */
export function documentFormatter(table: readonly DocumentRow[], shape: DocumentShape): Formatter {
  const rows = inTreeOrder(withTruncated(table, shape), shape.nested);
  const encoders = rows.map(encoderOf);
  const paths = rows.map(({ path }) => path);
  const layout = layoutOf(paths, shape.nested);
  const truncatedAt = paths.indexOf(shape.truncated.path);
  const isList = shape.truncated.path.endsWith('[]');
  const encodeTruncated = (names: readonly string[]): string => {
    // Names of tables hold nothing that JSON escapes.
    if (names.length === 0) return '';
    return isList ? `["${names.join('","')}"]` : `"${names.join()}"`;
  };

  return (event, maxBytes) => {
    const cut: string[] = [];
    const values = encoders.map((encode) => encode(event, cut));
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

/** Returns what writes a row, chosen once: it is called for each row of each event. */
function encoderOf(row: DocumentRow): (event: SecurityEvent, cut: string[]) => string {
  if (!('elements' in row)) return (event, cut) => encodeValue(row, event, cut);
  return (event, cut) => {
    let list = '';
    for (const element of row.elements(event, cut)) {
      if (element !== '') list += list === '' ? element : `,${element}`;
    }
    return list === '' ? '' : `[${list}]`;
  };
}

function withTruncated(table: readonly DocumentRow[], shape: DocumentShape): readonly DocumentRow[] {
  return [...table, field(undefined, shape.truncated.path, shape.truncated.type, 'kept', () => undefined)];
}
