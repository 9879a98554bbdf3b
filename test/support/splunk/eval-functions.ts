import type { Expression } from './eval-expression.ts';
import { jsRegExp } from './pcre.ts';
import { spath } from './spath.ts';

/** A field's value: several, one, or none. */
export type Value = readonly string[];
/** The fields of an event. */
export type Fields = ReadonlyMap<string, Value>;

type Result = Value | boolean | number;

const none: Value = [];

/** Each function with the fewest and the most arguments that it takes. */
const functions: Readonly<
  Record<string, readonly [fewest: number, most: number, of: (args: readonly Result[]) => Result]>
> = {
  coalesce: [1, 99, (args) => args.find((arg) => !isNull(arg)) ?? none],
  isnull: [1, 1, ([x = none]) => isNull(x)],
  isnotnull: [1, 1, ([x = none]) => !isNull(x)],
  len: [1, 1, ([x = none]) => (isNull(x) ? none : textOf(x).length)],
  lower: [1, 1, ([x = none]) => mapText(x, (text) => text.toLowerCase())],
  match: [2, 2, ([x = none, pattern = none]) => !isNull(x) && jsRegExp(textOf(pattern)).test(textOf(x))],
  mvappend: [1, 99, (args) => args.flatMap(valuesOf)],
  mvindex: [2, 3, ([x = none, index = 0]) => valuesOf(x).slice(Number(index)).slice(0, 1)],
  mvjoin: [2, 2, ([x = none, by = none]) => (isNull(x) ? none : [valuesOf(x).join(textOf(by))])],
  mvzip: [2, 3, ([x = none, y = none, by = [',']]) => zipped(valuesOf(x), valuesOf(y), textOf(by))],
  null: [0, 0, () => none],
  nullif: [2, 2, ([x = none, y = none]) => (textOf(x) === textOf(y) ? none : x)],
  replace: [3, 3, ([x = none, pattern = none, by = none]) => replaced(x, textOf(pattern), textOf(by))],
  split: [2, 2, ([x = none, by = none]) => (isNull(x) ? none : textOf(x).split(textOf(by)))],
  strftime: [2, 2, ([x = none]) => (isNull(x) ? none : [secondsText(Number(textOf(x)))])],
  substr: [2, 3, ([x = none, start = 1, length]) => cut(x, Number(start), length)],
  tonumber: [1, 2, ([x = none]) => (isNull(x) || Number.isNaN(Number(textOf(x))) ? none : Number(textOf(x)))],
};

/** Functions whose arguments are not all to be worked out, that read JSON, or that searches alone use. */
const special: Readonly<Record<string, readonly [fewest: number, most: number]>> = {
  case: [2, 99],
  if: [3, 3],
  now: [0, 0],
  spath: [2, 2],
};

/** Returns how many arguments a function takes, from and to; undefined for one that is not known here. */
export function arity(name: string): readonly [fewest: number, most: number] | undefined {
  const known = functions[name] ?? special[name];
  return known === undefined ? undefined : [known[0], known[1]];
}

/** Works out an expression over an event's fields, as Splunk's eval does. */
export function evaluate(expression: Expression, fields: Fields): Value {
  return valuesOf(resultOf(expression, fields));
}

function resultOf(expression: Expression, fields: Fields): Result {
  switch (expression.kind) {
    case 'text':
      return [expression.value];
    case 'number':
      return expression.value;
    case 'field':
      return fields.get(expression.name) ?? none;
    case 'not':
      return !isTrue(resultOf(expression.of, fields));
    case 'binary':
      return binary(expression, fields);
    case 'call':
      return called(expression.name, expression.args, fields);
  }
}

function called(name: string, args: readonly Expression[], fields: Fields): Result {
  const [first, second, third] = args;
  if (name === 'if' && first && second && third) {
    return resultOf(isTrue(resultOf(first, fields)) ? second : third, fields);
  }
  if (name === 'case') {
    const index = args.findIndex((arg, at) => at % 2 === 0 && isTrue(resultOf(arg, fields)));
    const then = index < 0 ? undefined : args[index + 1];
    return then === undefined ? none : resultOf(then, fields);
  }
  if (name === 'spath' && first && second) {
    const path = resultOf(second, fields);
    return spath(textOf(resultOf(first, fields)), textOf(path));
  }
  const known = functions[name];
  if (known === undefined) throw new Error(`the function ${name} is not known here`);
  return known[2](args.map((arg) => resultOf(arg, fields)));
}

function binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>, fields: Fields): Result {
  const one = resultOf(left, fields);
  if (operator === 'AND') return isTrue(one) && isTrue(resultOf(right, fields));
  if (operator === 'OR') return isTrue(one) || isTrue(resultOf(right, fields));
  const other = resultOf(right, fields);
  if (isNull(one) || isNull(other)) return none; // what has no value makes nothing, and is equal to nothing
  switch (operator) {
    case '.':
      return [textOf(one) + textOf(other)];
    case '==':
    case '=':
      return textOf(one) === textOf(other);
    case '!=':
      return textOf(one) !== textOf(other);
    case '-':
      return Number(textOf(one)) - Number(textOf(other));
    case '/':
      return Number(textOf(one)) / Number(textOf(other));
    default:
      throw new Error(`the operator ${operator} is not known here`);
  }
}

function isNull(result: Result): boolean {
  return Array.isArray(result) && result.length === 0;
}

function isTrue(result: Result): boolean {
  return result === true;
}

function valuesOf(result: Result): Value {
  if (typeof result === 'boolean') return [String(result)];
  return typeof result === 'number' ? [String(result)] : result;
}

function textOf(result: Result): string {
  return valuesOf(result)[0] ?? '';
}

function mapText(result: Result, change: (text: string) => string): Result {
  return valuesOf(result).map(change);
}

function replaced(result: Result, pattern: string, by: string): Result {
  const expression = jsRegExp(pattern, 'g');
  const template = by.replaceAll('$', '$$$$').replaceAll(/\\(\d)/g, '$$$1');
  return mapText(result, (text) => text.replace(expression, template));
}

/** Characters from `start` on, counted from 1, or from the end when it is below 0. */
function cut(result: Result, start: number, length: Result | undefined): Result {
  if (isNull(result) || Number.isNaN(start)) return none;
  const text = textOf(result);
  const from = start < 0 ? Math.max(text.length + start, 0) : start - 1;
  return [text.slice(from, length === undefined ? undefined : from + Number(textOf(length)))];
}

function zipped(left: Value, right: Value, by: string): Value {
  return left.slice(0, right.length).map((text, index) => `${text}${by}${right[index]}`);
}

/** The one form of time that the add-on writes: ISO 8601 to the second. */
function secondsText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
