import type { Comment, Evidence, SecurityEvent, User } from '../event.ts';
import { alertEvidenceIdentities, alertEvidenceOf, domainNamesOf } from './alert-evidence.ts';
import { categoryOf } from './category.ts';
import { deviceFrom } from './device.ts';
import { factsOf } from './evidence-facts.ts';
import { distinct, isObject, type JsonObject, objectsOf, textOf, textsOf, timeOf } from './json-value.ts';
import { alertLink, incidentLink } from './portal-links.ts';
import { endpointProduct } from './product.ts';
import type { EventContext, RecordType } from './record-type.ts';
import { severityOf } from './severity.ts';
import { flatUserOf, loggedOnUsersOf } from './user.ts';

const ownTimes = ['alertCreationTime', 'firstEventTime', 'lastEventTime'];

/** An alert of the Defender for Endpoint API (API reference §4.3; facts: formats reference §11.2, column "MDE alert"). */
export const alert: RecordType = {
  kind: 'alert',

  recognises: (object) =>
    ownTimes.some((field) => field in object) ||
    ('lastUpdateTime' in object && 'title' in object && !('indicatorValue' in object)),

  identify(object) {
    const updated = timeOf(object.lastUpdateTime);
    return { id: textOf(object.id), version: updated, updated, created: timeOf(object.alertCreationTime) };
  },

  track: (object) => ({
    severity: textOf(object.severity),
    status: textOf(object.status),
    classification: textOf(object.classification),
    determination: textOf(object.determination),
    assignedTo: textOf(object.assignedTo),
    evidence: alertEvidenceIdentities(object),
  }),

  toEvent(object, json, context): SecurityEvent {
    const id = textOf(object.id) ?? context.record.id;
    const tenantId = textOf(object.aadTenantId) ?? context.tenantId;
    const incidentId = textOf(object.incidentId);
    const severityText = textOf(object.severity);
    const evidence = alertEvidenceOf(object);
    const facts = factsOf(evidence, {
      device: deviceOf(object),
      user: relatedUserOf(object, evidence),
      domainName: distinct(domainNamesOf(object.domains))[0],
    });
    return {
      kind: 'alert',
      id,
      recordId: undefined,
      version: context.record.version,
      title: textOf(object.title),
      description: textOf(object.description),
      severity: severityOf(severityText),
      severityText,
      category: categoryOf(object.category),
      table: undefined,
      techniques: textsOf(object.mitreTechniques),
      status: textOf(object.status),
      classification: textOf(object.classification),
      determination: textOf(object.determination),
      product: endpointProduct,
      serviceSource: undefined,
      detectionSource: textOf(object.detectionSource),
      detectorId: textOf(object.detectorId),
      threatName: textOf(object.threatName),
      threatFamily: textOf(object.threatFamilyName),
      actor: undefined,
      incidentId,
      alertUrl: linkOf(object, tenantId, context),
      incidentUrl: incidentId === undefined ? undefined : incidentLink(incidentId, tenantId, context),
      assignedTo: textOf(object.assignedTo),
      recommendedActions: textOf(object.recommendedActions),
      comments: commentsOf(object.comments),
      investigationId: textOf(object.investigationId),
      investigationState: textOf(object.investigationState),
      tags: [],
      tenantId,
      indicator: undefined,
      firstActivity: timeOf(object.firstEventTime),
      lastActivity: timeOf(object.lastEventTime),
      created: timeOf(object.alertCreationTime),
      updated: timeOf(object.lastUpdateTime),
      resolved: timeOf(object.resolvedTime),
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

/** Only an alert that has an id of its own can be opened in the portal. */
function linkOf(object: JsonObject, tenantId: string | undefined, context: EventContext): string | undefined {
  const id = textOf(object.id);
  return id === undefined ? undefined : alertLink(id, tenantId, context);
}

function commentsOf(value: unknown): readonly Comment[] {
  return objectsOf(value).flatMap((item) => {
    const text = textOf(item.comment);
    return text === undefined ? [] : [{ text, by: textOf(item.createdBy), at: timeOf(item.createdTime) }];
  });
}

function deviceOf(object: JsonObject) {
  return deviceFrom({
    name: textOf(object.computerDnsName),
    id: textOf(object.machineId),
    group: textOf(object.rbacGroupName),
    loggedOnUsers: loggedOnUsersOf(object.loggedOnUsers),
  });
}

/**
 * Returns the alert's own user (`alertUser` in 2019), completed with what the evidence knows of the same account. The
 * evidence of another account is left alone: its SID would name the wrong person.
 */
function relatedUserOf(object: JsonObject, evidence: readonly Evidence[]): User | undefined {
  const value = [object.relatedUser, object.alertUser].find(isObject);
  const related = value && flatUserOf(value);
  if (related === undefined) return undefined;
  const same = evidence.find((item) => item.user !== undefined && isSameAccount(related, item.user))?.user;
  if (same === undefined) return related;
  return {
    name: related.name ?? same.name,
    domain: related.domain ?? same.domain,
    sid: related.sid ?? same.sid,
    entraId: related.entraId ?? same.entraId,
    upn: related.upn ?? same.upn,
    displayName: related.displayName ?? same.displayName,
  };
}

function isSameAccount(related: User, other: User): boolean {
  const name = related.name?.toLowerCase();
  if (name === undefined) return false;
  return name === other.name?.toLowerCase() || name === other.upn?.split('@')[0]?.toLowerCase();
}
