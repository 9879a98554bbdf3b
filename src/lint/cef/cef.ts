import type { Finding, Language } from '../language.ts';
import { error, offset, quoted, unsafeCharacters, warning } from '../text.ts';
import { consumerKeys, keyOfFullName, keysOfVersion1, labelledKeys, producerKeys } from './dictionary.ts';
import { type ExtensionField, readExtension } from './extension.ts';
import { type CefHeader, readHeader } from './header.ts';
import { checkType } from './types.ts';

/** A CEF record as read, and everything that is wrong with it. */
export interface CefReading {
  /** Undefined where the header could not be read to its end. */
  readonly header: CefHeader | undefined;
  /** The first value of each key. */
  readonly extension: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

/** The Common Event Format, versions 0 and 1. */
export const cef: Language = {
  name: 'cef',
  recognises: (text) => /^\ufeff?\s*CEF\s*:/i.test(text),
  lint: (text) => readCef(text).findings,
};

/** Reads a record by the letter of the CEF Implementation Standard, written apart from any encoder. */
export function readCef(text: string): CefReading {
  const findings: Finding[] = [];
  const prefix = /^\ufeff?\s*CEF\s*:\s*([^|]{0,8})\|/i.exec(text);
  if (prefix === null) {
    findings.push(error(offset(0), 'CEF header', `begins with ${quoted(text, 12)} instead of CEF:0|`));
    return { header: undefined, extension: new Map(), findings };
  }
  const version = prefix[1] === '1' ? '1' : '0';
  if (prefix[0] !== `CEF:${version}|`) findings.push(wrongStart(prefix[0]));
  findings.push(...checkCharacters(text));
  const header = readHeader(text, prefix[0].length, `CEF ${version} header`);
  for (const finding of header.findings) findings.push(finding);
  const extension = new Map<string, string>();
  if (header.fields !== undefined) {
    const read = readExtension(text, header.end);
    for (const finding of read.findings) findings.push(finding);
    for (const field of read.fields) findings.push(...addField(extension, field, version));
    findings.push(...checkLabels(extension));
  }
  return { header: header.fields, extension, findings };
}

function wrongStart(prefix: string): Finding {
  if (prefix.startsWith('\ufeff')) {
    return error(
      offset(0),
      'CEF header',
      'a byte order mark stands before CEF:, which readers then do not find',
    );
  }
  return error(offset(0), 'CEF header', `begins with ${quoted(prefix)} instead of CEF:0| or CEF:1|`);
}

function checkCharacters(text: string): readonly Finding[] {
  return unsafeCharacters(text, '\t').map(({ name, code, offset: at }) => {
    if (code === 0x0a || code === 0x0d) {
      return error(
        offset(at),
        'CEF escaping',
        `a raw ${name} ends the record: in a value it is \\n or \\r, in the header a space`,
      );
    }
    return error(
      offset(at),
      'CEF encoding',
      `${name}, which readers take for the end of a line or a text, or refuse`,
    );
  });
}

function addField(
  extension: Map<string, string>,
  { key, value, offset: at }: ExtensionField,
  version: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (extension.has(key)) {
    findings.push(
      error(
        offset(at),
        'CEF extension',
        `${key} occurs twice: readers take the first, the last or both; is an = in a value not escaped?`,
      ),
    );
  } else extension.set(key, value);
  if (consumerKeys.has(key)) {
    findings.push(error(key, 'CEF dictionary', 'is a key of the consumer, which a producer must not send'));
  }
  const short = keyOfFullName.get(key);
  if (short !== undefined) findings.push(error(key, 'CEF dictionary', `is a full name: its key is ${short}`));
  const type = producerKeys.get(key);
  if (type === undefined || value === '') return findings;
  if (version === '0' && keysOfVersion1.has(key)) {
    findings.push(warning(key, 'CEF dictionary', 'came with version 1: readers of CEF:0 do not know it'));
  }
  const wrong = checkType(key, value, type, version);
  return wrong === undefined ? findings : [...findings, wrong];
}

function checkLabels(extension: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = [];
  const labels = new Map<string, string>();
  for (const key of labelledKeys) {
    const label = extension.get(`${key}Label`);
    if (extension.has(key) && label === undefined) {
      findings.push(error(key, 'CEF dictionary', `has no ${key}Label, without which it means nothing`));
    } else if (!extension.has(key) && label !== undefined) {
      findings.push(error(`${key}Label`, 'CEF dictionary', `labels ${key}, which is not there`));
    }
    if (label === undefined) continue;
    const other = labels.get(label);
    if (other !== undefined) {
      findings.push(
        warning(
          `${key}Label`,
          'CEF dictionary',
          `is ${quoted(label)}, as ${other} is: searches by label find both`,
        ),
      );
    }
    labels.set(label, `${key}Label`);
  }
  return findings;
}
