import { ODataError, type Token, tokenize } from './odata-tokens.ts';

/** What a property holds; times are instants (fixed-width text), so that they compare at 100 ns. */
export type FilterValue = string | number | boolean | null | readonly string[];

/** Types of properties; a filter that compares a time with a text is refused. `texts`: only by `any`. */
export type PropertyType = 'text' | 'time' | 'number' | 'texts';

/** What can be filtered on, and how names and text are matched. */
export interface FilterSchema {
  readonly properties: Readonly<Record<string, PropertyType>>;
  /** Names of properties and operators are matched without regard to case (Defender hosts). */
  readonly anyCase: boolean;
  /** Allow `not`, `startswith` and `contains` (API reference §2.3). */
  readonly functions: boolean;
  /** Texts are equal whatever their case (the directory). */
  readonly anyCaseText?: boolean;
  /** What is said of a property that is not in the list. */
  readonly unknownProperty: (name: string) => string;
}

/** Tells whether a record, given as a reader of its properties, passes. */
export type Predicate = (read: (property: string) => FilterValue) => boolean;

const comparators: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};
/** Deeper nesting is refused, as the services do, before the stack ends. */
const deepest = 100;

/** Returns the predicate of an OData `$filter`. Throws ODataError when the filter is malformed or names what it must not. */
export function compileFilter(filter: string, schema: FilterSchema): Predicate {
  const parser = new Parser(tokenize(filter), filter, schema);
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #filter: string;
  readonly #schema: FilterSchema;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], filter: string, schema: FilterSchema) {
    this.#tokens = tokens;
    this.#filter = filter;
    this.#schema = schema;
  }

  whole(): Predicate {
    const predicate = this.#or();
    if (this.#peek().kind !== 'end') throw this.#syntaxError();
    return predicate;
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#takeWord('or')) {
      const [first, second] = [left, this.#and()];
      left = (read) => first(read) || second(read);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#unary();
    while (this.#takeWord('and')) {
      const [first, second] = [left, this.#unary()];
      left = (read) => first(read) && second(read);
    }
    return left;
  }

  #unary(): Predicate {
    this.#depth += 1;
    if (this.#depth > deepest) throw new ODataError('The filter is nested too deeply.');
    try {
      if (this.#schema.functions && this.#takeWord('not')) {
        const operand = this.#unary();
        return (read) => !operand(read);
      }
      if (this.#takeSymbol('(')) {
        const inner = this.#or();
        this.#expectSymbol(')');
        return inner;
      }
      return this.#term();
    } finally {
      this.#depth -= 1;
    }
  }

  #term(): Predicate {
    const token = this.#take();
    if (token.kind !== 'name') throw this.#syntaxError(token);
    const following = this.#peek();
    if (following.kind === 'symbol' && following.text === '(') return this.#call(token.text);
    const property = this.#property(token.text);
    if (this.#schema.properties[property] === 'texts') throw this.#syntaxError(token);
    if (this.#takeWord('in')) return this.#membership(property);
    const operator = this.#take();
    const compare = operator.kind === 'name' ? comparators[this.#fold(operator.text)] : undefined;
    if (compare === undefined) throw this.#syntaxError(operator);
    const literal = this.#literal(property);
    const equality = compare(0) !== compare(1) && compare(1) === compare(-1);
    return (read) => {
      const value = this.#foldText(read(property));
      if (typeof value === 'object' && value !== null) return false;
      // A null is equal to null alone, and neither before nor after anything (OData 4.01, part 2, §5.1.1.1).
      if (value === null || literal === null) return equality && compare(value === literal ? 0 : 1);
      return compare(value < literal ? -1 : value > literal ? 1 : 0);
    };
  }

  #membership(property: string): Predicate {
    this.#expectSymbol('(');
    const literals: FilterValue[] = [this.#literal(property)];
    while (this.#takeSymbol(',')) literals.push(this.#literal(property));
    this.#expectSymbol(')');
    return (read) => literals.includes(this.#foldText(read(property)));
  }

  /** `tags/any(t:t eq 'x')`: one of the texts is this one. */
  #any(name: string): Predicate {
    const property = this.#property(name);
    this.#expectSymbol('(');
    const variable = this.#take();
    this.#expectSymbol(':');
    const operand = this.#take();
    const known = variable.kind === 'name' && operand.kind === 'name' && variable.text === operand.text;
    if (!known || this.#schema.properties[property] !== 'texts' || !this.#takeWord('eq')) {
      throw this.#syntaxError(operand);
    }
    const text = this.#take();
    if (text.kind !== 'text') throw this.#syntaxError(text);
    this.#expectSymbol(')');
    const wanted = this.#foldText(text.value);
    return (read) => {
      const values = read(property);
      return Array.isArray(values) && values.some((value: string) => this.#foldText(value) === wanted);
    };
  }

  #call(name: string): Predicate {
    if (name.endsWith('/any')) return this.#any(name.slice(0, -'/any'.length));
    const method = this.#fold(name);
    if (!this.#schema.functions || (method !== 'startswith' && method !== 'contains')) {
      throw new ODataError(`An unknown function with name '${name}' was found.`);
    }
    this.#expectSymbol('(');
    const argument = this.#take();
    if (argument.kind !== 'name') throw this.#syntaxError(argument);
    const property = this.#property(argument.text);
    this.#expectSymbol(',');
    const text = this.#take();
    if (text.kind !== 'text' || this.#schema.properties[property] !== 'text') throw this.#syntaxError(text);
    this.#expectSymbol(')');
    const wanted = String(this.#foldText(text.value));
    const test = (value: string) =>
      method === 'contains' ? value.includes(wanted) : value.startsWith(wanted);
    return (read) => {
      const value = this.#foldText(read(property));
      return typeof value === 'string' && test(value);
    };
  }

  #literal(property: string): FilterValue {
    const token = this.#take();
    if (token.kind === 'name' && this.#fold(token.text) === 'null') return null;
    if (token.kind !== 'text' && token.kind !== 'time' && token.kind !== 'number')
      throw this.#syntaxError(token);
    const type = this.#schema.properties[property];
    if (type !== token.kind) {
      throw new ODataError(
        `A binary operator with incompatible types was detected: '${property}' is a ${type}, the literal at position ${token.at} a ${token.kind}.`,
      );
    }
    return this.#foldText(token.value);
  }

  #property(name: string): string {
    const known = Object.keys(this.#schema.properties).find((property) =>
      this.#schema.anyCase ? property.toLowerCase() === name.toLowerCase() : property === name,
    );
    if (known === undefined) throw new ODataError(this.#schema.unknownProperty(name));
    return known;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', at: this.#filter.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'name' || this.#fold(token.text) !== word) return false;
    this.#next += 1;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #expectSymbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#syntaxError();
  }

  #foldText<T extends FilterValue>(value: T): T | string {
    return this.#schema.anyCaseText === true && typeof value === 'string' ? value.toLowerCase() : value;
  }

  #fold(word: string): string {
    return this.#schema.anyCase ? word.toLowerCase() : word;
  }

  #syntaxError(token = this.#peek()): ODataError {
    return new ODataError(`Syntax error at position ${token.at} in '${this.#filter}'.`);
  }
}
