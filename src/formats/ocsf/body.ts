import { activityBody } from './activities.ts';
import type { Body } from './assemble.ts';
import { baseEvent } from './base-event.ts';
import { connectorEvent } from './connector-event.ts';
import { detectionFinding } from './detection-finding.ts';
import type { EventDraft } from './event-draft.ts';
import { incidentFinding } from './incident-finding.ts';
import { inventoryInfo } from './inventory-info.ts';
import { vulnerabilityFinding } from './vulnerability-finding.ts';

/** Tables whose rows tell of alerts: findings, as the alerts themselves are. */
const alertTables = ['AlertInfo', 'AlertEvidence', 'DeviceAlertEvents'];

/**
 * Returns what the event is and tells, by the class of its kind (formats reference §11.6); of any other a base event. An
 * incident tells of so many of its alerts at most.
 */
export function bodyOf(draft: EventDraft, mostAlerts: number): Body {
  const { event } = draft;
  switch (event.kind) {
    case 'detection':
    case 'alert':
    case 'graph-alert':
      return detectionFinding(draft);
    case 'incident':
      return incidentFinding(draft, mostAlerts);
    case 'hunting-event':
      if (alertTables.includes(event.table ?? '')) return detectionFinding(draft);
      return activityBody(draft) ?? inventoryOfTable(draft) ?? anyEvent(draft);
    case 'device':
      return inventoryInfo(draft) ?? anyEvent(draft);
    case 'entity':
      return vulnerabilityFinding(draft) ?? anyEvent(draft);
    case 'connector':
      return connectorEvent(draft);
  }
}

function inventoryOfTable(draft: EventDraft): Body | undefined {
  return draft.event.table === 'DeviceInfo' ? inventoryInfo(draft) : undefined;
}

/** An event that does not tell what its class wants, or has none. */
function anyEvent(draft: EventDraft): Body {
  draft.clear();
  return baseEvent(draft);
}
