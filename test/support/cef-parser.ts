import { readCef } from '../../src/lint/cef/cef.ts';
import { producerKeys } from '../../src/lint/cef/dictionary.ts';
import { refuseFindings } from './refuse-findings.ts';

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

/**
 * Reads a CEF:0 record with the reader of `lint`; throws at any finding, and at what only our own records promise:
 * numbers for severities and times, own keys that name us, and a list of what was cut that can be taken apart.
 */
export function parseCef(line: string): CefRecord {
  const { header, extension, findings } = readCef(line);
  refuseFindings(findings);
  if (header === undefined || !line.startsWith('CEF:0|')) throw new Error('does not begin with CEF:0|');
  if (!/^\d+$/.test(header.severity)) throw new Error(`severity '${header.severity}'`);
  for (const [key, value] of extension) {
    const type = producerKeys.get(key)?.type;
    if (type === undefined && !/^(?:MSDefender|DefenderSiem)[A-Z0-9]/.test(key))
      throw new Error(`${key} is neither of the dictionary nor our own`);
    if (type === 'timestamp' && !/^\d{13}$/.test(value))
      throw new Error(`${key}=${value} is no time of ours`);
  }
  checkTruncated(extension);
  return { header: { ...header, severity: Number(header.severity) }, extension };
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
