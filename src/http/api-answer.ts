import { type Instant, instantOf } from '../fields/instant.ts';
import type { HttpResponse } from './client.ts';

/** An answer of an API, whole, and JSON as far as its ends tell. */
export interface ApiAnswer extends HttpResponse {
  /** A provider behind the API was missing (206, or a Warning): the window must not be closed (reference §2.5). */
  readonly partial: boolean;
  /** The API's own clock when it answered; undefined when it does not tell. */
  readonly asOf: Instant | undefined;
}

/** Returns the time of an answer by its sender's clock, cut to the second (`Date`, RFC 9110 §6.6.1). */
export function answeredAt(answer: HttpResponse): Instant | undefined {
  const ms = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(ms) ? undefined : instantOf(ms);
}

/** Returns whether an answer lacks a part. Of several warnings each counts. A Warning 299 is a notice of deprecation (RFC 7234 §5.5.7), and no gap. */
export function isPartial(answer: HttpResponse): boolean {
  if (answer.status === 206) return true;
  const { warning } = answer.headers;
  if (warning === undefined) return false;
  return warning
    .replaceAll(/"[^"]*"/g, '')
    .split(',')
    .some((value) => !/^\s*(299\b|$)/.test(value));
}

/**
 * Returns what is wrong with the body of a 2xx answer; undefined when it begins and ends as a JSON object or array
 * does. It is not parsed for that: it can be 60 MB, and its reader parses it anyway.
 */
export function bodyFault(answer: HttpResponse): string | undefined {
  const { body } = answer;
  const first = /\S/.exec(body)?.[0];
  if (first === undefined) return 'an empty body';
  const close = first === '{' ? '}' : first === '[' ? ']' : undefined;
  if (close === undefined) {
    const type = answer.headers['content-type']?.split(';')[0] ?? 'no content type';
    return `${type} in place of JSON: a gateway or a proxy in between has answered`;
  }
  let end = body.length - 1;
  while (' \t\r\n'.includes(body.charAt(end))) end--;
  return body.charAt(end) === close ? undefined : 'a body that was cut short';
}
