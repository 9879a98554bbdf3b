import { type Instant, parseInstant } from '../fields/instant.ts';

/** A part of a filter, with where it stood (0-based). */
export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'time'; readonly value: Instant; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: '(' | ')' | ',' | ':'; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

/** A filter that is not well formed, or that names what cannot be filtered on; the message is fit for the answer. */
export class ODataError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ODataError';
  }
}

const space = /\s+/y;
const textLiteral = /'(?:[^']|'')*'/y;
// Beside RFC 3339 a date and `Z` alone: a documented sample has `2018-08-01Z` (API reference §2.4).
const timeLiteral = /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})|Z)?/y;
const fractionDigits = /\.(\d+)/;
const numberLiteral = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const name = /[A-Za-z_][\w/]*/y;

/** Returns the tokens of `filter`, the last being `end`. Throws ODataError naming the position of what is no token. */
export function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = skip(filter, 0);
  while (at < filter.length) {
    const [token, next] = read(filter, at);
    tokens.push(token);
    at = skip(filter, next);
  }
  tokens.push({ kind: 'end', at });
  return tokens;
}

function read(filter: string, at: number): [Token, number] {
  const first = filter.charAt(at);
  if (first === '(' || first === ')' || first === ',' || first === ':') {
    return [{ kind: 'symbol', text: first, at }, at + 1];
  }
  const text = match(textLiteral, filter, at);
  if (text !== undefined) {
    return [{ kind: 'text', value: text.slice(1, -1).replaceAll("''", "'"), at }, at + text.length];
  }
  const time = match(timeLiteral, filter, at);
  if (time !== undefined) return [{ kind: 'time', value: instant(time, at), at }, at + time.length];
  const number = match(numberLiteral, filter, at);
  if (number !== undefined) return [{ kind: 'number', value: Number(number), at }, at + number.length];
  const word = match(name, filter, at);
  if (word !== undefined) return [{ kind: 'name', text: word, at }, at + word.length];
  throw new ODataError(`Syntax error at position ${at} in '${filter}'.`);
}

function instant(literal: string, at: number): Instant {
  const digits = fractionDigits.exec(literal)?.[1]?.length ?? 0;
  const dateAlone = literal.length === 11 && literal.endsWith('Z');
  const value = parseInstant(dateAlone ? literal.slice(0, 10) : literal);
  if (value === undefined || digits > 7) {
    throw new ODataError(`The time '${literal}' at position ${at} is not valid.`);
  }
  return value;
}

function skip(filter: string, at: number): number {
  return at + (match(space, filter, at)?.length ?? 0);
}

function match(pattern: RegExp, filter: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(filter)?.[0];
}
