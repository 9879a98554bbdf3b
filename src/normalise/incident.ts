import type { Comment, SecurityEvent } from '../event.ts';
import { earlier, later, parseInstant } from '../fields/instant.ts';
import { blankFacts } from './blank-event.ts';
import { categoryOf } from './category.ts';
import { factsOf } from './evidence-facts.ts';
import { incidentEvidenceIdentities, incidentEvidenceOf } from './incident-evidence.ts';
import { distinct, type JsonObject, knownOf, objectsOf, textOf, textsOf, timeOf } from './json-value.ts';
import { incidentLink } from './portal-links.ts';
import { productOf } from './product.ts';
import type { RecordType } from './record-type.ts';
import { severityOf } from './severity.ts';

/** What tells an incident's class from those of alerts, in headers (formats reference §11.6). */
const incidentClass = 'incident';
const incidentCategory = 'Incident';
const unsettled = ['unknown', 'notavailable'];

/**
 * An incident of Microsoft Graph (API reference §6.5) or of the Defender XDR API (§5), with its alerts where they came
 * along: their techniques, categories and evidence are the incident's.
 */
export const incident: RecordType = {
  kind: 'incident',

  recognises: (object) =>
    object['@odata.type'] === '#microsoft.graph.security.incident' ||
    'incidentName' in object ||
    ('redirectIncidentId' in object && ('incidentId' in object || 'displayName' in object)) ||
    ('incidentWebUrl' in object && 'displayName' in object && !('serviceSource' in object)),

  identify(object) {
    const updated = updatedOf(object);
    return { id: idOf(object), version: updated, updated, created: createdOf(object) };
  },

  track: (object) => ({
    severity: textOf(object.severity),
    status: settled(object.status),
    classification: settled(object.classification),
    determination: settled(object.determination),
    assignedTo: textOf(object.assignedTo),
    evidence: incidentEvidenceIdentities(objectsOf(object.alerts)),
  }),

  toEvent(object, json, context): SecurityEvent {
    const id = idOf(object) ?? context.record.id;
    const tenantId = textOf(object.tenantId) ?? context.tenantId;
    const severityText = textOf(object.severity);
    const alerts = objectsOf(object.alerts);
    const evidence = incidentEvidenceOf(alerts);
    const services = distinct(alerts.map((alert) => knownOf(alert.serviceSource)));
    return {
      ...blankFacts,
      kind: 'incident',
      id,
      version: context.record.version,
      title: textOf(object.displayName) ?? textOf(object.incidentName),
      description: textOf(object.description) ?? textOf(object.summary),
      severity: severityOf(severityText),
      severityText,
      category: incidentCategory,
      techniques: distinct(alerts.flatMap((alert) => textsOf(alert.mitreTechniques))),
      status: settled(object.status),
      classification: settled(object.classification),
      determination: settled(object.determination),
      product: productOf('microsoft365Defender', undefined),
      serviceSource: services.length === 1 ? services[0] : undefined,
      detectorId: incidentClass,
      threatFamily: firstOf(alerts, 'threatFamilyName'),
      actor: firstOf(alerts, 'actorDisplayName') ?? firstOf(alerts, 'actorName'),
      incidentId: id,
      incidentUrl: urlOf(object) ?? incidentLink(id, tenantId, context),
      assignedTo: textOf(object.assignedTo),
      comments: commentsOf(object),
      tags: tagsOf(object, alerts),
      tenantId,
      firstActivity: extreme(alerts, ['firstActivityDateTime', 'firstActivity'], earlier),
      lastActivity: extreme(alerts, ['lastActivityDateTime', 'lastActivity'], later),
      created: createdOf(object),
      updated: updatedOf(object),
      ...factsOf(evidence),
      evidence,
      json,
    };
  },
};

function idOf(object: JsonObject): string | undefined {
  return textOf(object.incidentId) ?? textOf(object.id);
}

/** A choice of people as sent; `Unknown` and `NotAvailable` say that nobody has made it yet. */
function settled(value: unknown): string | undefined {
  const text = textOf(value);
  return unsettled.includes(text?.toLowerCase() ?? '') ? undefined : text;
}

function createdOf(object: JsonObject): string | undefined {
  return timeOf(object.createdDateTime) ?? timeOf(object.createdTime);
}

function updatedOf(object: JsonObject): string | undefined {
  return timeOf(object.lastUpdateDateTime) ?? timeOf(object.lastUpdateTime);
}

function urlOf(object: JsonObject): string | undefined {
  return textOf(object.incidentWebUrl) ?? textOf(object.incidentUri);
}

function firstOf(alerts: readonly JsonObject[], field: string): string | undefined {
  for (const alert of alerts) {
    const text = textOf(alert[field]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The comments, whoever's names their fields have, and what was said when it was resolved. */
function commentsOf(object: JsonObject): readonly Comment[] {
  const comments = objectsOf(object.comments).flatMap((item) => {
    const text = textOf(item.comment);
    if (text === undefined) return [];
    return [
      {
        text,
        by: textOf(item.createdByDisplayName) ?? textOf(item.createdBy),
        at: timeOf(item.createdDateTime) ?? timeOf(item.createdTime),
      },
    ];
  });
  const resolving = textOf(object.resolvingComment);
  return resolving === undefined
    ? comments
    : [...comments, { text: resolving, by: undefined, at: undefined }];
}

/**
 * Tags of people and of Defender (fact 25); then as `name=value` the categories of the alerts, for which an incident's
 * own category leaves no room, and the incident that this one was merged into.
 */
function tagsOf(object: JsonObject, alerts: readonly JsonObject[]): readonly string[] {
  const master = textOf(object.redirectIncidentId);
  const priority = textOf(object.priorityScore);
  return distinct([
    ...textsOf(object.customTags),
    ...textsOf(object.systemTags),
    ...textsOf(object.tags),
    ...alerts.map(({ category }) => named('category', categoryOf(category))),
    named('redirectIncidentId', master),
    named('priorityScore', priority),
  ]);
}

function named(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}=${value}`;
}

/** The earliest or latest time of the alerts, as sent; a time that cannot be compared stands where there is no other. */
function extreme(
  alerts: readonly JsonObject[],
  fields: readonly string[],
  choose: typeof later,
): string | undefined {
  let chosen: string | undefined;
  for (const alert of alerts) {
    for (const field of fields) {
      const time = timeOf(alert[field]);
      if (time === undefined) continue;
      const before = chosen === undefined ? undefined : parseInstant(chosen);
      const here = parseInstant(time);
      if (before === undefined || (here !== undefined && choose(before, here) === here)) chosen = time;
    }
  }
  return chosen;
}
