import type { Finding } from '../language.ts';
import { error, hasOuterSpace, offset, quoted, unsafeCharacters, warning } from '../text.ts';
import { checkAttribute, isPredefined } from './predefined.ts';

/** What was read of the attributes. */
export interface AttributesReading {
  /** The first value of each key. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

const rule = 'LEEF attributes';

/** Reads the attributes, which begin at `start` and are divided by `delimiter`. */
export function readAttributes(text: string, start: number, delimiter: string): AttributesReading {
  const attributes = new Map<string, string>();
  const findings: Finding[] = [];
  let at = start;
  if (text.charAt(at) === ' ') {
    findings.push(
      warning(
        offset(at),
        rule,
        'a space behind the last pipe of the header: the first key begins right there',
      ),
    );
    while (text.charAt(at) === ' ') at++;
  }
  if (at === text.length) return { attributes, findings };
  const destroyed = destroyedDelimiter(text, at, delimiter);
  if (destroyed !== undefined) return { attributes, findings: [...findings, destroyed] };
  while (at <= text.length) {
    const found = text.indexOf(delimiter, at);
    const end = found === -1 ? text.length : found;
    readAttribute(text.slice(at, end), at, attributes, findings);
    at = end + delimiter.length;
  }
  findings.push(...checkTogether(attributes));
  return { attributes, findings };
}

function readAttribute(text: string, at: number, attributes: Map<string, string>, findings: Finding[]): void {
  if (text === '') {
    findings.push(
      warning(offset(at), rule, 'an empty attribute: the delimiter is doubled, or stands at the end'),
    );
    return;
  }
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(equals, 0));
  const value = text.slice(equals + 1);
  if (!/^[A-Za-z0-9]+$/.test(key)) {
    const hint = key.includes('|')
      ? 'a pipe in the header before it?'
      : 'the delimiter in the value before it?';
    findings.push(
      error(
        offset(at),
        rule,
        `${quoted(text)} does not begin with a key of letters and digits and =; ${hint}`,
      ),
    );
    return;
  }
  for (const { name, offset: inside } of unsafeCharacters(value)) {
    findings.push(
      error(key, rule, `holds ${name} at its character ${inside}: LEEF cannot escape it, write a space`),
    );
  }
  if (value === '') findings.push(warning(key, rule, 'has no value: leave the key out'));
  else if (hasOuterSpace(value)) findings.push(warning(key, rule, 'has outer spaces, which readers lose'));
  if (attributes.has(key))
    findings.push(error(offset(at), rule, `${key} occurs twice: the repeat is ignored`));
  else attributes.set(key, value);
  const wrong = checkAttribute(key, value);
  if (wrong !== undefined && value !== '') findings.push(wrong);
}

/** A relay writes TAB as `#011`, or as spaces: then a reader sees one attribute, or none. */
function destroyedDelimiter(text: string, start: number, delimiter: string): Finding | undefined {
  if (delimiter !== '\t' || text.includes('\t', start)) return undefined;
  const attributes = text.slice(start);
  if (attributes.includes('#011')) {
    const message =
      'the TABs between attributes became #011 on the way: use LEEF 2.0 with a printable delimiter';
    return error(offset(text.indexOf('#011', start)), rule, message);
  }
  const other = /^[A-Za-z0-9]+=.*?([ ^|;,]{1,8})([A-Za-z0-9]+)=/s.exec(attributes);
  if (other === null || !isPredefined(other[2] ?? '')) return undefined;
  const message = `no TAB divides the attributes, yet ${quoted(other[1] ?? '')} stands before ${other[2]}=: TAB must, or declare another delimiter in LEEF 2.0`;
  return error(offset(start), rule, message);
}

function checkTogether(attributes: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = [];
  for (const key of ['identHostName', 'identNetBios', 'identGrpName']) {
    if (attributes.has(key) && !attributes.has('identSrc')) {
      findings.push(error(key, rule, 'stands without identSrc, the address of the asset that it names'));
    }
  }
  if (attributes.has('calCountryOrRegion') && !attributes.has('calLanguage')) {
    findings.push(error('calCountryOrRegion', rule, 'stands without calLanguage'));
  }
  return [...findings, ...checkTime(attributes)];
}

/** Letters of a Java SimpleDateFormat pattern; others stand in quotes. */
const pattern = /^(?:'[^']*'|[GyYMLwWDdFEuaHkKhmsSzZX]+|[^A-Za-z'])+$/;

function checkTime(attributes: ReadonlyMap<string, string>): readonly Finding[] {
  const time = attributes.get('devTime');
  const format = attributes.get('devTimeFormat');
  if (time === undefined) {
    return format === undefined ? [] : [error('devTimeFormat', rule, 'stands without devTime')];
  }
  const epoch = /^(?:\d{10}|\d{13})$/.test(time);
  if (format === undefined) {
    if (epoch || time === '') return [];
    return [
      error(
        'devTime',
        rule,
        `${quoted(time)} is not 10 or 13 digits since 1970, so devTimeFormat must say how to read it`,
      ),
    ];
  }
  if (epoch)
    return [warning('devTimeFormat', rule, 'stands beside a time in digits since 1970, which needs none')];
  if (pattern.test(format)) return [];
  return [
    error(
      'devTimeFormat',
      rule,
      `${quoted(format)} is no pattern of SimpleDateFormat, such as yyyy-MM-dd'T'HH:mm:ss.SSSX`,
    ),
  ];
}
