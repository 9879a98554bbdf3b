import type { Finding } from '../language.ts';
import { error, hasOuterSpace, offset, quoted, warning } from '../text.ts';

/** A key and its value, unescaped, with the place of the key in the line. */
export interface ExtensionField {
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

/** What was read of an extension. */
export interface ExtensionReading {
  readonly fields: readonly ExtensionField[];
  readonly findings: readonly Finding[];
}

const rule = 'CEF extension';
const escaping = 'CEF escaping';

/**
 * Reads the extension, which begins at `start`: every unescaped `=` ends a key, which one space divides from the value
 * before it. An `=` before which no key stands is taken for part of the value, and said to be unescaped.
 */
export function readExtension(line: string, start: number): ExtensionReading {
  const findings: Finding[] = [];
  let from = start;
  while (line.charAt(from) === ' ') from++;
  if (from > start) {
    findings.push(
      warning(
        offset(start),
        rule,
        'spaces behind the last pipe of the header: the first key begins right there',
      ),
    );
  }
  if (from === line.length) return { fields: [], findings };
  const starts = keyStarts(line, from, findings);
  const fields: ExtensionField[] = [];
  for (const [index, { keyStart, equals }] of starts.entries()) {
    const next = starts[index + 1];
    const valueEnd = next === undefined ? line.length : next.keyStart - 1;
    const key = line.slice(keyStart, equals);
    const value = readValue(line.slice(equals + 1, valueEnd), equals + 1, key, findings);
    fields.push({ key, value, offset: keyStart });
  }
  return { fields, findings };
}

interface KeyStart {
  readonly keyStart: number;
  readonly equals: number;
}

function keyStarts(line: string, from: number, findings: Finding[]): readonly KeyStart[] {
  const starts: KeyStart[] = [];
  let valueFrom = from;
  let keyStart = from;
  let told = -1;
  for (let at = from; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === ' ') keyStart = at + 1;
    if (character === '\\') at++;
    if (character !== '=') continue;
    const last = starts.at(-1);
    const isKey = /^[A-Za-z0-9]+$/.test(line.slice(keyStart, at));
    if (last === undefined) {
      if (!isKey || keyStart !== from) findings.push(noKey(line.slice(from, at), from));
    } else if (!isKey || keyStart <= valueFrom) {
      // One tells of the value: more would bury what else is wrong.
      if (told !== last.equals) findings.push(rawEquals(line.slice(last.keyStart, last.equals), at));
      told = last.equals;
      continue;
    }
    starts.push({ keyStart, equals: at });
    valueFrom = at + 1;
  }
  if (starts.length === 0) {
    findings.push(
      error(offset(from), rule, 'an extension without a key: it is key=value, divided by spaces'),
    );
  }
  return starts;
}

function noKey(text: string, at: number): Finding {
  const message = `begins with ${quoted(text)} where a key of letters and digits must stand`;
  return error(offset(at), rule, message);
}

function rawEquals(key: string, at: number): Finding {
  return error(offset(at), escaping, `an = in the value of ${quoted(key)} is not escaped: write \\=`);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\', '=': '=' };

function readValue(raw: string, start: number, key: string, findings: Finding[]): string {
  let value = '';
  let from = 0;
  let told = false;
  for (let at = raw.indexOf('\\'); at !== -1; at = raw.indexOf('\\', at + 2)) {
    const escaped = raw.charAt(at + 1);
    const meant = escapes[escaped];
    if (meant === undefined && !told) {
      const message = `\\${escaped} is no escape of a value, which knows \\\\, \\=, \\n and \\r alone: write a backslash as \\\\`;
      findings.push(error(offset(start + at), escaping, `${message} (in ${key})`));
      told = true;
    }
    value += raw.slice(from, at) + (meant ?? `\\${escaped}`);
    from = at + 1 + escaped.length;
  }
  value += raw.slice(from);
  if (value === '') findings.push(warning(key, rule, 'has no value: leave the key out'));
  else if (hasOuterSpace(value)) {
    const message = 'has outer spaces: readers lose them, or take them for the end of the value';
    findings.push(warning(key, rule, message));
  }
  return value;
}
