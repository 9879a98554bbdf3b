import type { Finding } from './language.ts';

/** Returns a finding that the standard forbids. */
export function error(at: string | undefined, rule: string, message: string): Finding {
  return { level: 'error', at, message, rule };
}

/** Returns a finding that makes some readers stumble. */
export function warning(at: string | undefined, rule: string, message: string): Finding {
  return { level: 'warning', at, message, rule };
}

/** Names a place in a message, in characters from 0 on. */
export function offset(characters: number): string {
  return `offset ${characters}`;
}

/** Number of code points, which is what formats count a value's length in. */
export function codePoints(text: string): number {
  let count = text.length;
  for (const _ of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) count--;
  return count;
}

/** True of a value that begins or ends with a space, or is nothing else; other white space is part of a value. */
export function hasOuterSpace(value: string): boolean {
  return value.startsWith(' ') || value.endsWith(' ');
}

/** True of a value of spaces alone, and of none at all. */
export function isBlank(value: string): boolean {
  return /^ *$/.test(value);
}

/** A character that no line for a reader may hold raw, and where the first of its kind stands. */
export interface UnsafeCharacter {
  /** `U+2028`, or `lone surrogate`. */
  readonly name: string;
  /** Code of the UTF-16 unit. */
  readonly code: number;
  readonly offset: number;
}

const unsafe = /[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\uffff]/g;

/** Returns the first of each kind of control, line separator and lone surrogate in a text; none but of `allowed`. */
export function unsafeCharacters(text: string, allowed = ''): readonly UnsafeCharacter[] {
  const found = new Map<string, UnsafeCharacter>();
  for (const { 0: character, index } of text.matchAll(unsafe)) {
    const code = character.charCodeAt(0);
    if (allowed.includes(character) || isPaired(text, index, code)) continue;
    const lone = code >= 0xd800 && code <= 0xdfff;
    const name = lone ? 'lone surrogate' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    if (!found.has(name)) found.set(name, { name, code, offset: index });
  }
  return [...found.values()];
}

function isPaired(text: string, at: number, code: number): boolean {
  if (code >= 0xd800 && code <= 0xdbff) return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
  if (code >= 0xdc00 && code <= 0xdfff) return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return false;
}

/** A text as it can stand on a terminal, quoted, controls and bidirectional overrides escaped, cut to `max` units. */
export function quoted(text: string, max = 60): string {
  const cut = text.length > max ? `${text.slice(0, max).toWellFormed()}…` : text;
  return `'${printable(cut)}'`;
}

/**
 * Returns a text as it can stand on a terminal: whatever moves the cursor, ends a line or turns the direction of
 * reading is shown as an escape.
 */
export function printable(text: string): string {
  return text.replace(
    /[^ -~\u00a0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ufefe\uff00-\uffff]/g,
    (character) => {
      const code = character.charCodeAt(0);
      return code < 0x100
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`;
    },
  );
}

/** True of a whole decimal number without leading zeros within the bounds. */
export function isWhole(value: string, least: bigint, most: bigint): boolean {
  return /^(?:0|-?[1-9]\d{0,20})$/.test(value) && BigInt(value) >= least && BigInt(value) <= most;
}

/** True of six pairs of hexadecimal digits with colons. */
export function isMac(value: string): boolean {
  return /^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/.test(value);
}
