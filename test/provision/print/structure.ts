/** A word of HCL or Bicep: a name, a number or an operator as it stands, a text with what is in it. */
export interface Token {
  readonly kind: 'name' | 'text' | 'sign' | 'line';
  readonly value: string;
}

/** How a language writes its texts and comments. */
export interface Lexis {
  readonly quote: '"' | "'";
  readonly comment: '#' | '//';
  /** Returns what stands for an escape at the start of this, and how long that is; undefined for none that is known. */
  readEscape(rest: string): readonly [value: string, length: number] | undefined;
}

const closings: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };

/** Splits a text into tokens. Throws for whatever the language does not have, and for brackets that do not match. */
export function tokensOf(text: string, { quote, comment, readEscape }: Lexis): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const character = text.charAt(at);
    const plain = /^(?:[ \t]+|\n)/.exec(rest)?.[0];
    if (plain !== undefined) {
      if (plain === '\n') tokens.push({ kind: 'line', value: '\n' });
      at += plain.length;
    } else if (rest.startsWith(comment)) {
      at += rest.indexOf('\n');
    } else if (character === quote) {
      const [value, length] = quoted(rest, quote, readEscape);
      tokens.push({ kind: 'text', value });
      at += length;
    } else if (/^\w/.test(rest)) {
      const value = /^[\w-]+/.exec(rest)?.[0] ?? '';
      tokens.push({ kind: 'name', value });
      at += value.length;
    } else {
      const sign = /^(?:=>|==|~>|[=.,:?{}[\]()@])/.exec(rest)?.[0];
      if (sign === undefined) throw new SyntaxError(`${JSON.stringify(rest.slice(0, 20))} is no token`);
      tokens.push({ kind: 'sign', value: sign });
      at += sign.length;
    }
  }
  mustBalance(tokens);
  return tokens;
}

function mustBalance(tokens: readonly Token[]): void {
  const open: string[] = [];
  for (const { kind, value } of tokens) {
    if (kind !== 'sign') continue;
    const closing = closings[value];
    if (closing !== undefined) open.push(closing);
    else if ('}])'.includes(value) && open.pop() !== value) throw new SyntaxError(`${value} closes nothing`);
  }
  if (open.length > 0) throw new SyntaxError(`${open.join('')} is missing at the end`);
}

function quoted(text: string, quote: string, readEscape: Lexis['readEscape']): readonly [string, number] {
  let value = '';
  for (let at = 1; at < text.length; ) {
    const rest = text.slice(at);
    if (rest.startsWith(quote)) return [value, at + 1];
    const [meant, length] = readEscape(rest) ?? [rest.charAt(0), 1];
    if (length === 1 && (rest.startsWith('\\') || /^\p{Cc}/u.test(rest))) {
      throw new SyntaxError(`${JSON.stringify(rest.slice(0, 8))} cannot stand in a text`);
    }
    value += meant;
    at += length;
  }
  throw new SyntaxError('a text does not end');
}
