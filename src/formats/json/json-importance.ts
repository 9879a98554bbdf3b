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

/** An incident of either API, with its alerts where they came along. */
const incident: Table = {
  kept: [
    ...['id', 'incidentId', 'tenantId', 'displayName', 'incidentName', 'severity', 'status'],
    ...['redirectIncidentId', 'incidentWebUrl', 'incidentUri'],
    ...['createdDateTime', 'lastUpdateDateTime', 'createdTime', 'lastUpdateTime'],
    ...['alerts[].id', 'alerts[].alertId', 'alerts[].title', 'alerts[].severity', 'alerts[].category'],
    ...['alerts[].mitreTechniques', 'alerts[].serviceSource'],
  ],
  recommendedActions: ['alerts[].recommendedActions'],
  comments: ['comments', 'alerts[].comments'],
  description: ['description', 'summary', 'alerts[].description'],
  tags: ['tags', 'customTags', 'systemTags', 'alerts[].systemTags', 'alerts[].customDetails'],
};

const initiating = 'InitiatingProcess';

/** Columns of advanced hunting; of a streamed row they stand within its envelope. */
const columns: Table = {
  kept: [
    ...['Timestamp', 'ActionType', 'ReportId', 'TableName', 'AlertId', 'Title', 'Severity', 'Category'],
    ...['AttackTechniques', 'DeviceId', 'DeviceName', 'AccountName', 'AccountDomain', 'AccountSid'],
    ...['AccountUpn', 'AccountObjectId', 'SHA256', 'RemoteIP', 'IPAddress', 'NetworkMessageId'],
  ],
  loggedOnUsers: ['LoggedOnUsers'],
  description: ['Description', 'AdditionalFields', 'RawEventData', 'ActivityObjects'],
  tags: ['RegistryDeviceTag', 'DeviceManualTags', 'DeviceDynamicTags'],
  registry: [
    ...['RegistryKey', 'RegistryValueName', 'RegistryValueData', 'RegistryValueType'],
    ...['PreviousRegistryKey', 'PreviousRegistryValueName', 'PreviousRegistryValueData'],
  ],
  userAgent: ['UserAgent', 'UserAgentHeader'],
  fileSignature: ['Signer', 'Issuer', 'ProcessVersionInfoCompanyName'],
  parentProcess: [
    ...[`${initiating}ParentId`, `${initiating}ParentCreationTime`, `${initiating}ParentFileName`],
  ],
  longUrl: ['Url', 'RemoteUrl', 'FileOriginUrl', 'UrlChain'],
  md5: ['MD5', `${initiating}MD5`],
  sha1: ['SHA1', `${initiating}SHA1`],
  commandLine: ['ProcessCommandLine', `${initiating}CommandLine`],
  filePath: ['FolderPath', `${initiating}FolderPath`],
};

const huntingEvent: Table = {
  ...columns,
  ...Object.fromEntries(
    Object.entries(columns).map(([importance, names]) => [
      importance,
      [...names, ...names.map((name) => `properties.${name}`)],
    ]),
  ),
  kept: [
    ...['time', 'tenantId', 'category'],
    ...(columns.kept ?? []).flatMap((name) => [name, `properties.${name}`]),
  ],
};

const device: Table = {
  kept: ['id', 'computerDnsName', 'aadDeviceId', 'lastSeen', 'lastIpAddress', 'osPlatform', 'riskScore'],
  tags: ['machineTags'],
};

/** Any other object: what identifies it goes last, its prose first. */
const entity: Table = {
  kept: [
    ...['id', 'Id', 'name', 'title', 'type', 'status', 'severity', 'machineId', 'computerDnsName'],
    ...['cveId', 'CveId', 'DeviceId', 'DeviceName', 'indicatorValue', 'accountName', 'sha1', 'sha256'],
    ...['host', 'ipAddress', 'time', 'score', 'recommendationName'],
    ...['lastUpdateDateTimeUtc', 'lastUpdateTime', 'updatedOn'],
  ],
  recommendedActions: ['recommendedActions'],
  comments: ['requestorComment', 'cancellationComment'],
  description: ['description'],
  tags: ['tags'],
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
  incident: byPath(incident),
  'hunting-event': byPath(huntingEvent),
  device: byPath(device),
  entity: byPath(entity),
  connector: byPath(connector),
};

/** Where a record's evidence stands, and an incident's alerts: of each kind of them the first is worth most. */
export const repeatedElements: ReadonlySet<string> = new Set(['evidence[]', 'alerts[]']);

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
