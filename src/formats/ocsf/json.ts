import { quoted } from '../json-string.ts';

// Pieces of JSON text. Nothing is the empty text: what has no value leaves no trace, and an object or list of nothing is
// nothing. What is put together is not looked at again: V8 keeps a text made of pieces as a tree, and would lay all of
// an object's out anew to take off its first comma.

/** Returns text as a JSON string, cleaned (formats reference §1.1); empty for what holds none. */
export function text(value: string | undefined): string {
  return value === undefined ? '' : quoted(value);
}

/** Returns a member of an object, with a comma before it; `name` is plain ASCII. */
export function member(name: string, json: string): string {
  return json === '' ? '' : `,"${name}":${json}`;
}

/** Returns the object of a first member and of others, which each have a comma before them. */
export function objectOf(name: string, json: string, others = ''): string {
  return json === '' ? object(others) : `{"${name}":${json}${others}}`;
}

/** Returns the object of these members: where the first is known, `objectOf` is faster. */
export function object(members: string): string {
  return members === '' ? '' : `{${members.slice(1)}}`;
}

/** Returns the list of these elements. */
export function list(elements: readonly string[]): string {
  let held = '';
  for (const element of elements) {
    if (element !== '') held += held === '' ? element : `,${element}`;
  }
  return held === '' ? '' : `[${held}]`;
}

/** Returns the list of one element. */
export function listOfOne(element: string): string {
  return element === '' ? '' : `[${element}]`;
}

/** Returns the list of these texts. */
export function texts(values: readonly string[] | undefined): string {
  if (values === undefined || values.length === 0) return '';
  let held = '';
  for (const value of values) {
    const json = quoted(value);
    if (json !== '') held += held === '' ? json : `,${json}`;
  }
  return held === '' ? '' : `[${held}]`;
}
