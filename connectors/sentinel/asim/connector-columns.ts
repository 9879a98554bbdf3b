import type { SecurityEvent } from '../../../src/event.ts';
import { type DocumentRow, rowsOf } from '../../../src/formats/document-row.ts';
import { text, time, whole } from './column.ts';

/** Columns of the connector's own events: heartbeats, and what it cannot see or tell. */
export const connectorColumns: readonly DocumentRow[] = [
  ...rowsOf(
    (e: SecurityEvent) => e.connector,
    [
      whole(undefined, 'ConnectorEventNumber', 'long', 'kept', (e) => e.connector?.number),
      text(undefined, 'ConnectorTenant', 'kept', (e) => e.connector?.tenant),
      text(undefined, 'ConnectorSource', 'kept', (e) => e.connector?.source),
      text(undefined, 'ConnectorSink', 'kept', (e) => e.connector?.sink),
      time(undefined, 'ConnectorWatermark', (e) => e.connector?.watermark),
      whole(undefined, 'ConnectorLagSeconds', 'long', 'kept', (e) => e.connector?.lagSeconds),
      whole(undefined, 'ConnectorAccepted', 'long', 'kept', (e) => e.connector?.accepted),
      whole(undefined, 'ConnectorRepeated', 'long', 'kept', (e) => e.connector?.repeated),
      time(undefined, 'ConnectorLastSuccess', (e) => e.connector?.lastSuccess),
      text(undefined, 'ConnectorVersion', 'kept', (e) => e.connector?.connectorVersion),
    ],
  ),
];
