import { cleanText, cutTo } from './clean.ts';
import type { DocumentLayout } from './document-layout.ts';
import type { DocumentRow } from './document-row.ts';
import { quotedCleaned } from './json-string.ts';
import type { Importance, Part, Shrinkable } from './size-budget.ts';

/** A document that is too long. */
export interface LongDocument<Source> {
  readonly source: Source;
  /** In the order of the layout. */
  readonly rows: readonly DocumentRow<Source>[];
  /** What each row writes, empty for nothing. */
  readonly values: readonly string[];
  readonly cut: readonly string[];
  readonly layout: DocumentLayout;
  /** Which of the values names what was left out or cut, and how it is written. */
  readonly truncatedAt: number;
  readonly encodeTruncated: (names: readonly string[]) => string;
}

/** Returns the document as one that can be made shorter field by field, lists of objects object by object. */
export function shrinkableDocument<Source>(document: LongDocument<Source>): Shrinkable {
  const { source, rows, layout, truncatedAt, encodeTruncated } = document;
  const values = [...document.values];
  const sizes = values.map((value) => Buffer.byteLength(value));
  const put = (at: number, value: string): void => {
    values[at] = value;
    sizes[at] = Buffer.byteLength(value);
  };
  /** Lists that lost an object, written when all is settled: there may be many objects, taken out one by one. */
  const late = new Map<number, () => string>();
  const parts = rows.flatMap((row, at): readonly Part[] => {
    const value = values[at];
    if (value === undefined || value === '' || row.importance === 'kept') return [];
    if (!('elements' in row)) return [valuePart(row, source, value, (text) => put(at, text))];
    return elementParts(row, source, (size, text) => {
      sizes[at] = size;
      late.set(at, text);
    });
  });
  const name = (truncated: readonly string[]): void => put(truncatedAt, encodeTruncated(truncated));
  return {
    parts,
    cut: document.cut,
    hasSha256: rows.some((row, at) => row.fact === 52 && document.values[at] !== ''),
    bytes: (truncated) => {
      name(truncated);
      return layout.bytes(sizes);
    },
    text: (truncated) => {
      name(truncated);
      for (const [at, write] of late) values[at] = write();
      return layout.write(values);
    },
  };
}

/** The name by which the record tells that a field was left out or cut. */
export function nameOf(path: string): string {
  return path.replaceAll('[]', '');
}

/** Fields of these go by the name of the object they stand in: the names of all would take the room that is lacking. */
const namedTogether: readonly Importance[] = [
  'other',
  'registry',
  'fileSignature',
  'parentProcess',
  'md5',
  'sha1',
];

function partName({ path, importance }: { readonly path: string; readonly importance: Importance }): string {
  const name = nameOf(path);
  const end = namedTogether.includes(importance) ? name.lastIndexOf('.') : -1;
  return end < 0 ? name : name.slice(0, end);
}

function valuePart<Source>(
  row: Exclude<DocumentRow<Source>, { elements: unknown }>,
  source: Source,
  value: string,
  put: (text: string) => void,
): Part {
  const cuttable = cuttableText(row, source);
  return {
    name: partName(row),
    importance: row.importance,
    valueBytes: Buffer.byteLength(value),
    characters: cuttable === undefined ? 0 : [...cuttable].length,
    remove: () => put(''),
    cut: (characters) => put(quotedCleaned(cutTo(cuttable ?? '', characters))),
  };
}

/** The text of a field that the budget may cut, as far as the format's own limit lets it stand. */
function cuttableText<Source>(
  { importance, type, value }: Exclude<DocumentRow<Source>, { elements: unknown }>,
  source: Source,
): string | undefined {
  if (importance !== 'commandLine' && importance !== 'filePath') return undefined;
  const found = value(source, []);
  if (typeof found !== 'string' || type.form !== 'text') return undefined;
  const cleaned = cleanText(found);
  return cutTo(cleaned, Math.min(type.max, cleaned.length));
}

function elementParts<Source>(
  row: Extract<DocumentRow<Source>, { elements: unknown }>,
  source: Source,
  put: (size: number, text: () => string) => void,
): readonly Part[] {
  const elements = row.elements(source, []).filter((element) => element !== '');
  const sizes = elements.map((element) => Buffer.byteLength(element));
  const left = new Set(elements.keys());
  // Of those that are left, with a comma or the opening bracket before each, and the closing bracket.
  let size = sizes.reduce((sum, own) => sum + own + 1, 1);
  const write = (): string => (left.size === 0 ? '' : `[${[...left].map((at) => elements[at]).join()}]`);
  return sizes.map((own, index) => ({
    name: nameOf(row.path),
    importance: row.importance,
    valueBytes: own,
    characters: 0,
    remove: () => {
      left.delete(index);
      size -= own + 1;
      put(left.size === 0 ? 0 : size, write);
    },
    cut: () => {},
  }));
}
