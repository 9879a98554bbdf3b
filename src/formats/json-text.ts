// Rewriting of JSON text without reading it into values, so that numbers keep their digits (formats reference §1.1,
// column "JSON of any kind").

import { longHoldsOneOf } from './text-search.ts';

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;
const replacement = '\\ufffd';

/**
 * Returns JSON text as one line that every reader takes: outside of strings without white space; in strings with
 * controls, DEL, C1, U+2028 and U+2029 as `\uXXXX`, and lone surrogates, raw or escaped, as `\ufffd`. Text that holds
 * none of them is returned as it is. Throws nothing, whatever the text is.
 */
export function oneLine(json: string): string {
  return isOneLine(json) ? json : rewrite(json);
}

/** True of text that holds what must not stand raw in JSON on one line, but for surrogates. */
const holdsUnsafe = longHoldsOneOf(Array.from({ length: 0x202a }, (_, code) => code).filter(mustEscape));

function isOneLine(json: string): boolean {
  if (holdsUnsafe(json) || !json.isWellFormed()) return false;
  return !json.includes('\\u') || !(json.includes('\\ud') || json.includes('\\uD'));
}

function rewrite(json: string): string {
  let out = '';
  let from = 0;
  let inString = false;
  for (let at = 0; at < json.length; ) {
    const code = json.charCodeAt(at);
    let length = 1;
    let written: string | undefined;
    if (code === quote) inString = !inString;
    else if (code === backslash && inString) [length, written] = escapeSequence(json, at);
    else if (isSurrogate(code)) [length, written] = rawSurrogate(json, at);
    else if (!inString && isWhiteSpace(code)) written = '';
    else if (mustEscape(code)) written = `\\u${code.toString(16).padStart(4, '0')}`;
    if (written !== undefined) {
      out += json.slice(from, at) + written;
      from = at + length;
    }
    at += length;
  }
  return out + json.slice(from);
}

type Step = [length: number, written: string | undefined];

/** An escape: a pair of escaped surrogates, a lone one, or another, which stays. */
function escapeSequence(json: string, at: number): Step {
  const code = escapedCode(json, at);
  if (code === undefined) {
    // What follows the backslash may itself need rewriting in text that is no JSON: then it is left to the next step.
    const next = json.charCodeAt(at + 1);
    return [mustEscape(next) || isSurrogate(next) ? 1 : 2, undefined];
  }
  if (!isSurrogate(code)) return [6, undefined];
  const following = escapedCode(json, at + 6);
  if (isHigh(code) && following !== undefined && isLow(following)) return [12, undefined];
  return [6, replacement];
}

/** A pair stays; a lone surrogate has no place in UTF-8. */
function rawSurrogate(json: string, at: number): Step {
  if (isHigh(json.charCodeAt(at)) && isLow(json.charCodeAt(at + 1))) return [2, undefined];
  return [1, replacement];
}

/** The code unit that a `\uXXXX` at this place stands for. */
function escapedCode(json: string, at: number): number | undefined {
  if (json.charCodeAt(at) !== backslash || json.charCodeAt(at + 1) !== letterU) return undefined;
  const digits = json.slice(at + 2, at + 6);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

function mustEscape(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
