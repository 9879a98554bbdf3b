import { type Token, tokensOf } from './tokens.ts';

/** An expression of Bicep. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'text'; readonly texts: readonly string[]; readonly inserted: readonly Expression[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, value: Expression])[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] };

/** A statement of Bicep, with the arguments of its decorators by name. */
export interface Statement {
  readonly keyword: 'param' | 'var' | 'resource' | 'output';
  readonly name: string;
  /** Of a parameter or output its type, of a resource `type@apiVersion`. */
  readonly type: string;
  readonly existing: boolean;
  readonly value: Expression | undefined;
  readonly decorators: Readonly<Record<string, Expression>>;
}

/** Reads a Bicep file of parameters, variables, resources and outputs. Throws for anything else, with the line. */
export function statementsOf(source: string): readonly Statement[] {
  const reader = new Reader(tokensOf(`${source}\n`));
  const statements: Statement[] = [];
  for (reader.skipEnds(); !reader.done(); reader.skipEnds()) statements.push(reader.statement());
  const names = statements.map(({ name, keyword }) => `${keyword === 'output'} ${name}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${twice} is declared twice`);
  return statements;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  skipEnds(): void {
    while (this.#tokens[this.#at]?.kind === 'end') this.#at++;
  }

  statement(): Statement {
    const decorators: Record<string, Expression> = {};
    while (this.#take('@')) {
      const call = this.expression();
      if (call.kind !== 'call' || call.values[0] === undefined) throw this.#unexpected();
      decorators[call.name] = call.values[0];
      this.#end();
    }
    const keyword = this.#name();
    const name = this.#name();
    switch (keyword) {
      case 'param': {
        const type = this.#name();
        const value = this.#take('=') ? this.expression() : undefined;
        this.#end();
        return { keyword, name, type, existing: false, value, decorators };
      }
      case 'var': {
        this.#must('=');
        const value = this.expression();
        this.#end();
        return { keyword, name, type: '', existing: false, value, decorators };
      }
      case 'output': {
        const type = this.#name();
        this.#must('=');
        const value = this.expression();
        this.#end();
        return { keyword, name, type, existing: false, value, decorators };
      }
      case 'resource': {
        const type = this.#plainText();
        const existing = this.#tokens[this.#at]?.text === 'existing';
        if (existing) this.#at++;
        this.#must('=');
        const value = this.expression();
        this.#end();
        return { keyword, name, type, existing, value, decorators };
      }
      default:
        throw new Error(`line ${this.#line()}: ${keyword} begins no statement that is read here`);
    }
  }

  expression(): Expression {
    let expression = this.#primary();
    while (this.#take('.')) expression = { kind: 'member', of: expression, name: this.#name() };
    return expression;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'string') return textOf(token);
    if (token?.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token?.text === '{') return this.#object();
    if (token?.text === '[') return this.#array();
    if (token?.kind !== 'name') throw this.#unexpected();
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true' };
    if (token.text === 'null') return { kind: 'literal', value: null };
    if (!this.#take('(')) return { kind: 'name', name: token.text };
    const values: Expression[] = [];
    while (!this.#take(')')) {
      values.push(this.expression());
      if (!this.#take(',') && this.#tokens[this.#at]?.text !== ')') throw this.#unexpected();
    }
    return { kind: 'call', name: token.text, values };
  }

  #object(): Expression {
    const members: (readonly [string, Expression])[] = [];
    for (this.skipEnds(); !this.#take('}'); this.skipEnds()) {
      const key = this.#tokens[this.#at]?.kind === 'string' ? this.#plainText() : this.#name();
      this.#must(':');
      members.push([key, this.expression()]);
      if (this.#tokens[this.#at]?.text !== '}') this.#end();
    }
    const keys = members.map(([key]) => key);
    if (new Set(keys).size !== keys.length) throw new Error(`line ${this.#line()}: a key stands twice`);
    return { kind: 'object', members };
  }

  #array(): Expression {
    const items: Expression[] = [];
    for (this.skipEnds(); !this.#take(']'); this.skipEnds()) {
      items.push(this.expression());
      if (this.#tokens[this.#at]?.text !== ']') this.#end();
    }
    return { kind: 'array', items };
  }

  #plainText(): string {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== 'string' || token.inserted.length > 0) throw this.#unexpected();
    return token.texts.join('');
  }

  #name(): string {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== 'name') throw this.#unexpected();
    return token.text;
  }

  /** A line ends, or several do. */
  #end(): void {
    if (this.#tokens[this.#at]?.kind !== 'end') {
      this.#at++;
      throw this.#unexpected();
    }
    this.skipEnds();
  }

  #take(mark: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.#at++;
    return true;
  }

  #must(mark: string): void {
    if (this.#take(mark)) return;
    this.#at++;
    throw this.#unexpected();
  }

  #line(): number {
    return this.#tokens[Math.min(this.#at, this.#tokens.length) - 1]?.line ?? 0;
  }

  #unexpected(): Error {
    return new Error(`line ${this.#line()}: unexpected ${this.#tokens[this.#at - 1]?.text}`);
  }
}

function textOf(token: Extract<Token, { kind: 'string' }>): Expression {
  if (token.inserted.length === 0) return { kind: 'literal', value: token.texts.join('') };
  const inserted = token.inserted.map((tokens) => new Reader(tokens).expression());
  return { kind: 'text', texts: token.texts, inserted };
}
