// Cleaning of values (formats reference §1.1). A value is text that an attacker may have chosen: it is cleaned first,
// cut second, escaped last, each once.

const replacementCharacter = '\ufffd';
const cutMark = '…';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const nextLine = 0x85;
const lineSeparator = 0x2028;
const paragraphSeparator = 0x2029;
const firstPrintableAfterC1 = 0xa0;

/**
 * Returns a test that is true of a value which needs neither cleaning nor trimming and is not empty, nor holds any of
 * `specials`, ASCII characters that the format escapes or replaces; of the controls it may hold `controls`. One search
 * by the engine, since every value of every record goes through it.
 */
export function plainTest(specials: string, controls = ''): (value: string) => boolean {
  let plain = '';
  for (let code = 0; code < 0x7f; code++) {
    const character = String.fromCharCode(code);
    const allowed = isControl(code) ? controls.includes(character) : !specials.includes(character);
    if (allowed) plain += unicodeEscape(code);
  }
  const other = new RegExp(`[^${plain}\\u00a0-\\u2027\\u202a-\\ud7ff\\ue000-\\uffff]`);
  return (value) => {
    const last = value.length - 1;
    if (last < 0 || isOuter(value.charCodeAt(0)) || isOuter(value.charCodeAt(last))) return false;
    return !other.test(value);
  };
}

/**
 * Cleans a value that may hold several lines, for CEF extensions: VT, FF, NEL, LS and PS become LF; LF, CR and TAB
 * stay; other controls and lone surrogates become U+FFFD; outer white space goes.
 */
export function cleanLines(value: string): string {
  const cleaned = replaceCodes(value.toWellFormed(), (code) => {
    if (code === tab || code === lineFeed || code === carriageReturn) return undefined;
    if (isLineBreak(code)) return '\n';
    return isControl(code) ? replacementCharacter : undefined;
  });
  return trimOuter(cleaned);
}

/**
 * Cleans a value to a single line, for CEF headers and LEEF: a run of line breaks and TABs becomes one space; other
 * controls and lone surrogates become U+FFFD; `forbidden`, a character that cannot be escaped, becomes `substitute`;
 * outer spaces go.
 */
export function cleanLine(value: string, forbidden = '', substitute = ' '): string {
  const forbiddenCode = forbidden === '' ? -1 : forbidden.charCodeAt(0);
  let inRun = false;
  const cleaned = replaceCodes(value.toWellFormed(), (code) => {
    if (code === tab || isLineBreak(code)) {
      const first = !inRun;
      inRun = true;
      return first ? ' ' : '';
    }
    inRun = false;
    if (code === forbiddenCode) return substitute;
    return isControl(code) ? replacementCharacter : undefined;
  });
  return trimOuter(cleaned);
}

/**
 * Cleans a value for JSON, whose strings have an escape for all else: lone surrogates become U+FFFD; outer white space
 * goes.
 */
export function cleanText(value: string): string {
  return trimOuter(value.toWellFormed());
}

/**
 * Cuts a cleaned value to at most `max` code points, the last of which is then `…` (formats reference §1.3). Never
 * halves a surrogate pair.
 */
export function cutTo(cleaned: string, max: number): string {
  if (cleaned.length <= max) return cleaned;
  let kept = 0;
  let characters = 0;
  for (let at = 0; at < cleaned.length; ) {
    if (characters === max) return cleaned.slice(0, kept) + cutMark;
    if (characters === max - 1) kept = at;
    characters++;
    at += (cleaned.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return cleaned;
}

function replaceCodes(value: string, replacementOf: (code: number) => string | undefined): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < value.length; at++) {
    const replacement = replacementOf(value.charCodeAt(at));
    if (replacement === undefined) continue;
    out += value.slice(from, at) + replacement;
    from = at + 1;
  }
  return from === 0 ? value : out + value.slice(from);
}

// Not String.trim: that takes U+FEFF and other spaces, which §1.1 keeps as evidence.
function trimOuter(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isOuter(value.charCodeAt(start))) start++;
  while (end > start && isOuter(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isOuter(code: number): boolean {
  return code === space || code === tab || code === lineFeed || code === carriageReturn;
}

function isLineBreak(code: number): boolean {
  return (
    (code >= lineFeed && code <= carriageReturn) ||
    code === nextLine ||
    code === lineSeparator ||
    code === paragraphSeparator
  );
}

function isControl(code: number): boolean {
  return code < space || (code >= 0x7f && code < firstPrintableAfterC1);
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
