import type { Finding } from '../language.ts';
import { error, offset, quoted, warning } from '../text.ts';

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
    const value = readValue(line, equals + 1, valueEnd, key, findings);
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
  for (let at = from; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === ' ') keyStart = at + 1;
    if (character === '\\') at++;
    if (character !== '=') continue;
    const key = line.slice(keyStart, at);
    const first = starts.length === 0;
    if (/^[A-Za-z0-9]+$/.test(key) && (first ? keyStart === from : keyStart > valueFrom)) {
      starts.push({ keyStart, equals: at });
      valueFrom = at + 1;
    } else if (first) {
      findings.push(
        error(
          offset(from),
          rule,
          `begins with ${quoted(line.slice(from, at))} where a key of letters and digits must stand`,
        ),
      );
      starts.push({ keyStart, equals: at });
      valueFrom = at + 1;
    } else {
      findings.push(
        error(
          offset(at),
          escaping,
          `an = in the value of ${quoted(line.slice(starts.at(-1)?.keyStart, starts.at(-1)?.equals))} is not escaped: write \\=`,
        ),
      );
    }
  }
  if (starts.length === 0) {
    findings.push(
      error(offset(from), rule, 'an extension without a key: it is key=value, divided by spaces'),
    );
  }
  return starts;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\', '=': '=' };

function readValue(line: string, start: number, end: number, key: string, findings: Finding[]): string {
  let value = '';
  let from = start;
  for (let at = line.indexOf('\\', start); at !== -1 && at < end; at = line.indexOf('\\', at + 2)) {
    const escaped = at + 1 < end ? line.charAt(at + 1) : '';
    const meant = escapes[escaped];
    if (meant === undefined) {
      const message = `\\${escaped} is no escape of a value, which knows \\\\, \\=, \\n and \\r alone: write a backslash as \\\\`;
      findings.push(error(offset(at), escaping, `${message} (in ${key})`));
    }
    value += line.slice(from, at) + (meant ?? `\\${escaped}`);
    from = at + 1 + escaped.length;
  }
  value += line.slice(from, Math.max(from, end));
  if (value === '') findings.push(warning(key, rule, 'has no value: leave the key out'));
  else if (value !== value.replace(/^ +| +$/g, '')) {
    findings.push(
      warning(key, rule, 'has outer spaces: readers lose them, or take them for the end of the value'),
    );
  }
  return value;
}
