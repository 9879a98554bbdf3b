/** An expression of eval, as Splunk's Search Reference has it. */
export type Expression =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

interface Token {
  readonly kind: 'text' | 'number' | 'quoted-field' | 'word' | 'sign';
  readonly value: string;
}

/** Operators from the weakest to the strongest. */
const levels: readonly (readonly string[])[] = [
  ['OR'],
  ['XOR'],
  ['AND'],
  ['==', '=', '!=', '<', '>', '<=', '>='],
  ['+', '-', '.'],
  ['*', '/', '%'],
];

const tokenPattern =
  /\s*(?:(?<text>"(?:[^"\\]|\\[\s\S])*")|(?<quoted>'[^']*')|(?<number>\d+(?:\.\d+)?)|(?<word>[A-Za-z_][\w:]*(?:\{\})?)|(?<sign>==|!=|<=|>=|[-+.*/%<>=(),]))/y;

/** Reads an expression of eval. Throws at what Splunk would not read either. */
export function parseEval(source: string): Expression {
  const tokens = tokensOf(source);
  let at = 0;
  const peek = () => tokens[at];
  const isSign = (value: string) => peek()?.kind === 'sign' && peek()?.value === value;
  const expect = (value: string) => {
    if (!isSign(value)) throw new Error(`'${value}' is missing before '${peek()?.value ?? 'the end'}'`);
    at++;
  };
  const binary = (level: number): Expression => {
    const operators = levels[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const token = peek();
      const operator = token?.kind === 'word' ? token.value.toUpperCase() : token?.value;
      if (token === undefined || token.kind === 'text' || operator === undefined) return left;
      if (token.kind === 'quoted-field' || !operators.includes(operator)) return left;
      at++;
      left = { kind: 'binary', operator, left, right: binary(level + 1) };
    }
  };
  const unary = (): Expression => {
    const token = peek();
    if (token?.kind === 'word' && token.value.toUpperCase() === 'NOT') {
      at++;
      return { kind: 'not', of: unary() };
    }
    if (isSign('-')) {
      at++;
      return { kind: 'binary', operator: '-', left: { kind: 'number', value: 0 }, right: unary() };
    }
    return primary();
  };
  const primary = (): Expression => {
    const token = tokens[at++];
    if (token === undefined) throw new Error('the expression ends too early');
    if (token.kind === 'text') return { kind: 'text', value: token.value };
    if (token.kind === 'number') return { kind: 'number', value: Number(token.value) };
    if (token.kind === 'quoted-field') return { kind: 'field', name: token.value };
    if (token.kind === 'word') return isSign('(') ? call(token.value) : { kind: 'field', name: token.value };
    if (token.value !== '(') throw new Error(`'${token.value}' stands where a value should`);
    const inner = binary(0);
    expect(')');
    return inner;
  };
  const call = (name: string): Expression => {
    expect('(');
    const args: Expression[] = [];
    while (!isSign(')')) {
      args.push(binary(0));
      if (!isSign(')')) expect(',');
    }
    expect(')');
    return { kind: 'call', name, args };
  };
  const whole = binary(0);
  if (at < tokens.length) throw new Error(`'${tokens[at]?.value}' is too much`);
  return whole;
}

/** Returns every part of an expression, itself first. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
      return [expression, ...expression.args.flatMap(partsOf)];
    case 'not':
      return [expression, ...partsOf(expression.of)];
    case 'binary':
      return [expression, ...partsOf(expression.left), ...partsOf(expression.right)];
    default:
      return [expression];
  }
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  let end = 0;
  while (source.slice(end).trim() !== '') {
    tokenPattern.lastIndex = end;
    const groups = tokenPattern.exec(source)?.groups;
    if (groups === undefined) throw new Error(`unreadable at '${source.slice(end, end + 20)}'`);
    end = tokenPattern.lastIndex;
    const { text, quoted, number, word, sign } = groups;
    if (text !== undefined) tokens.push({ kind: 'text', value: unquoted(text) });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted-field', value: quoted.slice(1, -1) });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else tokens.push({ kind: 'sign', value: sign ?? '' });
  }
  return tokens;
}

/** In a text, `\\` and `\"` are escapes; any other backslash stays, as in `"\1"`. */
function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
}
