import { recordIdentity } from '../../src/event.ts';
import type { EventHead } from '../../src/event-head.ts';
import { epochMs, parseInstant } from '../../src/fields/instant.ts';
import { changesText } from '../../src/formats/changes-text.ts';
import type { RecordKind } from '../../src/record.ts';
import { jsonString } from '../../src/sinks/json-string.ts';
import { oneLine } from '../../src/sinks/one-line.ts';

/**
 * Source types by record, as other add-ons name them, so that users' searches and Splunk's own detections go on
 * working (formats reference §5.5); the one for SIEM detections is ours.
 */
export const sourcetypes: Readonly<Record<RecordKind, string>> = {
  'graph-alert': 'ms365:defender:incident:alerts',
  alert: 'ms:defender:atp:alerts',
  detection: 'ms365:defender:detections',
  incident: 'ms365:defender:incident',
  'hunting-event': 'ms365:defender:hunting',
  device: 'ms365:defender:device',
  entity: 'ms365:defender:entity',
  connector: 'defender-siem:connector',
};

/**
 * Returns the `source` of a kind's events. It is ours alone, unlike some of the source types: the add-on's mapping hangs on
 * it, so that events which another add-on has brought keep that one's.
 */
export function sourceOf(kind: RecordKind): string {
  return `defender-siem:${kind}`;
}

/** What an event's metadata is made of, beside the event. */
export interface HecMetadata {
  /** Undefined for the source type of the record's kind. */
  readonly sourcetype: string | undefined;
  /** Undefined for the source of the record's kind. */
  readonly source: string | undefined;
  /** Undefined for the token's default. */
  readonly index: string | undefined;
  /** Undefined for the device's name, else `fallbackHost`. */
  readonly host: string | undefined;
  readonly fallbackHost: string;
}

/** What stands around the text of an event, so that it is one as HEC takes it (formats reference §5.2), on one line. */
export interface HecEnvelope {
  before(event: EventHead): string;
  behind(event: EventHead): string;
}

/** Returns the envelope; what is the same in all events of a kind is put together once. */
export function hecEnvelope(metadata: HecMetadata): HecEnvelope {
  const { index, fallbackHost } = metadata;
  const indexed = index === undefined ? '' : `,"index":${jsonString(index)}`;
  const behindHost = new Map<RecordKind, string>();
  const sourceAndIndex = (kind: RecordKind): string => {
    let made = behindHost.get(kind);
    if (made === undefined) {
      const source = jsonString(metadata.source ?? sourceOf(kind));
      const sourcetype = jsonString(metadata.sourcetype ?? sourcetypes[kind]);
      made = `,"source":${source},"sourcetype":${sourcetype}${indexed},"event":`;
      behindHost.set(kind, made);
    }
    return made;
  };
  const hostOf = (event: EventHead) => metadata.host ?? event.device?.name ?? fallbackHost;
  return {
    before(event) {
      const time = hecTime(event);
      const timed = time === undefined ? '{"host":' : `{"time":${time},"host":`;
      return timed + jsonString(hostOf(event)) + sourceAndIndex(event.kind);
    },
    behind: (event) => `,"fields":${hecFields(event)}}`,
  };
}

/** Returns a text as it stands in an envelope: as it is when it is `json`, so that the record stays verbatim; else as a JSON string. */
export function hecText(text: string, json: boolean): string {
  return json ? oneLine(text) : jsonString(oneLine(text));
}

/** Seconds since 1970 with three decimals, never an exponent (code 15); absent, the arrival counts. */
function hecTime(event: EventHead): string | undefined {
  const text = event.updated ?? event.created;
  const instant = text === undefined ? undefined : parseInstant(text);
  return instant === undefined ? undefined : (epochMs(instant) / 1000).toFixed(3);
}

/**
 * Indexed fields: the identity on every delivery (formats reference §1.4), and what a later state changed, and the
 * table of a queried row, for which a verbatim record has no place. Flat, or Splunk refuses them (code 15).
 */
function hecFields(event: EventHead): string {
  const tenant = event.tenantId === undefined ? '' : `,"tenant":${jsonString(event.tenantId)}`;
  const changed = changesText(event);
  const changes = changed === undefined ? '' : `,"changes":${jsonString(changed)}`;
  const table = event.table === undefined ? '' : `,"table":${jsonString(event.table)}`;
  return `{"event_id":${jsonString(recordIdentity(event))},"event_version":${jsonString(event.version)}${tenant}${changes}${table}}`;
}
