import { type Instant, instantOf } from '../fields/instant.ts';
import type { HttpResponse, ReceivedResponse } from './client.ts';

/** An answer of an API, whole, and JSON as far as its ends tell. */
export interface ApiAnswer extends ReceivedResponse {
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

const byteOrderMark = [0xef, 0xbb, 0xbf];
const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * Returns what is wrong with the body of a 2xx answer; undefined when it begins and ends as a JSON object or array
 * does. It is not parsed for that: it can be 60 MB, and its reader parses it anyway.
 */
export function bodyFault({
  bytes,
  headers,
}: Pick<ReceivedResponse, 'bytes' | 'headers'>): string | undefined {
  let start = byteOrderMark.every((byte, index) => bytes[index] === byte) ? byteOrderMark.length : 0;
  while (isSpace(bytes[start])) start++;
  if (start >= bytes.length) return 'an empty body';
  const close = closing[characterAt(bytes, start)];
  if (close === undefined) {
    const type = headers['content-type']?.split(';')[0] ?? 'no content type';
    return `${type} in place of JSON: a gateway or a proxy in between has answered`;
  }
  let end = bytes.length - 1;
  while (isSpace(bytes[end])) end--;
  return characterAt(bytes, end) === close ? undefined : 'a body that was cut short';
}

function characterAt(bytes: Uint8Array, index: number): string {
  return String.fromCharCode(bytes[index] ?? 0);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}
