import type { ConnectorEventType, ConnectorFacts } from '../connector-facts.ts';
import type { SecurityEvent, Severity } from '../event.ts';
import type { Instant } from '../fields/instant.ts';
import { blankFacts } from './blank-event.ts';
import { deviceFrom } from './device.ts';
import { type JsonObject, textOf, timeOf } from './json-value.ts';
import type { RecordType } from './record-type.ts';
import { severityOf } from './severity.ts';

/** Marks the connector's own records, and says how they are to be read. */
const schema = 'defender-siem/connector-event/1';

/** Names the connector where alerts name the product that raised them. */
export const connectorProduct = 'defender-siem';

/** The category of all of them, for routes and rules. */
export const connectorCategory = 'connector';

/** An event of the connector's own, as its record says it. Times are instants. */
export interface ConnectorEvent {
  /** The same at the beginning and at the end of a blind spot. */
  readonly id: string;
  readonly type: ConnectorEventType;
  readonly number: number;
  /** Undefined of a heartbeat. */
  readonly state: 'opened' | 'closed' | undefined;
  readonly severity: Severity;
  readonly time: Instant;
  /** When the blind spot opened. */
  readonly since: Instant | undefined;
  readonly message: string;
  readonly tenant: string | undefined;
  readonly tenantId: string | undefined;
  readonly source: string | undefined;
  readonly sink: string | undefined;
  readonly watermark?: Instant | undefined;
  readonly lagSeconds?: number | undefined;
  readonly accepted?: number;
  readonly repeated?: number;
  readonly lastSuccess?: Instant | undefined;
  readonly host: string;
  readonly connectorVersion: string;
}

/** Returns the record's JSON text, on one line; what is undefined is left out. */
export function connectorJson(event: ConnectorEvent): string {
  return JSON.stringify({ schema, ...event });
}

/** What each type is called where an alert has its title. */
const titles: Readonly<Record<ConnectorEventType, string>> = {
  heartbeat: 'Connector heartbeat',
  gap: 'Connector could not read a span of a source',
  stall: 'Connector makes no headway with a source',
  'partial-answer': 'Connector got an answer in part',
  'permission-lost': 'Connector lost a permission',
  'credential-expiring': 'Connector credential is about to expire',
  'dead-letters': 'Connector keeps events that a sink refused',
  'sink-failing': 'Connector cannot deliver to a sink',
  'journal-near-bound': 'Connector journal is near its bound',
  'unknown-shape': 'Connector met records of an unknown shape',
  'audit-missing': 'Connector found records missing',
};

/** An event of the connector's own: its heartbeat, or a blind spot that opened or closed. */
export const connectorEvent: RecordType = {
  kind: 'connector',

  recognises: (object) => object.schema === schema,

  identify(object) {
    const updated = timeOf(object.time);
    // A blind spot has the same id when it opens and when it ends; a heartbeat has one state alone.
    return { id: textOf(object.id), version: updated, updated, created: timeOf(object.since) ?? updated };
  },

  toEvent(object, json, context): SecurityEvent {
    const type = textOf(object.type);
    const severityText = textOf(object.severity);
    const state = textOf(object.state);
    return {
      ...blankFacts,
      kind: 'connector',
      id: textOf(object.id) ?? context.record.id,
      version: context.record.version,
      title: titleOf(type, state),
      description: textOf(object.message),
      severity: severityOf(severityText),
      severityText,
      category: connectorCategory,
      status: state,
      product: connectorProduct,
      serviceSource: connectorCategory,
      detectorId: `connector-${type ?? 'event'}`,
      tenantId: textOf(object.tenantId),
      firstActivity: timeOf(object.since),
      created: timeOf(object.time),
      updated: timeOf(object.time),
      device: deviceFrom({ name: textOf(object.host) }),
      connector: connectorFactsOf(object),
      json,
    };
  },
};

function titleOf(type: string | undefined, state: string | undefined): string {
  const title =
    type !== undefined && Object.hasOwn(titles, type)
      ? titles[type as ConnectorEventType]
      : 'Connector event';
  return state === 'closed' ? `${title}: over` : title;
}

function connectorFactsOf(object: JsonObject): ConnectorFacts {
  return {
    number: textOf(object.number),
    tenant: textOf(object.tenant),
    source: textOf(object.source),
    sink: textOf(object.sink),
    watermark: timeOf(object.watermark),
    lagSeconds: textOf(object.lagSeconds),
    accepted: textOf(object.accepted),
    repeated: textOf(object.repeated),
    lastSuccess: timeOf(object.lastSuccess),
    connectorVersion: textOf(object.connectorVersion),
  };
}
