import { connectorVendor } from '../../../src/connector-facts.ts';
import { recordIdentity, type SecurityEvent, type TimeText } from '../../../src/event.ts';
import { changesText } from '../../../src/formats/changes-text.ts';
import type { DocumentRow } from '../../../src/formats/document-row.ts';
import * as facts from '../../../src/formats/facts.ts';
import { list, text, time, whole } from './column.ts';
import * as words from './enumerations.ts';

/** Columns that say which record it is, of when, and in which state. */
export const identityColumns: readonly DocumentRow[] = [
  // Azure replaces it where it is more than two days old (formats reference §7.1): the original times stand below.
  time(31, 'TimeGenerated', (e) => e.updated ?? e.created ?? e.observed),
  text(1, 'EventUid', 'kept', recordIdentity),
  text(3, 'EventVersion', 'kept', (e) => e.version),
  text(undefined, 'RecordKind', 'kept', (e) => e.kind),
  whole(undefined, 'EventCount', 'int', 'kept', () => '1'),
  text(undefined, 'EventType', 'kept', (e) => onAlerts(e, 'Alert')),
  text(undefined, 'EventSchema', 'kept', (e) => onAlerts(e, 'AlertEvent')),
  text(undefined, 'EventSchemaVersion', 'kept', (e) => onAlerts(e, '0.1')),
  text(7, 'EventSubType', 'kept', words.eventSubType),
  text(undefined, 'EventVendor', 'kept', (e) => (e.kind === 'connector' ? connectorVendor : 'Microsoft')),
  text(12, 'EventProduct', 'kept', (e) => e.product),
  text(2, 'EventOriginalUid', 'kept', (e) => (e.kind === 'detection' ? e.id : e.recordId)),
  time(28, 'EventStartTime', startTime),
  time(29, 'EventEndTime', (e) => e.lastActivity ?? startTime(e)),
  time(28, 'FirstActivityTime', (e) => e.firstActivity),
  time(29, 'LastActivityTime', (e) => e.lastActivity),
  time(30, 'CreatedTime', (e) => e.created),
  time(31, 'UpdatedTime', (e) => e.updated),
  time(32, 'ResolvedTime', (e) => e.resolved),
  text(26, 'UserScopeId', 'kept', (e) => e.tenantId),
];

/** Columns of the alert, incident or other object itself. */
export const alertColumns: readonly DocumentRow[] = [
  text(4, 'AlertName', 'kept', (e) => e.title),
  text(6, 'EventSeverity', 'kept', (e) => words.severities[e.severity]),
  text(6, 'EventOriginalSeverity', 'kept', (e) => e.severityText),
  text(7, 'Category', 'kept', (e) => e.category),
  text(undefined, 'HuntingTable', 'kept', (e) => e.table),
  text(78, 'ActionType', 'other', facts.action),
  text(7, 'AttackTactics', 'kept', words.attackTactics),
  text(8, 'AttackTechniques', 'kept', (e) =>
    e.techniques.length === 0 ? undefined : e.techniques.join(', '),
  ),
  text(9, 'AlertOriginalStatus', 'kept', (e) => e.status),
  text(9, 'AlertStatus', 'kept', words.alertStatus),
  text(10, 'AlertVerdict', 'kept', words.alertVerdict),
  text(10, 'Classification', 'other', (e) => e.classification),
  text(11, 'Determination', 'other', (e) => e.determination),
  text(12, 'ServiceSource', 'other', (e) => e.serviceSource),
  text(13, 'DetectionMethod', 'kept', words.detectionMethod),
  text(13, 'DetectionSource', 'other', (e) => e.detectionSource),
  text(14, 'RuleName', 'other', (e) => e.detectorId),
  text(15, 'ThreatName', 'other', (e) => e.threatName),
  text(16, 'ThreatFamily', 'other', (e) => e.threatFamily),
  text(16, 'ThreatCategory', 'other', words.threatCategory),
  text(17, 'ThreatActor', 'other', (e) => e.actor),
  text(18, 'IncidentId', 'kept', (e) => e.incidentId),
  text(19, 'EventReportUrl', 'kept', (e) => e.alertUrl),
  text(20, 'IncidentUrl', 'other', (e) => e.incidentUrl),
  text(21, 'AssignedTo', 'other', (e) => e.assignedTo),
  text(24, 'InvestigationId', 'other', (e) => e.investigationId),
  text(24, 'InvestigationState', 'other', (e) => e.investigationState),
  list(25, 'AlertTags', 'tags', (e) => e.tags),
  text(undefined, 'Changes', 'other', changesText),
  text(27, 'MatchedIndicator', 'other', facts.indicator),
  text(undefined, 'IndicatorType', 'other', words.indicatorType),
  text(undefined, 'IndicatorAssociation', 'other', words.indicatorAssociation),
  text(80, 'EvidenceVerdict', 'other', (e) => e.verdict),
  whole(undefined, 'EvidenceCount', 'int', 'other', facts.evidenceCount),
];

/** Columns for reading, the first to be left out. */
export const proseColumns: readonly DocumentRow[] = [
  text(5, 'EventMessage', 'description', (e) => e.description),
  text(22, 'AttackRemediationSteps', 'recommendedActions', (e) => e.recommendedActions),
];

function onAlerts(event: SecurityEvent, value: string): string | undefined {
  return words.isAlert(event) ? value : undefined;
}

function startTime(event: SecurityEvent): TimeText {
  return event.firstActivity ?? event.created ?? event.updated;
}
