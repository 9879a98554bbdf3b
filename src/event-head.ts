import type { SecurityEvent } from './event.ts';

/** What of an event goes along with its text: transports tell the record, its time and its device by it. */
export type EventHead = Pick<
  SecurityEvent,
  | 'kind'
  | 'id'
  | 'recordId'
  | 'version'
  | 'severity'
  | 'table'
  | 'tenantId'
  | 'firstActivity'
  | 'lastActivity'
  | 'created'
  | 'updated'
  | 'observed'
  | 'resolved'
  | 'device'
  | 'changes'
>;

/**
 * Returns the head of an event. Whatever waits for its delivery holds this and the text, not the evidence of hundreds of
 * events, which V8 would copy from one generation to the next.
 */
export function headOf(event: SecurityEvent): EventHead {
  const { kind, id, recordId, version, severity, table, tenantId, device, changes } = event;
  const { firstActivity, lastActivity, created, updated, observed, resolved } = event;
  return {
    kind,
    id,
    recordId,
    version,
    severity,
    table,
    tenantId,
    firstActivity,
    lastActivity,
    created,
    updated,
    observed,
    resolved,
    device,
    changes,
  };
}
