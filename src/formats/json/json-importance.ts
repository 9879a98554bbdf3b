import type { RecordKind } from '../../record.ts';
import type { Importance } from '../size-budget.ts';

type Steps = Exclude<Importance, 'other' | 'furtherEvidence'>;

/** Which members stand for which importance (formats reference §4.8, §11.2); those not named are `other`. */
type Table = Readonly<Partial<Record<Steps, readonly string[]>>>;

const detection: Table = {
  kept: [
    ...['AlertId', 'FullId', 'AlertPart', 'AlertTitle', 'Severity', 'Category'],
    ...['LastProcessedTimeUtc', 'AlertTime'],
    ...['ComputerDnsName', 'MachineName', 'MachineDomain', 'DeviceID', 'UserName', 'UserDomain'],
    ...['LinkToMTP', 'LinkToWDATP', 'Sha256'],
  ],
  loggedOnUsers: ['LogOnUsers'],
  description: ['Description'],
  tags: ['DeviceCreatedMachineTags', 'CloudCreatedMachineTags'],
  longUrl: ['Url'],
  md5: ['Md5'],
  sha1: ['Sha1', 'FileHash'],
  commandLine: ['CommandLine'],
  filePath: ['FilePath'],
};

const alert: Table = {
  kept: [
    ...['id', 'incidentId', 'aadTenantId', 'title', 'severity', 'category', 'mitreTechniques'],
    ...['alertCreationTime', 'firstEventTime', 'lastEventTime', 'lastUpdateTime', 'resolvedTime'],
    ...['machineId', 'computerDnsName', 'relatedUser', 'evidence[].entityType', 'evidence[].sha256'],
    ...['evidence[].accountName', 'evidence[].domainName', 'evidence[].userSid'],
    ...['evidence[].aadUserId', 'evidence[].userPrincipalName'],
  ],
  recommendedActions: ['recommendedAction', 'recommendedActions'],
  comments: ['comments'],
  loggedOnUsers: ['loggedOnUsers'],
  description: ['description'],
  tags: ['alertTags', 'tags', 'machineTags'],
  registry: [
    ...['evidence[].registryHive', 'evidence[].registryKey', 'evidence[].registryValueName'],
    ...['evidence[].registryValue', 'evidence[].registryValueType'],
  ],
  parentProcess: [
    ...['evidence[].parentProcessId', 'evidence[].parentProcessCreationTime'],
    ...['evidence[].parentProcessFileName', 'evidence[].parentProcessFilePath'],
  ],
  longUrl: ['evidence[].url'],
  sha1: ['evidence[].sha1'],
  commandLine: ['evidence[].processCommandLine'],
  filePath: ['evidence[].filePath'],
};

const graphFiles = ['evidence[].fileDetails', 'evidence[].imageFile'];

const graphAlert: Table = {
  kept: [
    ...['id', 'tenantId', 'incidentId', 'title', 'severity', 'category', 'mitreTechniques'],
    ...['createdDateTime', 'lastUpdateDateTime', 'firstActivityDateTime', 'lastActivityDateTime'],
    ...['resolvedDateTime', 'alertWebUrl', 'evidence[].@odata.type'],
    ...[
      'evidence[].deviceDnsName',
      'evidence[].hostName',
      'evidence[].mdeDeviceId',
      'evidence[].userAccount',
    ],
    ...graphFiles.map((file) => `${file}.sha256`),
  ],
  recommendedActions: ['recommendedActions'],
  comments: ['comments'],
  loggedOnUsers: ['evidence[].loggedOnUsers'],
  description: ['description'],
  tags: ['systemTags', 'customDetails', 'additionalData', 'evidence[].tags'],
  registry: [
    ...['evidence[].registryHive', 'evidence[].registryKey', 'evidence[].registryValueName'],
    ...['evidence[].registryValue', 'evidence[].registryValueType'],
  ],
  userAgent: ['evidence[].userAgent'],
  fileSignature: graphFiles.flatMap((file) => [`${file}.filePublisher`, `${file}.signer`, `${file}.issuer`]),
  parentProcess: [
    ...['evidence[].parentProcessId', 'evidence[].parentProcessCreationDateTime'],
    'evidence[].parentProcessImageFile',
  ],
  longUrl: ['evidence[].url'],
  md5: graphFiles.map((file) => `${file}.md5`),
  sha1: graphFiles.map((file) => `${file}.sha1`),
  commandLine: ['evidence[].processCommandLine'],
  filePath: graphFiles.map((file) => `${file}.filePath`),
};

/** An event of the connector's own: short, and told whole. */
const connector: Table = {
  kept: [
    ...[
      'schema',
      'id',
      'version',
      'type',
      'number',
      'state',
      'severity',
      'time',
      'since',
      'tenant',
      'tenantId',
    ],
    ...['source', 'sink', 'host', 'connectorVersion'],
    ...['watermark', 'lagSeconds', 'accepted', 'repeated', 'lastSuccess'],
  ],
  description: ['message'],
};

/** For each kind of record, the importance of its members by path. */
export const memberImportance: Readonly<Record<RecordKind, ReadonlyMap<string, Importance>>> = {
  detection: byPath(detection),
  alert: byPath(alert),
  'graph-alert': byPath(graphAlert),
  incident: byPath({}),
  'hunting-event': byPath({}),
  device: byPath({}),
  entity: byPath({}),
  connector: byPath(connector),
};

/** Where a record's evidence stands, and which of its members tells the kind. */
export const evidenceElement = 'evidence[]';

/** Members of evidence that tell its kind. */
export const evidenceKinds: ReadonlySet<string> = new Set([
  'evidence[].entityType',
  'evidence[].@odata.type',
]);

function byPath(table: Table): ReadonlyMap<string, Importance> {
  const importanceOf = new Map<string, Importance>();
  for (const [importance, paths] of Object.entries(table) as [Steps, readonly string[]][]) {
    for (const path of paths) importanceOf.set(path, importance);
  }
  return importanceOf;
}
