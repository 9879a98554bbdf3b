import { quoted } from '../json-string.ts';

// Pieces of JSON text. Nothing is the empty text: what has no value leaves no trace, and an object or list of nothing is
// nothing.

/** Returns text as a JSON string, cleaned (formats reference §1.1); empty for what holds none. */
export function text(value: string | undefined): string {
  return value === undefined ? '' : quoted(value);
}

/** Returns a member of an object, with a comma before it; `name` is plain ASCII. */
export function member(name: string, json: string): string {
  return json === '' ? '' : `,"${name}":${json}`;
}

/** Returns the object of these members. */
export function object(members: string): string {
  return members === '' ? '' : `{${members.slice(1)}}`;
}

/** Returns the list of these elements. */
export function list(elements: readonly string[]): string {
  const held = elements.filter((element) => element !== '');
  return held.length === 0 ? '' : `[${held.join()}]`;
}

/** Returns the list of these texts. */
export function texts(values: readonly string[] | undefined): string {
  return values === undefined || values.length === 0 ? '' : list(values.map(text));
}
