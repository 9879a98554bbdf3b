import type { Severity } from '../event.ts';

const severities: ReadonlyMap<string, Severity> = new Map([
  ['informational', 'informational'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['critical', 'critical'],
]);

/** Returns the severity of the source's word, compared without case; `unknown` for any other (formats reference §10.1). */
export function severityOf(word: string | undefined): Severity {
  if (word === undefined) return 'unknown';
  return severities.get(word) ?? severities.get(word.trim().toLowerCase()) ?? 'unknown';
}

/**
 * Returns the severity of a record that need not have one: telemetry and inventory claim nothing, which is
 * `informational`, while a word that is none of Defender's stays `unknown`.
 */
export function severityOrInformational(word: string | undefined): Severity {
  return word === undefined ? 'informational' : severityOf(word);
}
