import { cefExternalId, isLongId } from './cef-mapping.ts';
import { type FieldType, labelled, type MappingRow, row, text } from './mapping.ts';
import { integer64 } from './number-text.ts';
import { leefSeverity } from './severity.ts';
import { epochMsText } from './time-text.ts';

// How the connector's own events are written: as those of a product of their own, with few keys.

/** Device vendor of the connector's own events: none of them is Microsoft's. */
export const connectorVendor = 'defender-siem';

const time: FieldType = { read: epochMsText };
const long: FieldType = { read: integer64 };
const own = text(4000);
const free = text(Number.POSITIVE_INFINITY);

/** The extension of CEF, in the order in which it is written. */
export const cefConnectorMapping: readonly MappingRow[] = [
  row(31, 'rt', time, 'kept', (e) => e.updated),
  row(28, 'start', time, 'kept', (e) => e.firstActivity),
  row(1, 'externalId', text(40), 'kept', cefExternalId),
  row(1, 'DefenderSiemEventId', own, 'kept', (e) => (isLongId(e.id) ? e.id : undefined)),
  row(3, 'MSDefenderVersion', own, 'kept', (e) => e.version),
  row(26, 'MSDefenderTenantId', own, 'kept', (e) => e.tenantId),
  row(7, 'cat', text(1023), 'kept', (e) => e.category),
  row(6, 'MSDefenderSeverity', own, 'kept', (e) => e.severityText ?? e.severity),
  row(9, 'outcome', text(63), 'kept', (e) => e.status),
  row(33, 'dvchost', text(100), 'kept', (e) => e.device?.name),
  labelled(undefined, ['flexNumber1', 'ConnectorEventNumber'], long, 'kept', (e) => e.connector?.number),
  row(undefined, 'DefenderSiemTenant', own, 'kept', (e) => e.connector?.tenant),
  row(undefined, 'DefenderSiemSource', own, 'kept', (e) => e.connector?.source),
  row(undefined, 'DefenderSiemSink', own, 'kept', (e) => e.connector?.sink),
  labelled(undefined, ['flexNumber2', 'LagSeconds'], long, 'kept', (e) => e.connector?.lagSeconds),
  row(undefined, 'DefenderSiemWatermark', time, 'kept', (e) => e.connector?.watermark),
  row(undefined, 'DefenderSiemLastSuccess', time, 'kept', (e) => e.connector?.lastSuccess),
  row(undefined, 'DefenderSiemAccepted', own, 'kept', (e) => e.connector?.accepted),
  row(undefined, 'DefenderSiemRepeated', own, 'kept', (e) => e.connector?.repeated),
  row(undefined, 'DefenderSiemVersion', own, 'kept', (e) => e.connector?.connectorVersion),
  row(5, 'msg', text(1023), 'description', (e) => e.description),
];

/** The attributes of LEEF, in the order in which they are written. */
export const leefConnectorMapping: readonly MappingRow[] = [
  row(31, 'devTime', time, 'kept', (e) => e.updated),
  row(6, 'sev', free, 'kept', (e) => String(leefSeverity[e.severity])),
  row(7, 'cat', free, 'kept', (e) => e.category),
  row(1, 'alertId', free, 'kept', (e) => e.id),
  row(3, 'version', free, 'kept', (e) => e.version),
  row(26, 'tenantId', free, 'kept', (e) => e.tenantId),
  row(4, 'title', free, 'kept', (e) => e.title),
  row(6, 'severity', free, 'kept', (e) => e.severityText ?? e.severity),
  row(28, 'startTime', time, 'kept', (e) => e.firstActivity),
  row(9, 'status', free, 'kept', (e) => e.status),
  row(33, 'deviceName', free, 'kept', (e) => e.device?.name),
  row(undefined, 'number', free, 'kept', (e) => e.connector?.number),
  row(undefined, 'tenant', free, 'kept', (e) => e.connector?.tenant),
  row(undefined, 'source', free, 'kept', (e) => e.connector?.source),
  row(undefined, 'sink', free, 'kept', (e) => e.connector?.sink),
  row(undefined, 'lagSeconds', free, 'kept', (e) => e.connector?.lagSeconds),
  row(undefined, 'watermark', time, 'kept', (e) => e.connector?.watermark),
  row(undefined, 'lastSuccess', time, 'kept', (e) => e.connector?.lastSuccess),
  row(undefined, 'accepted', free, 'kept', (e) => e.connector?.accepted),
  row(undefined, 'repeated', free, 'kept', (e) => e.connector?.repeated),
  row(undefined, 'connectorVersion', free, 'kept', (e) => e.connector?.connectorVersion),
  row(5, 'description', free, 'description', (e) => e.description),
];
