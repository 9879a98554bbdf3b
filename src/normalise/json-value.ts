import { isUtcText } from '../fields/utc-text.ts';

/** A JSON object of which nothing is known: any field may be missing, null or of another type. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** True for a JSON object; arrays and null are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const none: JsonObject = Object.freeze({});

/** Returns the value if it is an object, else an empty one, so that reading goes on. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : none;
}

const noObjects: readonly JsonObject[] = Object.freeze([]);

/** Returns the objects of a list; empty when the value is no list. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value) || value.length === 0) return noObjects;
  // Nearly every list holds nothing else, and is its own answer then.
  return value.every(isObject) ? value : value.filter(isObject);
}

/**
 * Returns a text as sent, or a number's digits. Undefined for null, empty, blank and every other type: all of them are
 * "no value" to Microsoft (formats reference §1.1).
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    // Nearly every text begins with a visible character of ASCII: no need to look on. U+FEFF, white space to
    // JavaScript, is evidence (formats reference §1.1).
    const first = value.charCodeAt(0);
    return (first > 0x20 && first < 0x7f) || /[\S\ufeff]/.test(value) ? value : undefined;
  }
  return typeof value === 'number' ? digitsOf(value) : undefined;
}

let inexactReads = 0;

/**
 * Returns how many numbers have been read whose digits may not be those that were sent: all but integers up to 2^53. It
 * only grows, so that whoever reads a record knows by comparing whether to read it again from `parseExactly`; few do, and
 * the others pay for no search of their text.
 */
export function inexactNumbersRead(): number {
  return inexactReads;
}

/** Reads all numbers that the value holds, for who writes it anew without `textOf`. Throws RangeError at great depth. */
export function readNumbers(value: unknown): void {
  if (typeof value === 'number') digitsOf(value);
  else if (typeof value === 'object' && value !== null) {
    for (const held of Object.values(value)) readNumbers(held);
  }
}

function digitsOf(value: number): string {
  if (!Number.isSafeInteger(value)) inexactReads++;
  return String(value);
}

/** As `textOf`, for an enumeration of Graph, where `unknown` means "none" too (formats reference §11.1). */
export function knownOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === 'unknown' ? undefined : text;
}

const timePattern =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?\s*(?:Z|z|[+-]\d{2}:?\d{2})?$/;

/** Returns a time as sent. Undefined where there is none, for text that is no time, and for year 1, Microsoft's "none". */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.startsWith('0001-01-01')) return undefined;
  if (isUtcText(value)) return value;
  return timePattern.test(value) ? value : undefined;
}

/** Returns true or false, also from the words and from 1 and 0; else undefined. */
export function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = textOf(value)?.trim().toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return undefined;
}

/** Returns the texts of a list without repeats: of an array, or of text separated by comma or semicolon. */
export function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) {
    const text = textOf(value);
    return text === undefined ? noTexts : distinct(text.split(/[,;]/).map((part) => textOf(part.trim())));
  }
  if (value.length === 0) return noTexts;
  if (value.length > 1) return distinct(value.map(textOf));
  const only = textOf(value[0]);
  return only === undefined ? noTexts : [only];
}

/** So many texts are compared with each other faster than a set of them is made. */
const fewTexts = 16;

/** Returns what is defined, in order, without repeats. */
export function distinct(texts: readonly (string | undefined)[]): readonly string[] {
  if (texts.length > fewTexts) return [...new Set(texts.filter((text) => text !== undefined))];
  const found: string[] = [];
  for (const text of texts) if (text !== undefined && !found.includes(text)) found.push(text);
  return found.length === 0 ? noTexts : found;
}

/** Returns the texts, which have no repeats, with one more if it is defined and not among them. */
export function including(texts: readonly string[], text: string | undefined): readonly string[] {
  return text === undefined || texts.includes(text) ? texts : [...texts, text];
}

/** The empty list of texts: most lists are empty, and need none of their own. */
export const noTexts: readonly string[] = Object.freeze([]);

/** Returns the fields, or undefined when none of them says anything: nothing defined, no list with an element. */
export function orNone<Fields extends object>(fields: Fields): Fields | undefined {
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) return fields;
  }
  return undefined;
}
