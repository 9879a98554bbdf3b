import type { Fields } from './eval-functions.ts';

/** Says whether an event is one of those that a search names. */
export type EventFilter = (fields: Fields) => boolean;

/** A comparison of a search, as it names fields before the first pipe. */
export interface Comparison {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
}

const tokenPattern =
  /\s*(?:(?<paren>[()])|(?<compare>[\w.:{}-]+\s*(?:!=|<=|>=|=|<|>)\s*(?:"(?:[^"\\]|\\.)*"|[^\s()|]+))|(?<word>[^\s()|]+))/y;

/** Reads `a=b (c="d*" OR NOT e=f)`: what stands side by side must hold together. Throws at what it cannot read. */
export function parseFilter(search: string): EventFilter {
  const tokens = filterTokens(search);
  let at = 0;
  const any = (): EventFilter => {
    const parts = [all()];
    while (tokens[at] === 'OR') {
      at++;
      parts.push(all());
    }
    return (fields) => parts.some((part) => part(fields));
  };
  const all = (): EventFilter => {
    const parts: EventFilter[] = [];
    for (let token = tokens[at]; token !== undefined && token !== 'OR' && token !== ')'; token = tokens[at]) {
      if (token !== 'AND') parts.push(one());
      else at++;
    }
    if (parts.length === 0) throw new Error(`nothing to compare in: ${search}`);
    return (fields) => parts.every((part) => part(fields));
  };
  const one = (): EventFilter => {
    const token = tokens[at++];
    if (token === 'NOT') {
      const inner = one();
      return (fields) => !inner(fields);
    }
    if (token === '(') {
      const inner = any();
      if (tokens[at++] !== ')') throw new Error(`a ) is missing in: ${search}`);
      return inner;
    }
    if (token === undefined || typeof token === 'string') throw new Error(`'${token}' is no comparison`);
    return comparing(token);
  };
  const whole = any();
  if (at < tokens.length) throw new Error(`too much in: ${search}`);
  return whole;
}

/** Returns the comparisons of a search, and its other words and parentheses, in order. Throws at what it cannot read. */
export function filterTokens(search: string): readonly (string | Comparison)[] {
  const tokens: (string | Comparison)[] = [];
  let end = 0;
  while (search.slice(end).trim() !== '') {
    tokenPattern.lastIndex = end;
    const groups = tokenPattern.exec(search)?.groups;
    if (groups === undefined) throw new Error(`unreadable at '${search.slice(end, end + 20)}'`);
    end = tokenPattern.lastIndex;
    const { paren, compare, word } = groups;
    const parts = /^([\w.:{}-]+)\s*(!=|<=|>=|=|<|>)\s*([\s\S]*)$/.exec(compare ?? '');
    if (parts === null) tokens.push(paren ?? word ?? '');
    else {
      const [, field = '', operator = '', value = ''] = parts;
      tokens.push({ field, operator, value: value.replaceAll(/^"|"$/g, '') });
    }
  }
  return tokens;
}

/** Without regard to case, `*` for anything, as search compares; a field without a value equals nothing. */
function comparing({ field, operator, value }: Comparison): EventFilter {
  const parts = value.split('*').map((part) => RegExp.escape(part));
  const pattern = new RegExp(`^${parts.join('[\\s\\S]*')}$`, 'i');
  const has: EventFilter = (fields) => (fields.get(field) ?? []).some((text) => pattern.test(text));
  if (operator === '=') return has;
  if (operator === '!=') return (fields) => (fields.get(field) ?? []).length > 0 && !has(fields);
  throw new Error(`the comparison ${operator} is not known here`);
}
