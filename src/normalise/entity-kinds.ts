import type { SecurityEvent } from '../event.ts';
import { fileFrom } from './file.ts';
import { distinct, type JsonObject, objectOf, orNone, textOf, textsOf, timeOf } from './json-value.ts';
import { remoteAddress } from './remote-address.ts';
import { userFrom } from './user.ts';

/** One kind of object of the Defender for Endpoint API beside alerts and machines (API reference §8.3, §9). */
export interface EntityKind {
  /** Its class in headers. */
  readonly name: string;
  /** Its category in headers. */
  readonly category: string;
  /** Fields that all objects of the kind have, and together no other. */
  readonly fields: readonly string[];
  /** Fields that name it, the first that holds a value; the id where none does. */
  readonly title: readonly string[];
  /** What stands before a name that does not say by itself what it names. */
  readonly label?: string;
  /** Fields that tell which object it is, where it has no `id`: all of them together. */
  readonly key?: readonly string[];
  /** What the kind tells beyond what all of them share. */
  readonly facts?: (object: JsonObject) => Partial<SecurityEvent>;
}

/** The kinds that are known, the first that fits counts. Exports spell the same fields with a capital. */
export const entityKinds: readonly EntityKind[] = [
  {
    name: 'machine-action',
    category: 'MachineAction',
    fields: ['type', 'requestor', 'machineId'],
    label: 'Machine action',
    title: ['type'],
    facts: machineActionFacts,
  },
  {
    name: 'investigation',
    category: 'Investigation',
    fields: ['triggeringAlertId', 'state'],
    label: 'Investigation',
    title: ['id'],
    facts: (object) => ({
      investigationId: textOf(object.id),
      investigationState: textOf(object.state),
      firstActivity: timeOf(object.startTime),
      lastActivity: timeOf(object.endTime),
    }),
  },
  {
    name: 'indicator',
    category: 'Indicator',
    fields: ['indicatorValue', 'indicatorType'],
    title: ['title', 'indicatorValue'],
    facts: (object) => ({
      recommendedActions: textOf(object.recommendedActions),
      action: textOf(object.action),
      indicator: orNone({
        name: textOf(object.indicatorType),
        value: textOf(object.indicatorValue),
        uniqueId: undefined,
        creatorName: undefined,
        creatorValue: undefined,
      }),
    }),
  },
  {
    name: 'machine-vulnerability',
    category: 'Vulnerability',
    fields: ['cveId', 'machineId'],
    title: ['cveId'],
    facts: softwareFacts,
  },
  {
    name: 'machine-vulnerability',
    category: 'Vulnerability',
    fields: ['cveId', 'deviceId'],
    title: ['cveId'],
    facts: softwareFacts,
  },
  { name: 'vulnerability', category: 'Vulnerability', fields: ['name', 'cvssV3'], title: ['name'] },
  {
    name: 'recommendation',
    category: 'Recommendation',
    fields: ['recommendationName'],
    title: ['recommendationName'],
    facts: (object) => ({ tags: textsOf(object.tags) }),
  },
  {
    name: 'remediation-activity',
    category: 'Remediation',
    fields: ['requesterId', 'title'],
    title: ['title'],
    facts: (object) => ({
      user: userFrom({ entraId: textOf(object.requesterId), upn: textOf(object.requesterEmail) }),
    }),
  },
  { name: 'software', category: 'Software', fields: ['vendor', 'weaknesses'], title: ['name'] },
  { name: 'missing-update', category: 'Software', fields: ['machineMissedOn'], title: ['name'] },
  {
    name: 'user',
    category: 'User',
    fields: ['logOnMachinesCount'],
    label: 'User',
    title: ['accountName', 'id'],
    facts: (object) => ({
      user: userFrom({
        name: textOf(object.accountName),
        domain: textOf(object.accountDomain),
        sid: textOf(object.accountSid),
      }),
    }),
  },
  {
    name: 'file',
    category: 'File',
    fields: ['sha1', 'determinationType'],
    label: 'File',
    title: ['fileProductName', 'sha1'],
    key: ['sha1'],
    facts: (object) => ({
      ...fileFacts(object),
      verdict: textOf(object.determinationType),
      threatName: textOf(object.determinationValue),
    }),
  },
  {
    name: 'file-statistics',
    category: 'Statistics',
    fields: ['sha1', 'organizationPrevalence'],
    label: 'File statistics',
    title: ['sha1'],
    key: ['sha1'],
    facts: fileFacts,
  },
  {
    name: 'domain-statistics',
    category: 'Statistics',
    fields: ['host', 'organizationPrevalence'],
    label: 'Domain statistics',
    title: ['host'],
    key: ['host'],
    facts: (object) => ({ domainName: textOf(object.host) }),
  },
  {
    name: 'address-statistics',
    category: 'Statistics',
    fields: ['ipAddress', 'organizationPrevalence'],
    label: 'Address statistics',
    title: ['ipAddress'],
    key: ['ipAddress'],
    facts: (object) => ({ network: remoteAddress(textOf(object.ipAddress)) }),
  },
  {
    name: 'score',
    category: 'Score',
    fields: ['time', 'score'],
    label: 'Score',
    title: ['score'],
    key: ['time', 'rbacGroupName', 'score'],
  },
];

/** The kind of an object of which nothing is known but that it has an id. */
export const anyEntity: EntityKind = {
  name: 'entity',
  category: 'Entity',
  fields: [],
  title: ['displayName', 'name', 'title'],
};

/** Which software is vulnerable, and what mends it. */
function softwareFacts(object: JsonObject): Partial<SecurityEvent> {
  const software = [
    textOf(object.productVendor) ?? textOf(object.softwareVendor),
    textOf(object.productName) ?? textOf(object.softwareName),
    textOf(object.productVersion) ?? textOf(object.softwareVersion),
  ].filter((part) => part !== undefined);
  return {
    description: software.length === 0 ? undefined : software.join(' '),
    recommendedActions: textOf(object.recommendedSecurityUpdate),
  };
}

function machineActionFacts(object: JsonObject): Partial<SecurityEvent> {
  const related = objectOf(object.relatedFileInfo);
  const algorithm = textOf(related.fileIdentifierType)?.toLowerCase();
  const identifier = textOf(related.fileIdentifier);
  return {
    action: textOf(object.type),
    user: userFrom({ name: textOf(object.requestor) }),
    file: fileFrom({
      sha1: algorithm === 'sha1' ? identifier : undefined,
      sha256: algorithm === 'sha256' ? identifier : undefined,
      md5: algorithm === 'md5' ? identifier : undefined,
    }),
    detectionSource: textOf(object.requestSource),
    comments: [
      commentOf(object.requestorComment, object.requestor, object.creationDateTimeUtc),
      commentOf(object.cancellationComment, object.cancellationRequestor, object.cancellationDateTimeUtc),
    ].flatMap((comment) => comment ?? []),
  };
}

function commentOf(value: unknown, by: unknown, at: unknown): SecurityEvent['comments'][number] | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : { text, by: textOf(by), at: timeOf(at) };
}

function fileFacts(object: JsonObject): Partial<SecurityEvent> {
  return {
    file: fileFrom({
      name: distinct(textsOf(object.topFileNames))[0],
      sha1: textOf(object.sha1),
      sha256: textOf(object.sha256),
      md5: textOf(object.md5),
      size: textOf(object.size),
      publisher: textOf(object.filePublisher),
      signer: textOf(object.signer),
      issuer: textOf(object.issuer),
    }),
  };
}
