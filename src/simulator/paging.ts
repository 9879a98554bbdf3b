import type { ApiRequest } from './exchange.ts';
import { ODataError } from './odata-tokens.ts';

/** Returns a whole number of the query; undefined when it is not there. Throws ODataError when it is none. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new ODataError(`Invalid value '${text}' for ${name} query option found.`);
  return Number(text);
}

/**
 * Returns the query, with one pair other or further: what a next link carries. Written as the services write it: `$`
 * and the comma as they are, a space as `%20`.
 */
export function queryWith(query: URLSearchParams, changes: Readonly<Record<string, string>>): string {
  const pairs = [...query].filter(([name]) => !(name in changes));
  return [...pairs, ...Object.entries(changes)]
    .map(([name, value]) => `${encode(name).replaceAll('%24', '$')}=${encode(value)}`)
    .join('&');
}

/** Throws ODataError for a quote or a space that was sent as it is: they must be encoded (API reference §2.2). */
export function refuseUnencoded(request: ApiRequest): void {
  if (/[ '"<>]/.test(request.rawQuery)) {
    throw new ODataError('The request URI is not valid: encode quotes and spaces in the query.');
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/'/g, '%27');
}
