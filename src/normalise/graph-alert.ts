import type { Comment, SecurityEvent } from '../event.ts';
import { categoryOf } from './category.ts';
import { factsOf } from './evidence-facts.ts';
import { graphEvidenceIdentities, graphEvidenceOf } from './graph-evidence.ts';
import {
  distinct,
  isObject,
  type JsonObject,
  knownOf,
  objectsOf,
  textOf,
  textsOf,
  timeOf,
} from './json-value.ts';
import { alertLink, incidentLink } from './portal-links.ts';
import { productOf } from './product.ts';
import type { RecordType } from './record-type.ts';
import { severityOf } from './severity.ts';

/** Fields that alerts have and incidents, the other records of this API, have not. */
const ownFields = ['serviceSource', 'providerAlertId', 'alertWebUrl', 'detectorId', 'threatDisplayName'];
const times = ['createdDateTime', 'lastUpdateDateTime', 'firstActivityDateTime', 'lastActivityDateTime'];

/** An alert of Microsoft Graph `alerts_v2` (API reference §6.3; facts: formats reference §11.2, column "Graph"). */
export const graphAlert: RecordType = {
  kind: 'graph-alert',

  recognises: (object) =>
    object['@odata.type'] === '#microsoft.graph.security.alert' ||
    (ownFields.some((field) => field in object) && times.some((field) => field in object)),

  identify(object) {
    const updated = timeOf(object.lastUpdateDateTime);
    return { id: textOf(object.id), version: updated, updated, created: timeOf(object.createdDateTime) };
  },

  track: (object) => ({
    severity: textOf(object.severity),
    status: knownOf(object.status),
    classification: knownOf(object.classification),
    determination: knownOf(object.determination),
    assignedTo: textOf(object.assignedTo),
    evidence: graphEvidenceIdentities(object.evidence),
  }),

  toEvent(object, json, context): SecurityEvent {
    const ownId = textOf(object.id);
    const providerAlertId = textOf(object.providerAlertId);
    const tenantId = textOf(object.tenantId) ?? context.tenantId;
    const incidentId = textOf(object.incidentId);
    const severityText = textOf(object.severity);
    const serviceSource = knownOf(object.serviceSource);
    const evidence = graphEvidenceOf(object.evidence);
    const facts = factsOf(evidence);
    return {
      kind: 'graph-alert',
      id: ownId ?? context.record.id,
      recordId: providerAlertId === ownId ? undefined : providerAlertId,
      version: context.record.version,
      title: textOf(object.title),
      description: textOf(object.description),
      severity: severityOf(severityText),
      severityText,
      category: categoryOf(object.category) ?? textsOf(object.categories)[0],
      table: undefined,
      techniques: textsOf(object.mitreTechniques),
      status: knownOf(object.status),
      classification: knownOf(object.classification),
      determination: knownOf(object.determination),
      product: productOf(serviceSource, textOf(object.productName)),
      serviceSource,
      detectionSource: knownOf(object.detectionSource),
      detectorId: textOf(object.detectorId) ?? textOf(object.alertPolicyId),
      threatName: textOf(object.threatDisplayName),
      threatFamily: textOf(object.threatFamilyName),
      actor: textOf(object.actorDisplayName),
      incidentId,
      alertUrl:
        textOf(object.alertWebUrl) ?? (ownId === undefined ? undefined : alertLink(ownId, tenantId, context)),
      incidentUrl:
        textOf(object.incidentWebUrl) ??
        (incidentId === undefined ? undefined : incidentLink(incidentId, tenantId, context)),
      assignedTo: textOf(object.assignedTo),
      recommendedActions: textOf(object.recommendedActions),
      comments: commentsOf(object.comments),
      investigationId: textOf(object.investigationId),
      investigationState: knownOf(object.investigationState),
      tags: tagsOf(object),
      tenantId,
      indicator: undefined,
      firstActivity: timeOf(object.firstActivityDateTime),
      lastActivity: timeOf(object.lastActivityDateTime),
      created: timeOf(object.createdDateTime),
      updated: timeOf(object.lastUpdateDateTime),
      resolved: timeOf(object.resolvedDateTime),
      device: facts.device,
      user: facts.user,
      file: facts.file,
      process: facts.process,
      network: facts.network,
      url: facts.url,
      domainName: facts.domainName,
      registry: facts.registry,
      message: facts.message,
      mailbox: facts.mailbox,
      cloudResource: facts.cloudResource,
      application: facts.application,
      container: facts.container,
      group: facts.group,
      action: facts.action,
      remediationSucceeded: facts.remediationSucceeded,
      verdict: facts.verdict,
      mailCluster: facts.mailCluster,
      changes: undefined,
      evidence,
      json,
    };
  },
};

function commentsOf(value: unknown): readonly Comment[] {
  const comments: Comment[] = [];
  for (const item of objectsOf(value)) {
    const text = textOf(item.comment);
    if (text === undefined) continue;
    comments.push({ text, by: textOf(item.createdByDisplayName), at: timeOf(item.createdDateTime) });
  }
  return comments;
}

/** The system's tags, then each value of the open dictionaries as `name=value` (fact 25). */
function tagsOf({ systemTags, customDetails, additionalData }: JsonObject): readonly string[] {
  const tags = textsOf(systemTags);
  if (!isObject(customDetails) && !isObject(additionalData)) return tags;
  return distinct([...tags, ...namedValues(customDetails), ...namedValues(additionalData)]);
}

function namedValues(value: unknown): readonly string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, held]) => {
    if (name.includes('@odata.')) return [];
    const values: readonly unknown[] = Array.isArray(held) ? held : [held];
    return values.flatMap((element) => {
      const text = typeof element === 'boolean' ? String(element) : textOf(element);
      return text === undefined ? [] : [`${name}=${text}`];
    });
  });
}
