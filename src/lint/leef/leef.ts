import type { Finding, Language } from '../language.ts';
import {
  codePoints,
  error,
  hasOuterSpace,
  isBlank,
  offset,
  quoted,
  unsafeCharacters,
  warning,
} from '../text.ts';
import { readAttributes } from './attributes.ts';

/** A LEEF record as read, and everything that is wrong with it. */
export interface LeefReading {
  /** Undefined where the header could not be read to its end. */
  readonly header: LeefHeader | undefined;
  /** The first value of each key. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

/** The fields of a LEEF header. */
export interface LeefHeader {
  readonly version: '1.0' | '2.0';
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly eventId: string;
  /** The character between attributes. */
  readonly delimiter: string;
}

/** The Log Event Extended Format, versions 1.0 and 2.0. */
export const leef: Language = {
  name: 'leef',
  recognises: (text) => /^\ufeff?\s*LEEF\s*:/i.test(text),
  lint: (text) => readLeef(text).findings,
};

const maxEventId = 255;

/** Reads a record by the letter of the format's guide, versions 1 and 2, written apart from any encoder. */
export function readLeef(text: string): LeefReading {
  const findings: Finding[] = [];
  const prefix = /^\ufeff?\s*LEEF\s*:\s*([^|]{0,8})\|/i.exec(text);
  if (prefix === null) {
    const message = `begins with ${quoted(text, 12)} instead of LEEF:1.0| or LEEF:2.0|`;
    return { header: undefined, attributes: new Map(), findings: [error(offset(0), 'LEEF header', message)] };
  }
  const version = prefix[1]?.startsWith('2') ? '2.0' : '1.0';
  const rule = `LEEF ${version} header`;
  if (prefix[0] !== `LEEF:${version}|`) {
    const mark = prefix[0].startsWith('\ufeff')
      ? 'a byte order mark stands before LEEF:'
      : `begins with ${quoted(prefix[0])}`;
    findings.push(error(offset(0), rule, `${mark}: it must begin with LEEF:1.0| or LEEF:2.0|`));
  }
  const { fields, end } = splitHeader(text, prefix[0].length);
  if (fields.length < 4) {
    const message = `${fields.length + 1} pipes, the header has 5: LEEF:${version}|Vendor|Product|Version|EventID|`;
    return {
      header: undefined,
      attributes: new Map(),
      findings: [...findings, error(undefined, rule, message)],
    };
  }
  const [vendor = '', product = '', productVersion = '', eventId = ''] = fields;
  for (const [label, value] of Object.entries({
    Vendor: vendor,
    Product: product,
    Version: productVersion,
    EventID: eventId,
  })) {
    findings.push(...checkField(label, value, rule));
  }
  const declared = version === '2.0' ? readDelimiter(text, end, rule, findings) : { delimiter: '\t', end };
  const { attributes, findings: wrong } = readAttributes(text, declared.end, declared.delimiter);
  const header = {
    version,
    vendor,
    product,
    productVersion,
    eventId,
    delimiter: declared.delimiter,
  } as const;
  return { header, attributes, findings: [...findings, ...wrong] };
}

function splitHeader(
  text: string,
  start: number,
): { readonly fields: readonly string[]; readonly end: number } {
  const fields: string[] = [];
  let at = start;
  while (fields.length < 4) {
    const pipe = text.indexOf('|', at);
    if (pipe === -1) break;
    fields.push(text.slice(at, pipe));
    at = pipe + 1;
  }
  return { fields, end: at };
}

function checkField(label: string, value: string, rule: string): readonly Finding[] {
  if (isBlank(value)) return [error(label, rule, 'is empty, and must not be')];
  const findings: Finding[] = unsafeCharacters(value).map(({ name, offset: at }) =>
    error(label, rule, `holds ${name} at its character ${at}: write a space`),
  );
  if (hasOuterSpace(value)) findings.push(warning(label, rule, 'has outer spaces, which readers lose'));
  if (value.endsWith('\\')) {
    findings.push(
      warning(label, rule, 'ends with a backslash: LEEF has no escape, a pipe ends the field all the same'),
    );
  }
  const length = codePoints(value);
  if (label === 'EventID' && length > maxEventId) {
    findings.push(error(label, rule, `has ${length} characters, ${maxEventId} are allowed`));
  }
  return findings;
}

/** The delimiter of version 2.0 and where the attributes begin; a TAB where none is declared. */
function readDelimiter(
  text: string,
  start: number,
  rule: string,
  findings: Finding[],
): { readonly delimiter: string; readonly end: number } {
  const pipe = text.indexOf('|', start);
  const named = pipe === -1 ? undefined : text.slice(start, pipe);
  if (named === undefined || (named.length > 1 && named.includes('='))) {
    if (start < text.length) {
      findings.push(
        warning(
          'Delimiter',
          rule,
          'is not declared, and readers guess: write ^| or x09| before the attributes',
        ),
      );
    }
    return { delimiter: '\t', end: start };
  }
  const end = pipe + 1;
  // A pipe that is its own delimiter field: `||`.
  if (named === '') return { delimiter: '\t', end };
  const hex = /^0?x([0-9A-Fa-f]{1,4})$/.exec(named)?.[1];
  const delimiter = hex === undefined ? named : String.fromCharCode(Number.parseInt(hex, 16));
  if (codePoints(delimiter) > 1) {
    const message = `${quoted(named)} is not one character or x and up to 4 hexadecimal digits; is a pipe in a field before it?`;
    findings.push(error('Delimiter', rule, message));
    return { delimiter: '\t', end };
  }
  if (/[A-Za-z0-9 =\r\n]/.test(delimiter)) {
    findings.push(
      error('Delimiter', rule, `${quoted(delimiter)} can be none: no letter, digit, space, = or line end`),
    );
  } else if (delimiter === '|' || delimiter.charCodeAt(0) > 0x7e) {
    findings.push(
      warning(
        'Delimiter',
        rule,
        `${quoted(delimiter)} is not understood by every reader: take one of ASCII, not the pipe`,
      ),
    );
  }
  return { delimiter, end };
}
