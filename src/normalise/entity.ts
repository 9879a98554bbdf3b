import type { SecurityEvent } from '../event.ts';
import { blankFacts } from './blank-event.ts';
import { deviceFrom } from './device.ts';
import { anyEntity, type EntityKind, entityKinds } from './entity-kinds.ts';
import { type JsonObject, textOf, timeOf } from './json-value.ts';
import { endpointProduct } from './product.ts';
import type { RecordType } from './record-type.ts';
import { severityOrInformational } from './severity.ts';

// Fields of times, under the names that the kinds give them; the first that holds one counts.
const createdFields = ['creationDateTimeUtc', 'creationTimeDateTimeUtc', 'createdOn', 'publishedOn'];
const updatedFields = [
  ...['lastUpdateDateTimeUtc', 'lastUpdateTimeUtc', 'lastUpdateTime', 'lastUpdateDateTime', 'updatedOn'],
  ...['statusLastModifiedOn', 'eventTimestamp', 'time'],
];
const firstFields = [
  ...['firstSeen', 'firstDetected', 'orgFirstSeen', 'firstSeenTimestamp', 'globalFirstObserved'],
];
const lastFields = ['lastSeen', 'orgLastSeen', 'lastSeenTimestamp', 'globalLastObserved'];

/**
 * Any other object of the Defender for Endpoint API: a vulnerability, machine action, piece of software, user,
 * investigation, indicator and so on (API reference §8.3, §9), and whatever has an id and is of no other kind. It stands
 * last in the list of record types.
 */
export const entity: RecordType = {
  kind: 'entity',

  recognises: (object) => idOf(lowered(object)) !== undefined,

  identify(object) {
    const fields = lowered(object);
    const updated = firstTime(fields, updatedFields);
    return { id: idOf(fields), version: updated, updated, created: firstTime(fields, createdFields) };
  },

  toEvent(object, json, context): SecurityEvent {
    const fields = lowered(object);
    const kind = kindOf(fields);
    const id = idOf(fields) ?? context.record.id;
    const severityText = textOf(fields.severity) ?? textOf(fields.vulnerabilitySeverityLevel);
    const facts = kind.facts?.(fields);
    return {
      ...blankFacts,
      kind: 'entity',
      id,
      version: context.record.version,
      title: titleOf(fields, kind) ?? `${kind.category} ${id}`,
      description: textOf(fields.description),
      severity: severityOrInformational(severityText),
      severityText,
      category: kind.category,
      status: textOf(fields.status),
      product: endpointProduct,
      detectorId: kind.name,
      tenantId: context.tenantId,
      firstActivity: firstTime(fields, firstFields),
      lastActivity: firstTime(fields, lastFields),
      created: firstTime(fields, createdFields),
      updated: firstTime(fields, updatedFields),
      device: deviceFrom({
        name: textOf(fields.computerDnsName) ?? textOf(fields.deviceName),
        id: textOf(fields.machineId) ?? textOf(fields.deviceId),
        group: textOf(fields.rbacGroupName),
        os: textOf(fields.osPlatform) ?? textOf(fields.oSPlatform),
        osVersion: textOf(fields.osVersion) ?? textOf(fields.oSVersion),
      }),
      ...facts,
      json,
    };
  },
};

/** Exports begin their names with a capital (API reference §8.3); then both spellings are the same. */
function lowered(object: JsonObject): JsonObject {
  if (!('Id' in object) || 'id' in object) return object;
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}

function kindOf(fields: JsonObject): EntityKind {
  return entityKinds.find((kind) => kind.fields.every((field) => field in fields)) ?? anyEntity;
}

function idOf(fields: JsonObject): string | undefined {
  const id = textOf(fields.id);
  if (id !== undefined) return id;
  const kind = kindOf(fields);
  const parts = kind.key?.flatMap((field) => textOf(fields[field]) ?? []) ?? [];
  return parts.length === 0 ? undefined : `${kind.name}:${parts.join(':')}`;
}

function titleOf(fields: JsonObject, { title, label }: EntityKind): string | undefined {
  const name = firstText(fields, title);
  return name === undefined || label === undefined ? name : `${label} ${name}`;
}

function firstText(fields: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textOf(fields[name]);
    if (text !== undefined) return text;
  }
  return undefined;
}

function firstTime(fields: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const time = timeOf(fields[name]);
    if (time !== undefined) return time;
  }
  return undefined;
}
