import type {
  Application,
  Evidence,
  Group,
  Mailbox,
  MailCluster,
  MailMessage,
  Network,
  Process,
  Registry,
} from '../event.ts';
import { isDestination } from './best-evidence.ts';
import { draftOf, type FacetReader, facet } from './evidence.ts';
import { evidenceIdentity } from './evidence-identity.ts';
import { fileFrom } from './file.ts';
import {
  distinct,
  isObject,
  type JsonObject,
  objectsOf,
  orNone,
  textOf,
  textsOf,
  timeOf,
} from './json-value.ts';
import { machineDeviceOf } from './machine-device.ts';
import { remoteAddress } from './remote-address.ts';
import { flatUserOf } from './user.ts';

/** How the facets of each kind of flat evidence are read, by `entityType` in lower case (API reference §4.3). */
const readers = new Map<string, FacetReader>([
  ['user', facet('user', flatUserOf)],
  ['process', facet('process', processOf)],
  ['file', facet('file', flatFileOf)],
  ['ip', facet('network', addressOf)],
  ['url', facet('url', (item) => textOf(item.url))],
  ['domain', facet('domainName', (item) => textOf(item.domainName))],
  ['registry', facet('registry', registryOf)],
  ['mailmessage', facet('message', mailMessageOf)],
  ['mailbox', facet('mailbox', mailboxOf)],
  ['mailcluster', facet('mailCluster', mailClusterOf)],
  ['cloudapplication', facet('application', applicationOf)],
  ['securitygroup', facet('group', securityGroupOf)],
  ['machine', facet('device', (item) => machineDeviceOf(item))],
]);

/**
 * Reads `evidence[]` of a Defender for Endpoint alert, or the `alertFiles`, `alertDomains` and `alertIps` that stood in
 * its place in 2019. Evidence of an unknown kind keeps its common part.
 */
export function alertEvidenceOf(alert: JsonObject): readonly Evidence[] {
  return itemsOf(alert).map(({ type, item }) => evidenceOf(item, type));
}

/** Returns what tells each piece of evidence from the others, in every state of its alert; without repeats. */
export function alertEvidenceIdentities(alert: JsonObject): readonly string[] {
  return distinct(itemsOf(alert).map(({ type, item }) => evidenceIdentity(type.toLowerCase(), item)));
}

interface Item {
  readonly type: string;
  readonly item: JsonObject;
}

function itemsOf(alert: JsonObject): readonly Item[] {
  if (Array.isArray(alert.evidence)) {
    return objectsOf(alert.evidence).map((item) => ({ type: textOf(item.entityType) ?? 'unknown', item }));
  }
  return [
    ...listed(alert.alertFiles, 'File', 'fileName'),
    ...listed(alert.alertDomains, 'Domain', 'domainName'),
    ...listed(alert.alertIps, 'Ip', 'ipAddress'),
  ];
}

/** Returns the host names of `domains[]`, each a text or an object that names its host. */
export function domainNamesOf(value: unknown): readonly (string | undefined)[] {
  return Array.isArray(value) ? value.map(domainNameOf) : [];
}

function domainNameOf(value: unknown): string | undefined {
  if (!isObject(value)) return textOf(value);
  return textOf(value.host) ?? textOf(value.domainName) ?? textOf(value.name);
}

function evidenceOf(item: JsonObject, type: string): Evidence {
  const draft = draftOf(item, type, item.evidenceCreationTime);
  readers.get(type.toLowerCase())?.(item, draft);
  return draft;
}

/** The elements of a list of 2019, each an object, or the bare value of `field`. */
function listed(value: unknown, type: string, field: string): readonly Item[] {
  if (!Array.isArray(value)) return [];
  const items = value.filter((element) => isObject(element) || textOf(element) !== undefined);
  return items.map((element: unknown) => {
    const item = isObject(element) ? element : { [field]: element };
    return { type, item: type === 'Domain' ? { ...item, domainName: domainNameOf(item) } : item };
  });
}

function flatFileOf(item: JsonObject) {
  return fileFrom({
    name: textOf(item.fileName),
    folder: textOf(item.filePath),
    sha1: textOf(item.sha1),
    sha256: textOf(item.sha256),
    md5: textOf(item.md5),
    size: textOf(item.fileSize),
    publisher: textOf(item.filePublisher),
    signer: textOf(item.signer),
    issuer: textOf(item.issuer),
  });
}

function processOf(item: JsonObject): Process | undefined {
  return orNone({
    image: flatFileOf(item),
    commandLine: textOf(item.processCommandLine),
    pid: textOf(item.processId),
    started: timeOf(item.processCreationTime),
    parentPid: textOf(item.parentProcessId),
    parentStarted: timeOf(item.parentProcessCreationTime),
    parentImage: fileFrom({
      name: textOf(item.parentProcessFileName),
      folder: textOf(item.parentProcessFilePath),
    }),
    runningWhenDetected: undefined,
    user: flatUserOf(item),
  });
}

function addressOf(item: JsonObject, roles: readonly string[]): Network | undefined {
  const country = textOf(item.countryLetterCode);
  return remoteAddress(textOf(item.ipAddress), { isDestination: isDestination(roles), country });
}

function registryOf(item: JsonObject): Registry | undefined {
  return orNone({
    hive: textOf(item.registryHive),
    key: textOf(item.registryKey),
    valueName: textOf(item.registryValueName),
    value: textOf(item.registryValue),
    valueType: textOf(item.registryValueType),
  });
}

function mailMessageOf(item: JsonObject): MailMessage | undefined {
  return orNone({
    subject: textOf(item.subject),
    sender: textOf(item.sender),
    envelopeSender: undefined,
    senderIp: textOf(item.senderIp),
    recipient: textOf(item.recipient),
    internetMessageId: textOf(item.internetMessageId),
    networkMessageId: textOf(item.networkMessageId),
    deliveryAction: textOf(item.deliveryAction),
    deliveryLocation: textOf(item.deliveryLocation),
    direction: textOf(item.antispamDirection) ?? textOf(item.antiSpamDirection),
    received: timeOf(item.receivedDateTime),
    urls: Array.isArray(item.urls) ? textsOf(item.urls) : [],
    threats: textsOf(item.threats),
    attachmentsCount: textOf(item.attachmentsCount),
  });
}

function mailboxOf(item: JsonObject): Mailbox | undefined {
  return orNone({
    address: textOf(item.mailboxAddress) ?? textOf(item.primaryAddress) ?? textOf(item.userPrincipalName),
    displayName: textOf(item.mailboxDisplayName) ?? textOf(item.displayName),
    user: flatUserOf(item),
  });
}

function mailClusterOf(item: JsonObject): MailCluster | undefined {
  return orNone({
    by: textOf(item.clusterBy),
    value: textOf(item.clusterByValue),
    count: textOf(item.emailCount),
    query: textOf(item.query),
  });
}

function applicationOf(item: JsonObject): Application | undefined {
  return orNone({
    name: textOf(item.applicationName) ?? textOf(item.displayName),
    id: textOf(item.applicationId) ?? textOf(item.appId),
    instanceName: textOf(item.instanceName),
    publisher: textOf(item.publisher),
  });
}

function securityGroupOf(item: JsonObject): Group | undefined {
  return orNone({
    id: textOf(item.securityGroupId),
    name: textOf(item.securityGroupName) ?? textOf(item.displayName),
  });
}
