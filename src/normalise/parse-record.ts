import { ConnectorError, messageOf } from '../errors.ts';
import { isObject, type JsonObject } from './json-value.ts';

/**
 * Returns the record that the text holds, its numbers as doubles: whoever reads one that a double may have changed reads
 * the record again from `parseExactly`. Throws API_FAILED when the text is no JSON object.
 */
export function parseRecord(json: string): JsonObject {
  return recordObject(parse(json, JSON.parse));
}

/**
 * Returns the record that the text holds, with the text of each number that a double does not hold exactly (process ids,
 * file sizes, logon ids beyond 2^53) in its place. Several times slower, as it visits every value. Throws API_FAILED when
 * the text is no JSON object.
 */
export function parseExactly(json: string): JsonObject {
  const object = recordObject(parse(json, parseNumbers));
  exact.add(object);
  return object;
}

/** True for what `parseExactly` returned: reading it once more from its text would bring no further digit. */
export function isExact(object: JsonObject): boolean {
  return exact.has(object);
}

const exact = new WeakSet<JsonObject>();

function recordObject(value: unknown): JsonObject {
  if (isObject(value)) return value;
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw new ConnectorError(
    'API_FAILED',
    `A record is ${found} where an object was expected. ` +
      'Read it again; if the answer stays the same, the API has changed and this program must follow.',
  );
}

function parse(json: string, parser: (json: string) => unknown): unknown {
  try {
    return parser(json);
  } catch (error) {
    throw new ConnectorError(
      'API_FAILED',
      `A record is not valid JSON (${messageOf(error)}). Read it again: the answer may have been cut off on its way.`,
      { cause: error },
    );
  }
}

function parseNumbers(json: string): unknown {
  try {
    return JSON.parse(json, exactNumber);
  } catch (error) {
    // The visit is recursive where plain parsing is not: nesting that is too deep for it still parses, with rounded numbers.
    if (error instanceof RangeError) return JSON.parse(json);
    throw error;
  }
}

function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source === undefined || source === String(value) ? value : source;
}
