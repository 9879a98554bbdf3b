import type { Evidence, Process, Registry } from '../event.ts';
import { isDestination } from './best-evidence.ts';
import { deviceFrom, withNames } from './device.ts';
import { type Draft, draftOf, type FacetReader, facet } from './evidence.ts';
import { evidenceIdentity } from './evidence-identity.ts';
import { fileDetailsOf } from './file.ts';
import { cloudFacets } from './graph-cloud-evidence.ts';
import { mailFacets } from './graph-mail-evidence.ts';
import {
  distinct,
  including,
  type JsonObject,
  knownOf,
  objectOf,
  objectsOf,
  orNone,
  textOf,
  textsOf,
  timeOf,
} from './json-value.ts';
import { loggedOnUsersOf, userAccountOf, userFrom } from './user.ts';

/** How the facets of each kind of evidence are read, by the name behind `#microsoft.graph.security.` (§6.4). */
const readers: readonly (readonly [type: string, FacetReader])[] = [
  ['deviceEvidence', facet('device', deviceOf)],
  ['ioTDeviceEvidence', facet('device', ioTDeviceOf)],
  ['userEvidence', facet('user', (item) => userAccountOf(item.userAccount))],
  ['cloudLogonSessionEvidence', cloudLogonSession],
  ['hostLogonSessionEvidence', hostLogonSession],
  ['gitHubUserEvidence', facet('user', gitHubUserOf)],
  ['fileEvidence', facet('file', (item) => fileDetailsOf(item.fileDetails))],
  ['processEvidence', facet('process', processOf)],
  ['malwareEvidence', malware],
  ['ipEvidence', facet('network', addressOf)],
  ['networkConnectionEvidence', facet('network', connectionOf)],
  ['urlEvidence', facet('url', (item) => textOf(item.url))],
  ['dnsEvidence', facet('domainName', (item) => textOf(item.domainName))],
  ['registryKeyEvidence', facet('registry', registryOf)],
  ['registryValueEvidence', facet('registry', registryOf)],
  ['securityGroupEvidence', facet('group', groupOf)],
  ...mailFacets,
  ...cloudFacets,
];

const namespace = '#microsoft.graph.security.';

interface Kind {
  readonly type: string;
  readonly read: FacetReader | undefined;
}

const kinds: ReadonlyMap<string, Kind> = new Map(readers.map(([type, read]) => [type, { type, read }]));

/** The kinds by their whole names, so that nothing is cut off for nearly all evidence. */
const kindsByName: ReadonlyMap<unknown, Kind> = new Map(
  readers.map(([type, read]) => [`${namespace}${type}`, { type, read }]),
);

/** Reads `evidence[]` of a Graph alert. Evidence of an unknown kind keeps its common part. */
export function graphEvidenceOf(value: unknown): readonly Evidence[] {
  return objectsOf(value).map((item) => {
    const { type, read } = kindOf(item);
    const draft = draftOf(item, type, item.createdDateTime);
    read?.(item, draft);
    return draft;
  });
}

/** Returns what tells each piece of `evidence[]` from the others, in every state of its alert; without repeats. */
export function graphEvidenceIdentities(value: unknown): readonly string[] {
  return distinct(objectsOf(value).map((item) => evidenceIdentity(kindOf(item).type, item)));
}

function kindOf(item: JsonObject): Kind {
  const told = item['@odata.type'];
  const known = kindsByName.get(told);
  if (known !== undefined) return known;
  const name = textOf(told) ?? 'unknown';
  const type = name.slice(name.lastIndexOf('.') + 1) || 'unknown';
  return kinds.get(type) ?? { type, read: undefined };
}

function deviceOf(item: JsonObject) {
  const vm = objectOf(item.vmMetadata);
  const groupId = textOf(item.rbacGroupId);
  return withNames({
    name: textOf(item.deviceDnsName),
    shortName: textOf(item.hostName),
    domain: textOf(item.dnsDomain),
    ntDomain: textOf(item.ntDomain),
    id: textOf(item.mdeDeviceId),
    entraId: textOf(item.azureAdDeviceId),
    ipAddresses: including(textsOf(item.ipInterfaces), textOf(item.lastIpAddress)),
    externalIp: textOf(item.lastExternalIpAddress),
    os: textOf(item.osPlatform),
    osVersion: textOf(item.version),
    osBuild: textOf(item.osBuild),
    // Group 0 is "in no group".
    group: textOf(item.rbacGroupName) ?? (groupId === '0' ? undefined : groupId),
    tags: textsOf(item.tags),
    riskScore: knownOf(item.riskScore),
    healthStatus: knownOf(item.healthStatus),
    onboardingStatus: knownOf(item.onboardingStatus),
    antivirusStatus: knownOf(item.defenderAvStatus),
    loggedOnUsers: loggedOnUsersOf(item.loggedOnUsers),
    vmId: textOf(vm.vmId),
    cloudProvider: knownOf(vm.cloudProvider),
    subscriptionId: textOf(vm.subscriptionId),
    firstSeen: timeOf(item.firstSeenDateTime),
  });
}

function ioTDeviceOf(item: JsonObject) {
  return deviceFrom({
    name: textOf(item.deviceName),
    id: textOf(item.deviceId),
    ipAddresses: distinct([textOf(objectOf(item.ipAddress).ipAddress)]),
    os: textOf(item.operatingSystem),
  });
}

function cloudLogonSession(item: JsonObject, draft: Draft): void {
  draft.user = userAccountOf(objectOf(item.account).userAccount);
  draft.device = deviceFrom({ name: textOf(item.deviceName), os: textOf(item.operatingSystem) });
}

function hostLogonSession(item: JsonObject, draft: Draft): void {
  draft.user = userAccountOf(objectOf(item.account).userAccount);
  draft.device = deviceOf(objectOf(item.host));
}

function gitHubUserOf(item: JsonObject) {
  return userFrom({ name: textOf(item.login), displayName: textOf(item.name), upn: textOf(item.email) });
}

function processOf(item: JsonObject): Process | undefined {
  return orNone({
    image: fileDetailsOf(item.imageFile),
    commandLine: textOf(item.processCommandLine),
    pid: textOf(item.processId),
    started: timeOf(item.processCreationDateTime),
    parentPid: textOf(item.parentProcessId),
    parentStarted: timeOf(item.parentProcessCreationDateTime),
    parentImage: fileDetailsOf(item.parentProcessImageFile),
    runningWhenDetected: undefined,
    user: userAccountOf(item.userAccount),
  });
}

/** Malware names the files and processes that it was found in; the first of each stands for it. */
function malware(item: JsonObject, draft: Draft): void {
  const [file] = objectsOf(item.files);
  const [process] = objectsOf(item.processes);
  if (file !== undefined) draft.file = fileDetailsOf(file.fileDetails);
  if (process !== undefined) draft.process = processOf(process);
}

function addressOf(item: JsonObject, roles: readonly string[]) {
  const remoteIp = textOf(item.ipAddress);
  const country = textOf(item.countryLetterCode) ?? textOf(objectOf(item.location).countryName);
  if (remoteIp === undefined && country === undefined) return undefined;
  return {
    remoteIp,
    remoteIsDestination: isDestination(roles),
    country,
    sourceIp: undefined,
    sourcePort: undefined,
    destinationIp: undefined,
    destinationPort: undefined,
    protocol: undefined,
  };
}

function connectionOf(item: JsonObject, roles: readonly string[]) {
  const connection = orNone({
    sourceIp: textOf(objectOf(item.sourceAddress).ipAddress),
    sourcePort: textOf(item.sourcePort),
    destinationIp: textOf(objectOf(item.destinationAddress).ipAddress),
    destinationPort: textOf(item.destinationPort),
    protocol: knownOf(item.protocol),
  });
  if (connection === undefined) return undefined;
  return {
    ...connection,
    remoteIp: undefined,
    remoteIsDestination: isDestination(roles),
    country: undefined,
  };
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

function groupOf(item: JsonObject) {
  return orNone({
    id: textOf(item.securityGroupId) ?? textOf(item.sid),
    name: textOf(item.displayName) ?? textOf(item.friendlyName),
  });
}
