import type { SecurityEvent } from '../../event.ts';
import { changesText } from '../changes-text.ts';
import type { EventDraft } from './event-draft.ts';
import { list, text, texts } from './json.ts';
import { severities } from './verdict.ts';

/** A fact under `unmapped`: its number (formats reference §11), its name there, and its value as JSON. */
export interface UnmappedRow {
  readonly fact: number | undefined;
  readonly name: string;
  readonly isList: boolean;
  readonly value: (event: SecurityEvent) => string;
}

function row(fact: number | undefined, name: string, value: (event: SecurityEvent) => string | undefined) {
  return { fact, name, isList: false, value: (event: SecurityEvent) => text(value(event)) };
}

function rows(
  fact: number | undefined,
  name: string,
  value: (event: SecurityEvent) => readonly string[] | undefined,
) {
  return { fact, name, isList: true, value: (event: SecurityEvent) => texts(value(event)) };
}

function bool(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** What OCSF has no attribute for, whatever the class (formats reference §11.3, column OCSF, `um`). */
export const unmappedRows: readonly UnmappedRow[] = [
  row(6, 'severity', severityWord),
  row(11, 'determination', (e) => e.determination),
  row(13, 'detectionSource', (e) => e.detectionSource),
  row(16, 'threatFamilyName', (e) => e.threatFamily),
  row(17, 'actorDisplayName', (e) => e.actor),
  row(20, 'incidentWebUrl', (e) => e.incidentUrl),
  row(24, 'investigationId', (e) => e.investigationId),
  row(24, 'investigationState', (e) => e.investigationState),
  row(27, 'iocName', (e) => e.indicator?.name),
  row(27, 'iocValue', (e) => e.indicator?.value),
  row(27, 'iocUniqueId', (e) => e.indicator?.uniqueId),
  row(27, 'creatorIocName', (e) => e.indicator?.creatorName),
  row(27, 'creatorIocValue', (e) => e.indicator?.creatorValue),
  row(32, 'resolvedDateTime', (e) => e.resolved),
  row(38, 'deviceExternalIp', (e) => e.device?.externalIp),
  row(42, 'deviceHealthStatus', (e) => e.device?.healthStatus),
  row(42, 'deviceOnboardingStatus', (e) => e.device?.onboardingStatus),
  row(42, 'deviceAntivirusStatus', (e) => e.device?.antivirusStatus),
  rows(43, 'loggedOnUsers', (e) => e.device?.loggedOnUsers),
  row(61, 'wasExecutingWhileDetected', (e) => bool(e.process?.runningWhenDetected)),
  row(72, 'deliveryAction', (e) => e.message?.deliveryAction),
  row(72, 'deliveryLocation', (e) => e.message?.deliveryLocation),
  row(72, 'emailDirection', (e) => e.message?.direction),
  row(72, 'emailReceived', (e) => e.message?.received),
  rows(72, 'emailThreats', (e) => e.message?.threats),
  row(72, 'attachmentsCount', (e) => e.message?.attachmentsCount),
  row(79, 'remediationIsSuccess', (e) => bool(e.remediationSucceeded)),
  row(80, 'verdict', (e) => e.verdict),
  row(82, 'mailClusterBy', (e) => e.mailCluster?.by),
  row(82, 'mailClusterByValue', (e) => e.mailCluster?.value),
  row(82, 'mailCount', (e) => e.mailCluster?.count),
  row(82, 'mailClusterQuery', (e) => e.mailCluster?.query),
  row(undefined, 'changes', changesText),
];

/** What only findings have an attribute for. */
export const unmappedOfActivities: readonly UnmappedRow[] = [
  row(2, 'recordId', (e) => e.recordId),
  row(5, 'description', (e) => e.description),
  row(7, 'category', (e) => e.category),
  rows(8, 'mitreTechniques', (e) => e.techniques),
  row(10, 'classification', (e) => e.classification),
  row(15, 'threatName', (e) => e.threatName),
  row(19, 'alertWebUrl', (e) => e.alertUrl),
  row(21, 'assignedTo', (e) => e.assignedTo),
  row(22, 'recommendedActions', (e) => e.recommendedActions),
  rows(25, 'tags', (e) => e.tags),
  rows(23, 'comments', (e) => e.comments.map((comment) => comment.text)),
  row(30, 'createdDateTime', (e) => e.created),
  row(78, 'actionType', (e) => e.action),
];

/** What the connector's own events tell. */
export const unmappedOfConnector: readonly UnmappedRow[] = [
  row(undefined, 'number', (e) => e.connector?.number),
  row(undefined, 'tenant', (e) => e.connector?.tenant),
  row(undefined, 'source', (e) => e.connector?.source),
  row(undefined, 'sink', (e) => e.connector?.sink),
  row(undefined, 'watermark', (e) => e.connector?.watermark),
  row(undefined, 'lagSeconds', (e) => e.connector?.lagSeconds),
  row(undefined, 'accepted', (e) => e.connector?.accepted),
  row(undefined, 'repeated', (e) => e.connector?.repeated),
  row(undefined, 'lastSuccess', (e) => e.connector?.lastSuccess),
];

/** Adds the facts of a table to what stands under `unmapped`. */
export function addUnmapped(draft: EventDraft, table: readonly UnmappedRow[]): void {
  for (const { name, value } of table) draft.addUnmapped(name, value(draft.event));
}

/** Returns the object of all that has no place, with the values that no attribute takes. */
export function unmappedObject(draft: EventDraft): string {
  const { unplaced } = draft;
  const odd =
    unplaced.length === 0 ? '' : list(unplaced.map(({ path, json }) => `{"name":"${path}","value":${json}}`));
  draft.addUnmapped('unplaced', odd);
  return draft.unmapped === '' ? '' : `{${draft.unmapped}}`;
}

/** 6: the source's own word, where it says more than the caption. */
function severityWord({ severity, severityText }: SecurityEvent): string | undefined {
  const caption = severities[severity].caption.slice(1, -1).toLowerCase();
  return severityText === undefined || severityText.toLowerCase() === caption ? undefined : severityText;
}
