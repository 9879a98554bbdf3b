import type { Evidence } from '../event.ts';
import { isDestination } from './best-evidence.ts';
import { commonOf, evidenceFrom, type FacetReader, type Facets } from './evidence.ts';
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
  ['user', (item) => ({ user: flatUserOf(item) })],
  ['process', process],
  ['file', (item) => ({ file: flatFileOf(item) })],
  ['ip', address],
  ['url', (item) => ({ url: textOf(item.url) })],
  ['domain', (item) => ({ domainName: textOf(item.domainName) })],
  ['registry', registry],
  ['mailmessage', mailMessage],
  ['mailbox', mailbox],
  ['mailcluster', mailCluster],
  ['cloudapplication', cloudApplication],
  ['securitygroup', securityGroup],
  ['machine', (item) => ({ device: machineDeviceOf(item) })],
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
  const common = commonOf(item, type, item.evidenceCreationTime);
  return evidenceFrom(common, readers.get(type.toLowerCase())?.(item, common.roles) ?? {});
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

function process(item: JsonObject): Facets {
  return {
    process: orNone({
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
    }),
  };
}

function address(item: JsonObject, roles: readonly string[]): Facets {
  const country = textOf(item.countryLetterCode);
  return {
    network: remoteAddress(textOf(item.ipAddress), { isDestination: isDestination(roles), country }),
  };
}

function registry(item: JsonObject): Facets {
  return {
    registry: orNone({
      hive: textOf(item.registryHive),
      key: textOf(item.registryKey),
      valueName: textOf(item.registryValueName),
      value: textOf(item.registryValue),
      valueType: textOf(item.registryValueType),
    }),
  };
}

function mailMessage(item: JsonObject): Facets {
  return {
    message: orNone({
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
    }),
  };
}

function mailbox(item: JsonObject): Facets {
  return {
    mailbox: orNone({
      address: textOf(item.mailboxAddress) ?? textOf(item.primaryAddress) ?? textOf(item.userPrincipalName),
      displayName: textOf(item.mailboxDisplayName) ?? textOf(item.displayName),
      user: flatUserOf(item),
    }),
  };
}

function mailCluster(item: JsonObject): Facets {
  return {
    mailCluster: orNone({
      by: textOf(item.clusterBy),
      value: textOf(item.clusterByValue),
      count: textOf(item.emailCount),
      query: textOf(item.query),
    }),
  };
}

function cloudApplication(item: JsonObject): Facets {
  return {
    application: orNone({
      name: textOf(item.applicationName) ?? textOf(item.displayName),
      id: textOf(item.applicationId) ?? textOf(item.appId),
      instanceName: textOf(item.instanceName),
      publisher: textOf(item.publisher),
    }),
  };
}

function securityGroup(item: JsonObject): Facets {
  return {
    group: orNone({
      id: textOf(item.securityGroupId),
      name: textOf(item.securityGroupName) ?? textOf(item.displayName),
    }),
  };
}
