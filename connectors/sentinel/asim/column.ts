import type { SecurityEvent, TimeText } from '../../../src/event.ts';
import { parseInstant } from '../../../src/fields/instant.ts';
import { cutTo } from '../../../src/formats/clean.ts';
import {
  booleanType,
  type DocumentRow,
  field,
  formedType,
  jsonType,
  numberType,
  textType,
} from '../../../src/formats/document-row.ts';
import { quoted } from '../../../src/formats/json-string.ts';
import { count32, integer64 } from '../../../src/formats/number-text.ts';
import { fits, type Importance } from '../../../src/formats/size-budget.ts';
import { maxColumnBytes } from '../row.ts';

// Columns of the table, by their types in the declaration of a stream. None is longer than Azure keeps: it would cut
// what is longer, and tell nobody (formats reference §7.1).

/** A column's value, of text. */
type TextOf = (event: SecurityEvent) => string | undefined;

const stringType = textType('string');
const timeType = formedType('datetime', parseInstant);
const numberTypes = { int: numberType('int', count32), long: numberType('long', integer64) } as const;
const flagType = booleanType('boolean');
const dynamicType = jsonType('dynamic');

/** A column of text; one that is too long is cut, and named as such. */
export function text(
  fact: number | undefined,
  name: string,
  importance: Importance,
  value: TextOf,
): DocumentRow {
  return field(fact, name, stringType, importance, (event, cut) => {
    const found = value(event);
    if (found === undefined || fits(found, maxColumnBytes)) return found;
    cut.push(name);
    return cutToBytes(found);
  });
}

/** A column of times, kept to 100 ns. */
export function time(
  fact: number | undefined,
  name: string,
  value: (event: SecurityEvent) => TimeText,
): DocumentRow {
  return field(fact, name, timeType, 'kept', value);
}

/** A column of whole numbers, never negative where they have 32 bits (`int`); of 64 bits: `long`. */
export function whole(
  fact: number | undefined,
  name: string,
  type: keyof typeof numberTypes,
  importance: Importance,
  value: TextOf,
): DocumentRow {
  return field(fact, name, numberTypes[type], importance, value);
}

/** A column of truth values. */
export function flag(
  fact: number | undefined,
  name: string,
  value: (event: SecurityEvent) => boolean | undefined,
): DocumentRow {
  return field(fact, name, flagType, 'other', value);
}

/** A column of lists of texts: the last ones of a list that is too long are left out, and the column is named as cut. */
export function list(
  fact: number | undefined,
  name: string,
  importance: Importance,
  value: (event: SecurityEvent) => readonly string[] | undefined,
): DocumentRow {
  const elements = (event: SecurityEvent, cut: string[]): readonly string[] => {
    const written: string[] = [];
    let bytes = 2;
    for (const found of value(event) ?? []) {
      const json = quoted(found) || '""';
      bytes += Buffer.byteLength(json) + 1;
      if (bytes > maxColumnBytes) {
        cut.push(name);
        break;
      }
      written.push(json);
    }
    return written;
  };
  const fields = [{ name, fact, type: dynamicType.name }];
  return { fact, path: `${name}[]`, type: dynamicType, importance, elements, fields };
}

/** A column of JSON as it is: whole, or left out and named as such. */
export function verbatim(
  name: string,
  importance: Importance,
  json: (event: SecurityEvent) => string,
): DocumentRow {
  return field(undefined, name, dynamicType, importance, (event, cut) => {
    const found = json(event);
    if (fits(found, maxColumnBytes)) return found;
    cut.push(name);
    return undefined;
  });
}

/** Returns the longest beginning of a text that Azure keeps, with the sign that something was cut. */
function cutToBytes(value: string): string {
  const cleaned = value.toWellFormed();
  let least = 0;
  let most = cleaned.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(cutTo(cleaned, middle), maxColumnBytes)) least = middle;
    else most = middle - 1;
  }
  return cutTo(cleaned, least);
}
