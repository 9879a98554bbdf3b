import { isIPv4, isIPv6 } from 'node:net';
import { type CefKeyType, consumerKeys, labelledKeys, producerKeys } from './cef-dictionary.ts';
import { refuseLonger, refuseOuterSpace, refuseUnsafe } from './line-text.ts';

/** A CEF record as read. */
export interface CefRecord {
  readonly header: {
    readonly vendor: string;
    readonly product: string;
    readonly version: string;
    readonly classId: string;
    readonly name: string;
    readonly severity: number;
  };
  readonly extension: ReadonlyMap<string, string>;
}

const headerLimits = { vendor: 63, product: 63, version: 31, classId: 1023, name: 512 } as const;

/**
 * Reads a CEF:0 record by the letter of the Implementation Standard (rev. 25), written apart from the encoder. Throws
 * at whatever the standard does not allow, or leaves for readers to guess.
 */
export function parseCef(line: string): CefRecord {
  refuseUnsafe(line, '\t');
  if (!line.startsWith('CEF:0|')) throw new Error('does not begin with CEF:0|');
  const { fields, end } = readHeader(line, 'CEF:0|'.length);
  const [vendor = '', product = '', version = '', classId = '', name = '', severity = ''] = fields;
  const header = { vendor, product, version, classId, name };
  for (const [field, value] of Object.entries(header)) {
    refuseOuterSpace(field, value);
    if (value.includes('\t')) throw new Error(`${field} holds a TAB`);
    refuseLonger(field, value, headerLimits[field as keyof typeof header]);
  }
  if (!/^(?:\d|10)$/.test(severity)) throw new Error(`severity '${severity}'`);
  const extension = readExtension(line.slice(end));
  checkLabels(extension);
  checkTruncated(extension);
  return { header: { ...header, severity: Number(severity) }, extension };
}

function readHeader(line: string, start: number): { fields: string[]; end: number } {
  const fields: string[] = [];
  let field = '';
  for (let at = start; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '\\') {
      const escaped = line.charAt(++at);
      if (escaped !== '\\' && escaped !== '|') throw new Error(`unknown escape \\${escaped} in the header`);
      field += escaped;
    } else if (character === '|') {
      fields.push(field);
      field = '';
      if (fields.length === 6) return { fields, end: at + 1 };
    } else field += character;
  }
  throw new Error('the header has fewer than seven pipes');
}

/** Every unescaped `=` ends a key, which one space divides from the value before it. */
function readExtension(text: string): Map<string, string> {
  const extension = new Map<string, string>();
  if (text === '') return extension;
  const equals = unescapedEquals(text);
  let keyStart = 0;
  for (const [index, at] of equals.entries()) {
    const key = text.slice(keyStart, at);
    const next = equals[index + 1];
    const valueEnd = next === undefined ? text.length : text.lastIndexOf(' ', next);
    if (valueEnd <= at) throw new Error(`no value before the = at ${next}`);
    addField(extension, key, unescapeValue(text.slice(at + 1, valueEnd)));
    keyStart = valueEnd + 1;
  }
  if (extension.size === 0) throw new Error('an extension without a key');
  return extension;
}

function unescapedEquals(text: string): number[] {
  const found: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '=') found.push(at);
  }
  return found;
}

function unescapeValue(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character !== '\\') {
      value += character;
      continue;
    }
    const escaped = text.charAt(++at);
    if (escaped === 'n') value += '\n';
    else if (escaped === 'r') value += '\r';
    else if (escaped === '\\' || escaped === '=') value += escaped;
    else throw new Error(`unknown escape \\${escaped} in the extension`);
  }
  return value;
}

function addField(extension: Map<string, string>, key: string, value: string): void {
  if (!/^[A-Za-z0-9]+$/.test(key)) throw new Error(`'${key}' is no key`);
  if (extension.has(key)) throw new Error(`${key} occurs twice`);
  if (consumerKeys.has(key)) throw new Error(`${key} is a consumer's key`);
  refuseOuterSpace(key, value);
  const type = producerKeys.get(key);
  if (type !== undefined) checkType(key, value, type);
  else if (!/^(?:MSDefender|DefenderSiem)[A-Z0-9]/.test(key))
    throw new Error(`${key} is neither of the dictionary nor our own`);
  extension.set(key, value);
}

function checkType(key: string, value: string, type: CefKeyType): void {
  if (type.type === 'string') refuseLonger(key, value, type.max);
  else if (!isOfType(key, value, type.type)) throw new Error(`${key}=${value} is no ${type.type}`);
}

function isOfType(key: string, value: string, type: Exclude<CefKeyType['type'], 'string'>): boolean {
  switch (type) {
    case 'ipv4':
      return isIPv4(value);
    case 'ipv6':
      return isIPv6(value) && !value.includes('%');
    case 'mac':
      return /^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/.test(value);
    case 'timestamp':
      return /^\d{13}$/.test(value);
    case 'double':
      return /^-?\d+(?:\.\d+)?$/.test(value);
    case 'port':
      return isWhole(value, 0n, 65_535n);
    case 'long':
      return isWhole(value, -(2n ** 63n), 2n ** 63n - 1n);
    case 'integer':
      if (key === 'deviceDirection') return value === '0' || value === '1';
      return isWhole(value, -(2n ** 31n), 2n ** 31n - 1n);
  }
}

function isWhole(value: string, least: bigint, most: bigint): boolean {
  return /^(?:0|-?[1-9]\d*)$/.test(value) && BigInt(value) >= least && BigInt(value) <= most;
}

function checkLabels(extension: ReadonlyMap<string, string>): void {
  const labels = new Set<string>();
  for (const key of labelledKeys) {
    const label = extension.get(`${key}Label`);
    if (extension.has(key) !== (label !== undefined))
      throw new Error(`${key} and its label do not go together`);
    if (label === undefined) continue;
    if (labels.has(label)) throw new Error(`label '${label}' occurs twice`);
    labels.add(label);
  }
}

function checkTruncated(extension: ReadonlyMap<string, string>): void {
  const names = extension.get('MSDefenderTruncated')?.split(',') ?? [];
  if (new Set(names).size !== names.length) throw new Error('MSDefenderTruncated names a field twice');
  for (const name of names) {
    // `…` behind the others: there was no room for more names.
    if (name === '…' && name === names.at(-1)) continue;
    if (!/^[A-Za-z0-9]+$/.test(name)) throw new Error(`MSDefenderTruncated names '${name}'`);
  }
}
