/** A token of Bicep: names, numbers, punctuation and line ends by their text; strings with their parts. */
export type Token =
  | { readonly kind: 'name' | 'number' | 'mark' | 'end'; readonly text: string; readonly line: number }
  | {
      readonly kind: 'string';
      /** Literal texts, and between each two of them an expression's text. */
      readonly texts: readonly string[];
      readonly inserted: readonly (readonly Token[])[];
      readonly text: string;
      readonly line: number;
    };

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", $: '$' };

/** Splits Bicep into tokens. Throws for whatever it does not know, with the line. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const fail = (what: string): never => {
    throw new Error(`line ${line}: ${what}`);
  };
  const readString = (): Token => {
    const started = line;
    const texts: string[] = [];
    const inserted: (readonly Token[])[] = [];
    let text = '';
    at++;
    for (;;) {
      const character = source[at];
      if (character === undefined || character === '\n') return fail('a string does not end');
      if (character === "'") break;
      if (character === '\\') {
        text += escapes[source[at + 1] ?? ''] ?? fail(`\\${source[at + 1]} is no escape`);
        at += 2;
      } else if (character === '$' && source[at + 1] === '{') {
        const end = source.indexOf('}', at);
        texts.push(text);
        inserted.push(tokensOf(source.slice(at + 2, end)).filter(({ kind }) => kind !== 'end'));
        text = '';
        at = end + 1;
      } else {
        text += character;
        at++;
      }
    }
    at++;
    return { kind: 'string', texts: [...texts, text], inserted, text: '', line: started };
  };
  while (at < source.length) {
    const rest = source.slice(at);
    const skipped = /^(?:[ \t\r]+|\/\/[^\n]*)/.exec(rest);
    const word = /^[A-Za-z_]\w*/.exec(rest);
    const number = /^-?\d+/.exec(rest);
    if (skipped !== null) at += skipped[0].length;
    else if (rest.startsWith('\n')) {
      tokens.push({ kind: 'end', text: '\n', line: line++ });
      at++;
    } else if (word !== null) {
      tokens.push({ kind: 'name', text: word[0], line });
      at += word[0].length;
    } else if (number !== null) {
      tokens.push({ kind: 'number', text: number[0], line });
      at += number[0].length;
    } else if (rest.startsWith("'''")) fail('strings of several lines are not read here');
    else if (rest.startsWith("'")) tokens.push(readString());
    else if (/^[{}[\]():.,=@]/.test(rest)) {
      tokens.push({ kind: 'mark', text: rest.charAt(0), line });
      at++;
    } else fail(`unexpected ${rest.charAt(0)}`);
  }
  return tokens;
}
