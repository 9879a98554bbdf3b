import { addMs, type Instant } from '../fields/instant.ts';
import type { AlertView, VisibleAlert } from './alert.ts';
import { graphEvidence } from './graph-evidence.ts';
import type { FilterValue } from './odata-filter.ts';
import { randomOf } from './random.ts';
import { usualAdvice } from './stories/story.ts';
import { trimmed } from './times.ts';

const products: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'Microsoft Defender for Endpoint',
  microsoftDefenderForIdentity: 'Microsoft Defender for Identity',
  microsoftDefenderForCloudApps: 'Microsoft Defender for Cloud Apps',
  microsoftDefenderForOffice365: 'Microsoft Defender for Office 365',
  microsoft365Defender: 'Microsoft Defender XDR',
  azureAdIdentityProtection: 'Microsoft Entra ID Protection',
  dataLossPrevention: 'Microsoft Data Loss Prevention',
  microsoftDefenderForCloud: 'Microsoft Defender for Cloud',
  microsoftSentinel: 'Microsoft Sentinel',
};

/** Members added after `unknownFutureValue`: named only when `Prefer: include-unknown-enum-members` asks (§6.2, §6.3). */
const laterMembers: ReadonlySet<string> = new Set([
  'microsoftDefenderForCloud',
  'microsoftSentinel',
  'microsoftDefenderForStorage',
  'scheduledAlerts',
]);

/** Returns an alert as Graph writes it (API reference §6.3). `knowsUnknown`: later enumeration members by name. */
export function graphAlert(view: AlertView, knowsUnknown: boolean): Readonly<Record<string, unknown>> {
  const { alert, state, tenantId } = view;
  const { chapter } = alert;
  const member = (name: string) => (!knowsUnknown && laterMembers.has(name) ? 'unknownFutureValue' : name);
  return {
    id: alert.id,
    providerAlertId: alert.providerId,
    incidentId: String(state.incidentId),
    status: state.status,
    severity: state.severity,
    classification: state.classification,
    determination: state.determination,
    serviceSource: member(chapter.service),
    detectionSource: member(chapter.detection),
    productName: products[chapter.service] ?? chapter.service,
    detectorId: detectorId(chapter.title),
    tenantId,
    title: chapter.title,
    description: chapter.description,
    recommendedActions: chapter.recommendedActions ?? usualAdvice,
    category: chapter.category,
    assignedTo: state.assignedTo,
    alertWebUrl: `https://security.microsoft.com/alerts/${alert.id}?tid=${tenantId}`,
    incidentWebUrl: `https://security.microsoft.com/incidents/${state.incidentId}?tid=${tenantId}`,
    actorDisplayName: chapter.actor ?? null,
    threatDisplayName: chapter.threatName ?? null,
    threatFamilyName: chapter.threatFamily ?? null,
    mitreTechniques: chapter.techniques,
    createdDateTime: trimmed(alert.created),
    lastUpdateDateTime: trimmed(state.updated),
    resolvedDateTime: state.resolved === null ? null : trimmed(state.resolved),
    firstActivityDateTime: trimmed(alert.firstActivity),
    lastActivityDateTime: trimmed(lastActivity(alert.firstActivity)),
    systemTags: [],
    alertPolicyId: null,
    investigationState: state.investigationState ?? 'unsupportedAlertType',
    additionalData: null,
    comments: state.comments.map((comment) => ({
      '@odata.type': '#microsoft.graph.security.alertComment',
      comment: comment.text,
      createdByDisplayName: comment.by,
      createdDateTime: trimmed(comment.at),
    })),
    evidence: view.evidence.map((item) => graphEvidence(item, view, knowsUnknown)),
  };
}

/** Returns a property that Graph can filter and sort by (API reference §6.2), without writing the whole alert. */
export function graphProperty({ alert, state }: VisibleAlert, property: string): FilterValue {
  switch (property) {
    case 'createdDateTime':
      return alert.created;
    case 'lastUpdateDateTime':
      return state.updated;
    case 'serviceSource':
      return alert.chapter.service;
    case 'severity':
      return state.severity;
    case 'status':
      return state.status;
    case 'assignedTo':
      return state.assignedTo;
    case 'classification':
      return state.classification;
    case 'determination':
      return state.determination;
    default:
      return null;
  }
}

/** Returns the detector of an alert, which is the same for all alerts of one title. */
export function detectorId(title: string): string {
  const known = detectors.get(title);
  if (known !== undefined) return known;
  const id = randomOf('detector', title).guid();
  detectors.set(title, id);
  return id;
}

const detectors = new Map<string, string>();

/** Returns when an alert's activity ended, as far as its story tells. */
export function lastActivity(firstActivity: Instant): Instant {
  return addMs(firstActivity, 1500);
}
