import type { SecurityEvent } from '../../event.ts';
import { ip, reachable } from '../address.ts';
import { changesText } from '../changes-text.ts';
import * as facts from '../facts.ts';
import { type FieldType, type MappingRow, row, rowsOf, text } from '../mapping.ts';
import { port } from '../number-text.ts';
import { leefSeverity } from '../severity.ts';
import { epochMsText } from '../time-text.ts';

// Types of LEEF's predefined keys (formats reference §3.2). Other text is limited by the payload's size alone.
const time: FieldType = { read: epochMsText };
const portNumber: FieldType = { read: port };
const address: FieldType = { read: ip };
const name = text(255);
const free = text(Number.POSITIVE_INFINITY);

/** The header's facts by the names of its fields; the rest of the header is constant (formats reference §11.3). */
export const leefHeader = [{ fact: 7, field: 'EventID' }] as const;

/** The attributes, in the order in which they are written (formats reference §11.3, column LEEF). */
export const leefMapping: readonly MappingRow[] = [
  // identity, times, and what is normalised
  row(31, 'devTime', time, 'kept', (e) => e.updated),
  row(6, 'sev', free, 'kept', (e) => String(leefSeverity[e.severity])),
  row(13, 'cat', free, 'other', facts.detectionSource),
  ...rowsOf(
    (e) => e.user,
    [
      row(44, 'usrName', name, 'kept', (e) => e.user?.name ?? e.user?.upn),
      row(45, 'domain', free, 'kept', (e) => e.user?.domain),
    ],
  ),
  ...rowsOf(
    (e) => e.device,
    [
      row(37, 'identSrc', address, 'kept', facts.deviceIp),
      row(33, 'identHostName', name, 'kept', identHostName),
    ],
  ),
  ...rowsOf((e) => e.network ?? e.message, [row(62, 'src', address, 'other', facts.sourceIp)]),
  ...rowsOf(
    (e) => e.network,
    [
      row(62, 'dst', address, 'other', facts.destinationIp),
      row(63, 'srcPort', portNumber, 'other', (e) => e.network?.sourcePort),
      row(63, 'dstPort', portNumber, 'other', (e) => e.network?.destinationPort),
      row(63, 'proto', free, 'other', (e) => e.network?.protocol),
    ],
  ),
  // alert
  row(1, 'alertId', free, 'kept', (e) => e.id),
  row(2, 'providerAlertId', free, 'kept', (e) => e.recordId),
  row(3, 'version', free, 'kept', (e) => e.version),
  row(26, 'tenantId', free, 'kept', (e) => e.tenantId),
  row(4, 'title', free, 'kept', (e) => e.title),
  row(6, 'severity', free, 'kept', (e) => e.severityText ?? e.severity),
  row(7, 'category', free, 'kept', (e) => e.category),
  row(8, 'mitreTechniques', free, 'kept', (e) => facts.list(e.techniques)),
  row(18, 'incidentId', free, 'kept', (e) => e.incidentId),
  row(19, 'alertUrl', free, 'kept', (e) => e.alertUrl),
  row(20, 'incidentUrl', free, 'other', (e) => e.incidentUrl),
  row(28, 'startTime', time, 'kept', (e) => e.firstActivity),
  row(29, 'endTime', time, 'kept', (e) => e.lastActivity),
  row(30, 'createdTime', time, 'kept', (e) => e.created),
  row(32, 'resolvedTime', time, 'kept', (e) => e.resolved),
  row(12, 'product', free, 'other', (e) => e.product),
  row(13, 'detectionSource', free, 'other', (e) => e.detectionSource),
  row(14, 'detectorId', free, 'other', (e) => e.detectorId),
  row(9, 'status', free, 'other', (e) => e.status),
  row(10, 'classification', free, 'other', (e) => e.classification),
  row(11, 'determination', free, 'other', (e) => e.determination),
  row(undefined, 'changes', free, 'other', changesText),
  row(78, 'action', free, 'other', facts.action),
  row(79, 'remediationSuccess', free, 'other', (e) => bool(e.remediationSucceeded)),
  row(80, 'verdict', free, 'other', (e) => e.verdict),
  row(15, 'threatName', free, 'other', (e) => e.threatName),
  row(16, 'threatFamily', free, 'other', (e) => e.threatFamily),
  row(17, 'actor', free, 'other', (e) => e.actor),
  row(27, 'indicator', free, 'other', facts.indicator),
  // device
  ...rowsOf(
    (e) => e.device,
    [
      row(33, 'deviceName', free, 'kept', (e) => e.device?.name ?? e.device?.shortName),
      row(35, 'deviceId', free, 'kept', (e) => e.device?.id),
      row(34, 'deviceDomain', free, 'other', (e) => e.device?.domain ?? e.device?.ntDomain),
      row(37, 'deviceIp', free, 'other', (e) => e.device && facts.list(reachable(e.device.ipAddresses))),
      row(38, 'deviceExternalIp', address, 'other', (e) => e.device?.externalIp),
      row(36, 'aadDeviceId', free, 'other', (e) => e.device?.entraId),
      row(39, 'os', free, 'other', facts.operatingSystem),
      row(40, 'groupID', free, 'other', (e) => e.device?.group),
      row(40, 'deviceGroup', free, 'other', (e) => e.device?.group),
      row(42, 'deviceRisk', free, 'other', (e) => e.device?.riskScore),
      row(42, 'deviceHealth', free, 'other', (e) => e.device?.healthStatus),
      row(81, 'vmId', free, 'other', (e) => e.device?.vmId),
      row(43, 'logonUsers', free, 'loggedOnUsers', (e) => facts.list(e.device?.loggedOnUsers)),
      row(41, 'deviceTags', free, 'tags', (e) => facts.list(e.device?.tags)),
    ],
  ),
  // user
  ...rowsOf(
    (e) => e.user,
    [
      row(46, 'userSid', free, 'kept', (e) => e.user?.sid),
      row(47, 'aadUserId', free, 'kept', (e) => e.user?.entraId),
      row(48, 'accountName', name, 'kept', (e) => e.user?.upn),
    ],
  ),
  // process
  ...rowsOf(
    (e) => e.process,
    [
      row(55, 'processName', free, 'other', (e) => e.process?.image?.name),
      row(55, 'processPath', free, 'other', (e) => e.process?.image?.path),
      row(56, 'commandLine', free, 'commandLine', (e) => e.process?.commandLine),
      row(57, 'processId', free, 'other', (e) => e.process?.pid),
      row(58, 'processStart', time, 'other', (e) => e.process?.started),
      row(61, 'wasExecuting', free, 'other', (e) => bool(e.process?.runningWhenDetected)),
      row(59, 'parentProcessId', free, 'parentProcess', (e) => e.process?.parentPid),
      row(59, 'parentProcessStart', time, 'parentProcess', (e) => e.process?.parentStarted),
      row(60, 'parentProcessName', free, 'parentProcess', (e) => e.process?.parentImage?.name),
      row(60, 'parentProcessPath', free, 'parentProcess', (e) => e.process?.parentImage?.path),
    ],
  ),
  // file
  ...rowsOf(
    (e) => e.file,
    [
      row(49, 'fileName', free, 'other', (e) => e.file?.name),
      row(50, 'filePath', free, 'filePath', (e) => e.file?.path ?? e.file?.folder),
      row(51, 'sha1', free, 'sha1', (e) => e.file?.sha1),
      row(52, 'sha256', free, 'kept', (e) => e.file?.sha256),
      row(53, 'md5', free, 'md5', (e) => e.file?.md5),
      row(54, 'fileSize', free, 'other', (e) => e.file?.size),
      row(54, 'fileSigner', free, 'fileSignature', facts.fileSigner),
    ],
  ),
  // network and registry
  row(64, 'url', free, 'longUrl', (e) => e.url),
  row(65, 'dnsDomain', free, 'other', (e) => e.domainName),
  ...rowsOf(
    (e) => e.registry,
    [
      row(66, 'resource', free, 'registry', (e) => (e.cloudResource ? undefined : facts.registryKey(e))),
      row(66, 'registryKey', free, 'registry', facts.registryKey),
      row(67, 'registryValueName', free, 'registry', (e) => e.registry?.valueName),
      row(67, 'registryValue', free, 'registry', (e) => e.registry?.value),
    ],
  ),
  // mail
  ...rowsOf(
    (e) => e.message ?? e.mailbox ?? e.mailCluster,
    [
      row(68, 'subject', free, 'other', (e) => e.message?.subject),
      row(69, 'sender', free, 'other', facts.mailSender),
      row(70, 'recipient', free, 'other', (e) => e.message?.recipient),
      row(71, 'messageId', free, 'other', (e) => e.message?.internetMessageId),
      row(71, 'networkMessageId', free, 'other', (e) => e.message?.networkMessageId),
      row(72, 'deliveryAction', free, 'other', (e) => e.message?.deliveryAction),
      row(72, 'deliveryLocation', free, 'other', (e) => e.message?.deliveryLocation),
      row(73, 'mailbox', free, 'other', (e) => e.mailbox?.address),
      row(82, 'mailCluster', free, 'other', facts.mailCluster),
      row(82, 'mailCount', free, 'other', (e) => e.mailCluster?.count),
    ],
  ),
  // cloud
  ...rowsOf(
    (e) => e.cloudResource ?? e.application ?? e.container ?? e.group,
    [
      row(74, 'resource', free, 'other', facts.cloudResource),
      row(74, 'cloudResourceId', free, 'other', facts.cloudResource),
      row(75, 'application', free, 'other', (e) => e.application?.name ?? e.application?.id),
      row(76, 'containerId', free, 'other', (e) => e.container?.id),
      row(76, 'containerName', free, 'other', (e) => e.container?.name),
      row(76, 'containerImage', free, 'other', (e) => e.container?.image),
      row(76, 'pod', free, 'other', (e) => e.container?.pod),
      row(76, 'namespace', free, 'other', (e) => e.container?.namespace),
      row(76, 'cluster', free, 'other', (e) => e.container?.cluster),
      row(77, 'groupName', free, 'other', (e) => e.group?.name ?? e.group?.id),
    ],
  ),
  // about the alert, for reading
  row(21, 'assignedTo', free, 'other', (e) => e.assignedTo),
  row(24, 'investigationId', free, 'other', (e) => e.investigationId),
  row(24, 'investigationState', free, 'other', (e) => e.investigationState),
  row(25, 'tags', free, 'tags', (e) => facts.list(e.tags)),
  row(undefined, 'evidenceCount', free, 'other', facts.evidenceCount),
  row(5, 'description', free, 'description', (e) => e.description),
  row(22, 'recommendedActions', free, 'recommendedActions', (e) => e.recommendedActions),
];

/**
 * 33: only together with `identSrc`, since both write to the asset database (formats reference §3.2): an address, which
 * some devices have for a name, would become the name of an asset there.
 */
function identHostName(event: SecurityEvent): string | undefined {
  const name = event.device?.name ?? event.device?.shortName;
  const told = name !== undefined && ip(name) === undefined && facts.deviceIp(event) !== undefined;
  return told ? name : undefined;
}

function bool(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
