import { type FieldType, type MappingRow, row, text } from '../mapping.ts';
import { leefSeverity } from '../severity.ts';
import { epochMsText } from '../time-text.ts';

const time: FieldType = { read: epochMsText };
const free = text(Number.POSITIVE_INFINITY);

/** The attributes of the connector's own events: those of a product of their own, with few keys, in the order written. */
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
