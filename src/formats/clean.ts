import { anyOf, codesOf, holdsOneOf, longHoldsOneOf } from './text-search.ts';

// Cleaning of values (formats reference §1.1). A value is text that an attacker may have chosen: it is cleaned first,
// cut second, escaped last, each once.

const replacementCharacter = '\ufffd';
const cutMark = '…';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** C0, DEL and C1. */
const controlCodes = Array.from({ length: 0xa0 }, (_, code) => code).filter(
  (code) => code < space || code >= 0x7f,
);
/** LS and PS. */
const separatorCodes = codesOf('\u2028\u2029');
const breakCodes = codesOf('\n\v\f\r\u0085\u2028\u2029');
const keptCodes = codesOf('\t\n\r');

const surrogates = '\\ud800-\\udfff';
/** From so many characters on, looking for few characters several times is faster than for all of them once. */
const longText = 64;

/**
 * Returns a test that is true of a value which needs neither cleaning nor trimming and is not empty, nor holds any of
 * `specials`, ASCII characters that the format escapes or replaces; of the controls it may hold `controls`. Searches by
 * the engine, since many values of every record go through it.
 */
export function plainTest(specials: string, controls = ''): (value: string) => boolean {
  const others = [...controlCodes, ...separatorCodes].filter((code) => !codesOf(controls).includes(code));
  const codes = [...others, ...codesOf(specials)];
  const shortHolds = holdsOneOf(codes, surrogates);
  const longHolds = longHoldsOneOf(codes, surrogates);
  return (value) => {
    if (value === '' || !isTrimmed(value)) return false;
    return value.length < longText ? !shortHolds(value) : !longHolds(value);
  };
}

/** True of a value without outer white space, which may be empty. */
export function isTrimmed(value: string): boolean {
  // Nearly every value begins and ends above the space: then that is all there is to look at.
  if (value.charCodeAt(0) > space && value.charCodeAt(value.length - 1) > space) return true;
  return trimOuter(value) === value;
}

const uncleanCodes = [...controlCodes, ...separatorCodes].filter((code) => code !== tab);
const asciiHoldsUnclean = longHoldsOneOf(uncleanCodes.filter((code) => code < 0x80));
const otherHoldsUnclean = holdsOneOf(uncleanCodes);

/**
 * True of text that holds something which cleaning would change, whatever the format: a control but TAB, LS, PS or half
 * a surrogate pair. One look at a whole message costs a tenth of one at each of its values.
 */
export function holdsUnclean(text: string): boolean {
  if (Buffer.byteLength(text) === text.length) return asciiHoldsUnclean(text);
  return otherHoldsUnclean(text) || !text.isWellFormed();
}

const breaksOfLines = new RegExp(anyOf(breakCodes.filter((code) => !keptCodes.includes(code))), 'g');
const breaksAndTabs = new RegExp(`${anyOf([...breakCodes, tab])}+`, 'g');
const controls = new RegExp(anyOf(controlCodes), 'g');
const controlsInLines = new RegExp(anyOf(controlCodes.filter((code) => !keptCodes.includes(code))), 'g');

/**
 * Cleans a value that may hold several lines, for CEF extensions: VT, FF, NEL, LS and PS become LF; LF, CR and TAB
 * stay; other controls and lone surrogates become U+FFFD; outer white space goes.
 */
export function cleanLines(value: string): string {
  const lines = value.toWellFormed().replace(breaksOfLines, '\n');
  return trimOuter(lines.replace(controlsInLines, replacementCharacter));
}

/**
 * Cleans a value to a single line, for CEF headers and LEEF: a run of line breaks and TABs becomes one space; other
 * controls and lone surrogates become U+FFFD; `forbidden`, a character that cannot be escaped, becomes `substitute`;
 * outer spaces go.
 */
export function cleanLine(value: string, forbidden = '', substitute = ' '): string {
  const line = value.toWellFormed().replace(breaksAndTabs, ' ');
  const allowed = forbidden === '' ? line : line.replaceAll(forbidden, substitute);
  return trimOuter(allowed.replace(controls, replacementCharacter));
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
