import { text } from './json.ts';

/** A value of an enumeration: its id, and its caption as JSON. */
export interface Choice {
  readonly id: number;
  readonly caption: string;
}

/** What stands for a value that is not known. */
export const unknown = choice(0, 'Unknown');

/** Returns a value of an enumeration with the schema's own caption. */
export function choice(id: number, caption: string): Choice {
  return { id, caption: `"${caption}"` };
}

/** Returns a value that the enumeration does not have, told in the source's own word. */
export function otherChoice(word: string): Choice {
  const caption = text(word);
  return caption === '' ? unknown : { id: 99, caption };
}

/** Returns the members of an enumerated attribute: its id, and the caption beside it. */
export function chosen(idName: string, captionName: string, { id, caption }: Choice): string {
  return `,"${idName}":${id},"${captionName}":${caption}`;
}

/** Returns the value that a word of the source stands for, whatever its case; another word is told as it is. */
export function choiceOf(table: ReadonlyMap<string, Choice>, word: string): Choice {
  return table.get(word.toLowerCase()) ?? otherChoice(word);
}

/** Returns a table from words in lower case to values with the schema's captions. */
export function choices(
  entries: Readonly<Record<string, readonly [id: number, caption: string]>>,
): ReadonlyMap<string, Choice> {
  return new Map(Object.entries(entries).map(([word, [id, caption]]) => [word, choice(id, caption)]));
}
