import { type FieldType, labelled, type MappingRow, row, text } from '../mapping.ts';
import { integer64 } from '../number-text.ts';
import { epochMsText } from '../time-text.ts';
import { cefExternalId, isLongId } from './cef-mapping.ts';

const time: FieldType = { read: epochMsText };
const long: FieldType = { read: integer64 };
const own = text(4000);

/** The extension of the connector's own events: those of a product of their own, with few keys, in the order written. */
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
