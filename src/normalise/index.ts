import { createHash } from 'node:crypto';
import type { SecurityEvent, TimeText } from '../event.ts';
import { instantOf, parseInstant } from '../fields/instant.ts';
import type { RecordKind, SourceRecord } from '../record.ts';
import { alert } from './alert.ts';
import { connectorEvent } from './connector-event.ts';
import { detection } from './detection.ts';
import { entity } from './entity.ts';
import { graphAlert } from './graph-alert.ts';
import { huntingEvent } from './hunting-event.ts';
import { incident } from './incident.ts';
import { inexactNumbersRead, type JsonObject } from './json-value.ts';
import { machine } from './machine.ts';
import { isExact, parseExactly, parseRecord } from './parse-record.ts';
import type { NormaliseContext, RecordType } from './record-type.ts';
import { severityOf } from './severity.ts';
import { changesBetween, type KeptState, readTracked, trackedText } from './tracked-state.ts';

export type { NormaliseContext, RecordType } from './record-type.ts';

/** The list of record types; a record is taken for the first that recognises it. */
export const recordTypes: readonly RecordType[] = [
  connectorEvent,
  huntingEvent,
  detection,
  incident,
  graphAlert,
  alert,
  machine,
  entity,
];

/** What the journal knows of a record beside it. */
export interface Acceptance {
  /** When it was accepted, ms since 1970. */
  readonly acceptedAtMs?: number;
  /** Tracked states of the object accepted before. */
  readonly earlier?: readonly string[];
}

/** Tells whether a state of a record goes to a receiver. */
export type GoesThere = (state: SecurityEvent) => boolean;

const goesAnywhere: GoesThere = () => true;

/**
 * Returns what a record means. Total: a record of unknown or damaged shape gives an event with what could be read of
 * it, for it has been accepted and must be delivered; the worst has its id, version and text alone.
 *
 * With `earlier`, the tracked states accepted before, as far as the journal brings them, the event tells what changed
 * since the one that its receiver got last: the latest that `goesThere`, else the latest at all. Of an earlier state only
 * severity and status are known to the routes; whatever else they look at is taken to have been as it is now.
 */
export function normalise(
  record: Pick<SourceRecord, 'kind' | 'id' | 'version' | 'json' | 'parsed'> & Acceptance,
  context: NormaliseContext,
  goesThere: GoesThere = goesAnywhere,
): SecurityEvent {
  const inexactBefore = inexactNumbersRead();
  const object = record.parsed ?? readable(record.json);
  const event = eventOf(record, object, context, goesThere);
  if (inexactNumbersRead() === inexactBefore || isExact(object)) return event;
  return eventOf(record, parseExactly(record.json), context, goesThere);
}

function eventOf(
  record: Pick<SourceRecord, 'kind' | 'id' | 'version' | 'json'> & Acceptance,
  object: JsonObject,
  { tenantId, portalOrigin }: NormaliseContext,
  goesThere: GoesThere,
): SecurityEvent {
  const type = typeOf(record.kind);
  const told = type.toEvent(object, record.json, { tenantId, portalOrigin, record });
  const event = withTime(told, record.acceptedAtMs);
  const { earlier } = record;
  if (earlier === undefined || earlier.length === 0 || type.track === undefined) return event;
  const states = earlier.flatMap((text) => readTracked(text) ?? []);
  const before = states.findLast((state) => goesThere(asItWas(event, state))) ?? states.at(-1);
  return before === undefined ? event : { ...event, changes: changesBetween(before, type.track(object)) };
}

/** Formats whose receivers take nothing without a time need one even where the record has none, the same each time. */
function withTime(event: SecurityEvent, acceptedAtMs: number | undefined): SecurityEvent {
  if (acceptedAtMs === undefined || isTime(event.updated)) return event;
  const { created, lastActivity, firstActivity, resolved } = event;
  if ([created, lastActivity, firstActivity, resolved].some(isTime)) return event;
  return { ...event, observed: instantOf(acceptedAtMs) };
}

function isTime(text: TimeText): boolean {
  return text !== undefined && parseInstant(text) !== undefined;
}

/** The event with what is known of an earlier state of it. */
function asItWas(event: SecurityEvent, { severity, status }: KeptState): SecurityEvent {
  return { ...event, severity: severityOf(severity), severityText: severity, status };
}

/**
 * Returns a record of this kind with its identity. One without an id is known by the hash of its text, and one without
 * an update time has that hash for its version: both are delivered all the same. `parsed` is what `json` parses to, where
 * the caller has parsed it already; the record carries it on, exact where a number of it needs to be. Throws API_FAILED
 * when the text is no JSON object.
 */
export function recordOf(
  kind: RecordKind,
  json: string,
  parsed: JsonObject = parseRecord(json),
): SourceRecord {
  const inexactBefore = inexactNumbersRead();
  const record = identified(kind, json, parsed);
  if (inexactNumbersRead() === inexactBefore || isExact(parsed)) return record;
  return identified(kind, json, parseExactly(json));
}

function identified(kind: RecordKind, json: string, parsed: JsonObject): SourceRecord {
  const type = typeOf(kind);
  const { id, version, updated, created } = type.identify(parsed);
  const tracked = type.track && trackedText(type.track(parsed));
  const known = id !== undefined && version !== undefined;
  const hash = known ? '' : `sha256:${createHash('sha256').update(json).digest('hex')}`;
  return { kind, id: id ?? hash, version: version ?? hash, updated, created, json, parsed, tracked };
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
