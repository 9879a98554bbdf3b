import type { Finding } from '../language.ts';
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

/** The fields of a CEF header, unescaped. */
export interface CefHeader {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly classId: string;
  readonly name: string;
  /** As written: 0 to 10, or a word. */
  readonly severity: string;
}

/** What was read of a header; no fields where it ends before its last pipe. */
export interface HeaderReading {
  readonly fields: CefHeader | undefined;
  /** Where the extension begins. */
  readonly end: number;
  readonly findings: readonly Finding[];
}

/** Names in the standard's words, and the most characters that a field may have. */
const fieldRules = [
  ['vendor', 'Device Vendor', 63],
  ['product', 'Device Product', 63],
  ['version', 'Device Version', 31],
  ['classId', 'Device Event Class ID', 1023],
  ['name', 'Name', 512],
] as const;

const severityWords: readonly string[] = ['Unknown', 'Low', 'Medium', 'High', 'Very-High'];

/** Reads the six fields behind `CEF:Version|`, which begin at `start`; `rule` names the header in findings. */
export function readHeader(line: string, start: number, rule: string): HeaderReading {
  const findings: Finding[] = [];
  const fields: string[] = [];
  let field = '';
  let at = start;
  for (; at < line.length && fields.length < 6; at++) {
    const character = line.charAt(at);
    if (character === '|') {
      fields.push(field);
      field = '';
    } else if (character === '\\') {
      const escaped = line.charAt(++at);
      if (escaped !== '\\' && escaped !== '|') {
        const message = `\\${escaped} is no escape of a header, which knows \\\\ and \\| alone: write a backslash as \\\\`;
        findings.push(error(offset(at - 1), rule, message));
      }
      field += escaped;
    } else field += character;
  }
  if (fields.length < 6) {
    const message = `${fields.length + 1} pipes, the header has 7: CEF:Version|Vendor|Product|Version|Class ID|Name|Severity|`;
    return { fields: undefined, end: line.length, findings: [...findings, error(undefined, rule, message)] };
  }
  const [vendor = '', product = '', version = '', classId = '', name = '', severity = ''] = fields;
  const header = { vendor, product, version, classId, name, severity };
  for (const [key, label, max] of fieldRules) findings.push(...checkField(label, header[key], max, rule));
  findings.push(...checkSeverity(severity, rule));
  return { fields: header, end: at, findings };
}

function checkField(label: string, value: string, max: number, rule: string): Finding[] {
  const findings: Finding[] = [];
  if (isBlank(value)) return [error(label, rule, 'is empty, and must not be')];
  if (hasOuterSpace(value)) findings.push(warning(label, rule, 'has outer spaces, which readers lose'));
  const length = codePoints(value);
  if (length > max) findings.push(error(label, rule, `has ${length} characters, ${max} are allowed`));
  // Other controls are found in the line as a whole, where TAB is allowed for the sake of the extension.
  if (unsafeCharacters(value).some(({ name }) => name === 'U+0009')) {
    findings.push(warning(label, rule, 'holds a TAB: write a space'));
  }
  return findings;
}

function checkSeverity(severity: string, rule: string): Finding[] {
  if (/^(?:\d|10)$/.test(severity) || severityWords.includes(severity)) return [];
  const hint = /^[a-z-]+$/i.test(severity)
    ? `the words are exactly ${severityWords.join(', ')}`
    : 'is a pipe in a field before it not escaped as \\|?';
  const message = `${quoted(severity)} is none: it must be 0 to 10 or one of five words; ${hint}`;
  return [error('Severity', rule, message)];
}
