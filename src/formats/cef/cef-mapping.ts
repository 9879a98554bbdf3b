import { hash } from 'node:crypto';
import type { SecurityEvent } from '../../event.ts';
import { ipv4, ipv6 } from '../address.ts';
import { changesText } from '../changes-text.ts';
import * as facts from '../facts.ts';
import { type FieldType, labelled, type MappingRow, row, rowsOf, text } from '../mapping.ts';
import { count32, integer64, port } from '../number-text.ts';
import { epochMsText } from '../time-text.ts';

// Types of the CEF dictionary for records of version 0 (formats reference §2.5, §2.7).
const time: FieldType = { read: epochMsText };
const integer: FieldType = { read: count32 };
const long: FieldType = { read: integer64 };
const portNumber: FieldType = { read: port };
const addressV4: FieldType = { read: ipv4 };
const addressV6: FieldType = { read: ipv6 };
/** Own keys have no limit in the standard: theirs is that of the custom strings. */
const own = text(4000);

const externalIdCharacters = 40;
const dvchostCharacters = 100;

/** The header's facts by the names of its fields; vendor and version are options (formats reference §2.1). */
export const cefHeader = [
  { fact: 12, field: 'deviceProduct' },
  { fact: 14, field: 'deviceEventClassId' },
  { fact: 4, field: 'name' },
  { fact: 6, field: 'severity' },
] as const;

/**
 * The extension, in the order in which it is written (formats reference §11.3, column CEF). A number that its key's
 * type cannot hold stands as text under an own key beside it.
 */
export const cefMapping: readonly MappingRow[] = [
  // identity and times
  row(31, 'rt', time, 'kept', (e) => e.updated),
  row(28, 'start', time, 'kept', (e) => e.firstActivity),
  row(29, 'end', time, 'kept', (e) => e.lastActivity),
  labelled(30, ['deviceCustomDate1', 'CreatedTime'], time, 'kept', (e) => e.created),
  labelled(32, ['deviceCustomDate2', 'ResolvedTime'], time, 'kept', (e) => e.resolved),
  row(1, 'externalId', text(externalIdCharacters), 'kept', cefExternalId),
  row(1, 'MSDefenderAlertId', own, 'kept', (e) => (isLongId(e.id) ? e.id : undefined)),
  row(2, 'MSDefenderProviderAlertId', own, 'kept', (e) => e.recordId),
  row(3, 'MSDefenderVersion', own, 'kept', (e) => e.version),
  row(26, 'MSDefenderTenantId', own, 'kept', (e) => e.tenantId),
  // alert
  row(7, 'cat', text(1023), 'kept', eventCategory),
  row(6, 'MSDefenderSeverity', own, 'kept', (e) => e.severityText ?? e.severity),
  row(78, 'act', text(63), 'other', facts.action),
  row(9, 'outcome', text(63), 'other', (e) => e.status),
  row(10, 'reason', text(1023), 'other', facts.classification),
  row(undefined, 'MSDefenderChanges', own, 'other', changesText),
  row(13, 'sourceServiceName', text(1023), 'other', facts.detectionSource),
  labelled(8, ['cs3', 'MitreTechniques'], text(4000), 'kept', (e) => facts.list(e.techniques)),
  labelled(18, ['cn3', 'IncidentId'], long, 'kept', (e) => e.incidentId),
  row(18, 'MSDefenderIncidentId', own, 'kept', (e) => unless(integer64, e.incidentId)),
  labelled(19, ['flexString1', 'AlertLink'], text(1023), 'kept', (e) => e.alertUrl),
  row(20, 'MSDefenderIncidentLink', own, 'other', (e) => e.incidentUrl),
  // device
  ...rowsOf(
    (e) => e.device,
    [
      row(33, 'shost', text(1023), 'kept', (e) => e.device?.name ?? e.device?.shortName),
      row(33, 'dvchost', text(dvchostCharacters), 'other', deviceHost),
      row(34, 'sourceDnsDomain', text(255), 'other', (e) => e.device?.domain),
      row(34, 'deviceDnsDomain', text(255), 'other', (e) => e.device?.domain),
      row(34, 'deviceNtDomain', text(255), 'other', (e) => e.device?.ntDomain),
      row(37, 'dvc', addressV4, 'other', facts.deviceIpv4),
      labelled(37, ['c6a1', 'Device IPv6 Address'], addressV6, 'other', facts.deviceIpv6),
      row(38, 'deviceTranslatedAddress', addressV4, 'other', (e) => e.device?.externalIp),
      row(35, 'deviceExternalId', text(255), 'kept', (e) => e.device?.id),
      row(36, 'MSDefenderAadDeviceId', own, 'other', (e) => e.device?.entraId),
      labelled(40, ['flexString2', 'DeviceGroup'], text(1023), 'other', (e) => e.device?.group),
      row(39, 'MSDefenderOs', own, 'other', facts.operatingSystem),
      row(42, 'MSDefenderDeviceRisk', own, 'other', (e) => e.device?.riskScore),
      row(42, 'MSDefenderDeviceHealth', own, 'other', (e) => e.device?.healthStatus),
      row(81, 'MSDefenderVmId', own, 'other', (e) => e.device?.vmId),
      row(43, 'MSDefenderLogonUsers', own, 'loggedOnUsers', (e) => facts.list(e.device?.loggedOnUsers)),
      row(41, 'MSDefenderDeviceTags', own, 'tags', (e) => facts.list(e.device?.tags)),
    ],
  ),
  // user
  ...rowsOf((e) => e.user, [row(45, 'sntdom', text(255), 'kept', (e) => e.user?.domain)]),
  row(44, 'suser', text(1023), 'kept', sourceUser),
  ...rowsOf(
    (e) => e.user,
    [
      row(46, 'suid', text(1023), 'kept', (e) => e.user?.sid ?? e.user?.entraId),
      row(47, 'MSDefenderAadUserId', own, 'kept', (e) => e.user?.entraId),
      row(48, 'MSDefenderUpn', own, 'kept', (e) => e.user?.upn),
    ],
  ),
  // process
  ...rowsOf(
    (e) => e.process,
    [
      row(55, 'dproc', text(1023), 'other', facts.processImage),
      row(57, 'dpid', integer, 'other', (e) => e.process?.pid),
      row(57, 'MSDefenderProcessId', own, 'other', (e) => unless(count32, e.process?.pid)),
      row(58, 'MSDefenderProcessStart', time, 'other', (e) => e.process?.started),
      labelled(56, ['cs2', 'CommandLine'], text(4000), 'commandLine', (e) => e.process?.commandLine),
      labelled(61, ['cn1', 'WasExecuting'], long, 'other', (e) => bit(e.process?.runningWhenDetected)),
      row(60, 'sproc', text(1023), 'parentProcess', facts.parentImage),
      row(59, 'spid', integer, 'parentProcess', (e) => e.process?.parentPid),
      row(59, 'MSDefenderParentProcessId', own, 'parentProcess', (e) =>
        unless(count32, e.process?.parentPid),
      ),
    ],
  ),
  // file and malware
  ...rowsOf(
    (e) => e.file,
    [
      row(49, 'fname', text(1023), 'other', (e) => e.file?.name),
      row(50, 'filePath', text(1023), 'filePath', (e) => e.file?.path ?? e.file?.folder),
      row(51, 'fileHash', text(255), 'sha1', (e) => e.file?.sha1),
      labelled(52, ['cs6', 'Sha256'], text(4000), 'kept', (e) => e.file?.sha256),
      labelled(53, ['cs5', 'Md5'], text(4000), 'md5', (e) => e.file?.md5),
      row(54, 'fsize', integer, 'other', (e) => e.file?.size),
      row(54, 'MSDefenderFileSize', own, 'other', (e) => unless(count32, e.file?.size)),
      row(54, 'MSDefenderFileSigner', own, 'fileSignature', facts.fileSigner),
    ],
  ),
  labelled(15, ['cs1', 'ThreatName'], text(4000), 'other', (e) => e.threatName),
  row(16, 'MSDefenderThreatFamily', own, 'other', (e) => e.threatFamily),
  labelled(17, ['cs4', 'Actor'], text(4000), 'other', (e) => e.actor),
  row(27, 'MSDefenderIndicator', own, 'other', facts.indicator),
  labelled(79, ['cn2', 'RemediationIsSuccess'], long, 'other', (e) => bit(e.remediationSucceeded)),
  row(80, 'MSDefenderVerdict', own, 'other', (e) => e.verdict),
  // network
  ...rowsOf(
    (e) => e.network ?? e.message,
    [
      row(62, 'src', addressV4, 'other', facts.sourceIp),
      labelled(62, ['c6a2', 'Source IPv6 Address'], addressV6, 'other', facts.sourceIp),
    ],
  ),
  ...rowsOf(
    (e) => e.network,
    [
      row(62, 'dst', addressV4, 'other', facts.destinationIp),
      labelled(62, ['c6a3', 'Destination IPv6 Address'], addressV6, 'other', facts.destinationIp),
      row(63, 'spt', portNumber, 'other', (e) => e.network?.sourcePort),
      row(63, 'dpt', portNumber, 'other', (e) => e.network?.destinationPort),
      row(63, 'proto', text(31), 'other', (e) => e.network?.protocol),
    ],
  ),
  row(64, 'request', text(1023), 'longUrl', (e) => e.url),
  row(65, 'dhost', text(1023), 'other', (e) => e.domainName),
  row(65, 'MSDefenderDomain', own, 'other', (e) => e.domainName),
  // registry
  ...rowsOf(
    (e) => e.registry,
    [
      row(66, 'MSDefenderRegistryKey', own, 'registry', facts.registryKey),
      row(67, 'MSDefenderRegistryValueName', own, 'registry', (e) => e.registry?.valueName),
      row(67, 'MSDefenderRegistryValue', own, 'registry', (e) => e.registry?.value),
    ],
  ),
  // mail
  ...rowsOf(
    (e) => e.message ?? e.mailbox ?? e.mailCluster,
    [
      row(68, 'MSDefenderEmailSubject', own, 'other', (e) => e.message?.subject),
      row(69, 'MSDefenderEmailSender', own, 'other', (e) => (hasUser(e) ? facts.mailSender(e) : undefined)),
      row(70, 'duser', text(1023), 'other', (e) => e.message?.recipient ?? e.mailbox?.address),
      row(71, 'MSDefenderInternetMessageId', own, 'other', (e) => e.message?.internetMessageId),
      row(71, 'MSDefenderNetworkMessageId', own, 'other', (e) => e.message?.networkMessageId),
      row(72, 'MSDefenderDeliveryLocation', own, 'other', (e) => e.message?.deliveryLocation),
      row(72, 'deviceDirection', integer, 'other', (e) => mailDirection(e.message?.direction)),
      row(73, 'MSDefenderMailbox', own, 'other', (e) => e.mailbox?.address),
      row(82, 'MSDefenderMailCluster', own, 'other', facts.mailCluster),
      row(82, 'MSDefenderMailCount', own, 'other', (e) => e.mailCluster?.count),
    ],
  ),
  // cloud
  ...rowsOf(
    (e) => e.cloudResource ?? e.application ?? e.container ?? e.group,
    [
      row(74, 'MSDefenderCloudResourceId', own, 'other', facts.cloudResource),
      row(75, 'destinationServiceName', text(1023), 'other', (e) => e.application?.name),
      row(75, 'MSDefenderAppId', own, 'other', (e) => e.application?.id),
      row(76, 'MSDefenderContainerId', own, 'other', (e) => e.container?.id),
      row(76, 'MSDefenderContainerName', own, 'other', (e) => e.container?.name),
      row(76, 'MSDefenderContainerImage', own, 'other', (e) => e.container?.image),
      row(76, 'MSDefenderPod', own, 'other', (e) => e.container?.pod),
      row(76, 'MSDefenderNamespace', own, 'other', (e) => e.container?.namespace),
      row(76, 'MSDefenderCluster', own, 'other', (e) => e.container?.cluster),
      row(77, 'MSDefenderGroup', own, 'other', (e) => e.group?.name ?? e.group?.id),
    ],
  ),
  // about the alert, for reading
  row(21, 'MSDefenderAssignedTo', own, 'other', (e) => e.assignedTo),
  row(24, 'MSDefenderInvestigationId', own, 'other', (e) => e.investigationId),
  row(24, 'MSDefenderInvestigationState', own, 'other', (e) => e.investigationState),
  row(25, 'MSDefenderTags', own, 'tags', (e) => facts.list(e.tags)),
  row(undefined, 'MSDefenderEvidenceCount', own, 'other', facts.evidenceCount),
  row(5, 'msg', text(1023), 'description', (e) => e.description),
  row(22, 'MSDefenderRecommendedActions', own, 'recommendedActions', (e) => e.recommendedActions),
];

/** True of an id that `externalId` has no room for. */
export function isLongId(id: string): boolean {
  // A code point takes at most two units: beyond twice the room there is nothing to count.
  if (id.length > 2 * externalIdCharacters) return true;
  return id.length > externalIdCharacters && [...id].length > externalIdCharacters;
}

/** 1: a long id by its SHA-1, which has the 40 characters that `externalId` takes (formats reference §2.6). */
export function cefExternalId(event: SecurityEvent): string {
  return isLongId(event.id) ? hash('sha1', event.id) : event.id;
}

/** 7: the category; of a row of advanced hunting, whose class is its table, its ActionType (formats reference §11.6). */
function eventCategory(event: SecurityEvent): string | undefined {
  return (event.kind === 'hunting-event' ? event.action : undefined) ?? event.category;
}

/** 33: the full name where it fits, else the host label only (formats reference §2.6). */
function deviceHost(event: SecurityEvent): string | undefined {
  const { name, shortName } = event.device ?? {};
  if (name !== undefined && name.length <= dvchostCharacters) return name;
  return shortName !== undefined && shortName.length <= dvchostCharacters ? shortName : undefined;
}

function hasUser(event: SecurityEvent): boolean {
  return (event.user?.name ?? event.user?.upn) !== undefined;
}

/** 44, 48, 69: the account's name, else its UPN, else the sender of a mail without a user. */
function sourceUser(event: SecurityEvent): string | undefined {
  return event.user?.name ?? event.user?.upn ?? facts.mailSender(event);
}

/** 72: 0 inbound, 1 outbound, and nothing else (formats reference §2.7). */
function mailDirection(direction: string | undefined): string | undefined {
  switch (direction?.toLowerCase()) {
    case 'inbound':
      return '0';
    case 'outbound':
      return '1';
    default:
      return undefined;
  }
}

function bit(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? '1' : '0';
}

function unless(type: (text: string) => string | undefined, value: string | undefined): string | undefined {
  return value === undefined || type(value) !== undefined ? undefined : value;
}
