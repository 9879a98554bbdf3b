import { isIP } from 'node:net';
import { parseInstant } from '../../fields/instant.ts';

/** A time as an index reads it by default: the date with dashes, up to 9 digits of a second, `Z` or an offset. */
const date =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

const least64 = -(2 ** 63);
const most64 = 2 ** 63;

/**
 * Returns what is wrong with one value of a field of this type, as the end of a sentence; undefined for nothing. Of types
 * that take objects, it looks at none.
 */
export function valueProblem(type: string, value: unknown): string | undefined {
  switch (type) {
    case 'keyword':
    case 'constant_keyword':
    case 'wildcard':
    case 'match_only_text':
      return typeof value === 'string' ? undefined : `is ${kindOf(value)} where ECS has text`;
    case 'ip':
      return ipProblem(value);
    case 'date':
      return dateProblem(value);
    case 'long':
      return wholeProblem(value, least64, most64);
    case 'integer':
      return wholeProblem(value, -(2 ** 31), 2 ** 31);
    case 'float':
    case 'double':
    case 'scaled_float':
      return typeof value === 'number' ? undefined : `is ${kindOf(value)} where ECS has a number`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `is ${kindOf(value)} where ECS has true or false`;
    default:
      return undefined;
  }
}

/** True of types whose values are objects, or may be. */
export function takesObjects(type: string): boolean {
  return ['object', 'nested', 'flattened', 'geo_point'].includes(type);
}

/** Names the kind of a JSON value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object':
      return 'an object';
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    default:
      return 'true or false';
  }
}

function ipProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return `is ${kindOf(value)} where ECS has an IP address`;
  return isIP(value) !== 0 && !value.includes('%')
    ? undefined
    : 'is no IP address: the whole document is refused for it';
}

function dateProblem(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return undefined;
  if (typeof value !== 'string') return `is ${kindOf(value)} where ECS has a time`;
  return date.test(value) && (value.length === 10 || parseInstant(value.replace(',', '.')) !== undefined)
    ? undefined
    : 'is no time such as 2026-11-03T08:26:10.123Z: the whole document is refused for it';
}

function wholeProblem(value: unknown, least: number, end: number): string | undefined {
  if (typeof value !== 'number') return `is ${kindOf(value)} where ECS has a whole number`;
  return Number.isInteger(value) && value >= least && value < end
    ? undefined
    : 'is no whole number that fits';
}
