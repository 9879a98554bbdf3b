import { type LeefHeader, readLeef } from '../../src/lint/leef/leef.ts';
import { refuseFindings } from './refuse-findings.ts';

/** A LEEF record as read. */
export interface LeefRecord extends LeefHeader {
  readonly attributes: ReadonlyMap<string, string>;
}

/** Reads a LEEF 1.0 or 2.0 record with the reader of `lint`; throws at any finding but a delimiter that is unwise. */
export function parseLeef(line: string): LeefRecord {
  const { header, attributes, findings } = readLeef(line);
  refuseFindings(findings.filter(({ at, level }) => at !== 'Delimiter' || level === 'error'));
  if (header === undefined) throw new Error('no LEEF header');
  return { ...header, attributes };
}
