import { recordIdentity } from '../../src/event.ts';
import { parseInstant } from '../../src/fields/instant.ts';
import { jsonString } from '../../src/sinks/json-string.ts';
import { oneLine } from '../../src/sinks/one-line.ts';
import type { Payload } from '../../src/sinks/sink.ts';

/**
 * Longest value of a column, bytes of UTF-8: Azure cuts what is longer than 64 KB and tells nobody (formats reference
 * §7.1). Below 64 000 there is no doubt about which KB is meant.
 */
export const maxColumnBytes = 64_000;

/**
 * Returns one row as JSON on one line. A JSON object is the row as it is; any other text, such as CEF, stands in the
 * column `RawData`, beside the identity that every delivery carries (formats reference §1.4).
 */
export function rowOf({ event, text }: Payload, json: boolean): string {
  if (json) return oneLine(text);
  const time = event.updated ?? event.created ?? event.observed;
  const instant = time === undefined ? undefined : parseInstant(time);
  const generated = instant === undefined ? '' : `"TimeGenerated":"${instant}",`;
  return `{${generated}"EventUid":${jsonString(recordIdentity(event))},"EventVersion":${jsonString(event.version)},"RawData":${jsonString(text)}}`;
}
