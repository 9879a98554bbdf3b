import { connectorVendor } from '../../connector-facts.ts';
import { type DocumentRow, field } from '../document-row.ts';
import { ecsHead } from './ecs-mapping.ts';
import { date, keyword, long, matchOnlyText } from './ecs-types.ts';

/** Under which the connector's own events have what ECS has no field for. */
const root = 'microsoft_defender.connector';

/** The connector's own events: those of a product of their own, with few fields (formats reference §11.6). */
export const ecsConnectorMapping: readonly DocumentRow[] = [
  ...ecsHead,
  field(14, 'event.code', keyword, 'kept', (e) => e.detectorId),
  field(14, 'event.action', keyword, 'kept', (e) => e.detectorId),
  field(12, 'event.provider', keyword, 'kept', (e) => e.product),
  field(undefined, 'event.sequence', long, 'kept', (e) => e.connector?.number),
  field(28, 'event.start', date, 'kept', (e) => e.firstActivity),
  field(5, 'message', matchOnlyText, 'description', (e) => e.description ?? e.title),
  field(4, 'rule.name', keyword, 'kept', (e) => e.title),
  field(7, 'rule.category', keyword, 'kept', (e) => e.category),
  field(26, 'organization.id', keyword, 'kept', (e) => e.tenantId),
  field(12, 'observer.vendor', keyword, 'kept', () => connectorVendor),
  field(12, 'observer.product', keyword, 'kept', (e) => e.product),
  field(undefined, 'observer.version', keyword, 'kept', (e) => e.connector?.connectorVersion),
  field(33, 'host.name', keyword, 'kept', (e) => e.device?.name),
  field(3, `${root}.version`, keyword, 'kept', (e) => e.version),
  field(6, `${root}.severity`, keyword, 'kept', (e) => e.severityText ?? e.severity),
  field(9, `${root}.state`, keyword, 'kept', (e) => e.status),
  field(undefined, `${root}.tenant`, keyword, 'kept', (e) => e.connector?.tenant),
  field(undefined, `${root}.source`, keyword, 'kept', (e) => e.connector?.source),
  field(undefined, `${root}.sink`, keyword, 'kept', (e) => e.connector?.sink),
  field(undefined, `${root}.watermark`, date, 'kept', (e) => e.connector?.watermark),
  field(undefined, `${root}.lagSeconds`, long, 'kept', (e) => e.connector?.lagSeconds),
  field(undefined, `${root}.lastSuccess`, date, 'kept', (e) => e.connector?.lastSuccess),
  field(undefined, `${root}.accepted`, long, 'kept', (e) => e.connector?.accepted),
  field(undefined, `${root}.repeated`, long, 'kept', (e) => e.connector?.repeated),
];
