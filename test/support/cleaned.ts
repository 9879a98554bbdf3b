// What §1.1 of the formats reference makes of a value, written apart from the encoder, character by character.

/** Returns what a reader of a CEF extension gets back for a value, cut to `max` characters; empty for none. */
export function cleanedLines(value: string, max = Number.POSITIVE_INFINITY): string {
  return cut(trim([...value].map((character) => cleanCharacter(character, true)).join('')), max);
}

/** Returns what a reader of a CEF header or of LEEF gets back, `forbidden` having become `substitute`. */
export function cleanedLine(
  value: string,
  forbidden = '',
  substitute = ' ',
  max = Number.POSITIVE_INFINITY,
): string {
  const lines = [...value].map((character) =>
    character === forbidden && forbidden !== '' ? substitute : cleanCharacter(character, false),
  );
  return cut(
    trim(
      lines
        .filter((character, at) => character !== '\n' || lines[at - 1] !== '\n')
        .join('')
        .replaceAll('\n', ' '),
    ),
    max,
  );
}

/** Returns what a reader of a JSON string gets back for a value, cut to `max` characters; empty for none. */
export function cleanedText(value: string, max = Number.POSITIVE_INFINITY): string {
  return cut(trim([...value].map((character) => (isLone(character) ? '\ufffd' : character)).join('')), max);
}

function isLone(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xd800 && code <= 0xdfff;
}

function cleanCharacter(character: string, manyLines: boolean): string {
  const code = character.codePointAt(0) ?? 0;
  if (isLone(character)) return '\ufffd';
  if (['\v', '\f', '\u0085', '\u2028', '\u2029'].includes(character)) return '\n';
  if (['\n', '\r', '\t'].includes(character)) return manyLines ? character : '\n';
  return code < 0x20 || (code > 0x7e && code < 0xa0) ? '\ufffd' : character;
}

function trim(value: string): string {
  const characters = [...value];
  const outer = [' ', '\t', '\n', '\r'];
  while (outer.includes(characters[0] ?? '')) characters.shift();
  while (outer.includes(characters.at(-1) ?? '')) characters.pop();
  return characters.join('');
}

function cut(value: string, max: number): string {
  const characters = [...value];
  return characters.length <= max ? value : `${characters.slice(0, max - 1).join('')}…`;
}
