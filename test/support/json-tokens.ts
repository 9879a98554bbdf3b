/** One token of a JSON text: a string decoded, all else as it stands. */
export type JsonToken = string;

const plainToken = '[{}[\\]:,]|true|false|null|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?';
const quotedToken = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"';
const token = new RegExp(`[\\t\\n\\r ]*(?:(${plainToken})|(${quotedToken}))`, 'uy');

/**
 * Returns the tokens of a JSON text, strings decoded and made well-formed, behind a quote each: two texts of the same
 * tokens say the same, duplicate members, digits of numbers and all. Throws where a token is none of JSON's: `JSON.parse` decides on strings.
 */
export function jsonTokens(text: string): readonly JsonToken[] {
  const tokens: JsonToken[] = [];
  token.lastIndex = 0;
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) {
      if (text.slice(at).trim() === '') break;
      throw new Error(`no JSON at ${at}: ${text.slice(at, at + 40)}`);
    }
    const [, plain, quoted] = match;
    tokens.push(plain ?? `"${(JSON.parse(quoted ?? '""') as string).toWellFormed()}`);
  }
  return tokens;
}
