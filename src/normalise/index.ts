import { createHash } from 'node:crypto';
import type { SecurityEvent } from '../event.ts';
import type { RecordKind, SourceRecord } from '../record.ts';
import { alert } from './alert.ts';
import { detection } from './detection.ts';
import { graphAlert } from './graph-alert.ts';
import type { JsonObject } from './json-value.ts';
import { parseRecord } from './parse-record.ts';
import type { NormaliseContext, RecordType } from './record-type.ts';

export type { NormaliseContext, RecordType } from './record-type.ts';

/** The list of record types; a record is taken for the first that recognises it. */
export const recordTypes: readonly RecordType[] = [detection, graphAlert, alert];

/**
 * Returns what a record means. Total: a record of unknown or damaged shape gives an event with what could be read of
 * it, for it has been accepted and must be delivered; the worst has its id, version and text alone.
 */
export function normalise(
  record: Pick<SourceRecord, 'kind' | 'id' | 'version' | 'json'>,
  context: NormaliseContext,
): SecurityEvent {
  return typeOf(record.kind).toEvent(readable(record.json), record.json, { ...context, record });
}

/**
 * Returns a record of this kind with its identity. One without an id is known by the hash of its text, and one without
 * an update time has that hash for its version: both are delivered all the same. Throws API_FAILED when the text is no
 * JSON object.
 */
export function recordOf(kind: RecordKind, json: string): SourceRecord {
  const { id, version, updated } = typeOf(kind).identify(parseRecord(json));
  if (id !== undefined && version !== undefined) return { kind, id, version, updated, json };
  const hash = `sha256:${createHash('sha256').update(json).digest('hex')}`;
  return { kind, id: id ?? hash, version: version ?? hash, updated, json };
}

/** Returns the kind of a record, given as text or parsed; undefined when no type recognises it, or it is no object. */
export function recogniseKind(record: string | JsonObject): RecordKind | undefined {
  const object = typeof record === 'string' ? readable(record) : record;
  return recordTypes.find((type) => type.recognises(object))?.kind;
}

const typesByKind = new Map(recordTypes.map((type) => [type.kind, type]));

function typeOf(kind: RecordKind): RecordType {
  const type = typesByKind.get(kind);
  if (type === undefined) throw new Error(`no record type for '${kind}'`);
  return type;
}

/** Returns the object of the text; an empty one where it holds none. */
function readable(json: string): JsonObject {
  try {
    return parseRecord(json);
  } catch {
    return {};
  }
}
