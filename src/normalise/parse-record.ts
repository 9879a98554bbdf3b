import { ConnectorError, messageOf } from '../errors.ts';
import { isObject, type JsonObject } from './json-value.ts';

/**
 * Finds numbers that a double may not hold: 16 digits and more, or an exponent. It may also find such digits within a
 * text, which only costs time.
 */
const inexactNumber = /[:[,]\s*-?(?:\d{16}|[\d.]+[eE])/;

/**
 * Returns the record that the text holds. An integer beyond 2^53 (process ids, file sizes, logon ids) becomes the text
 * of its digits, since a number would lose the last of them. Throws API_FAILED when the text is no JSON object.
 */
export function parseRecord(json: string): JsonObject {
  const value = parse(json);
  if (isObject(value)) return value;
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw new ConnectorError(
    'API_FAILED',
    `A record is ${found} where an object was expected. ` +
      'Read it again; if the answer stays the same, the API has changed and this program must follow.',
  );
}

function parse(json: string): unknown {
  try {
    return inexactNumber.test(json) ? parseExactly(json) : JSON.parse(json);
  } catch (error) {
    throw new ConnectorError(
      'API_FAILED',
      `A record is not valid JSON (${messageOf(error)}). Read it again: the answer may have been cut off on its way.`,
      { cause: error },
    );
  }
}

/** JSON.parse with the digits of large numbers; slower, as it visits every value. */
function parseExactly(json: string): unknown {
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
