import type { SecurityEvent } from '../../../src/event.ts';
import { reachable } from '../../../src/formats/address.ts';
import { type DocumentRow, rowsOf } from '../../../src/formats/document-row.ts';
import * as facts from '../../../src/formats/facts.ts';
import { flag, list, text, time, whole } from './column.ts';
import { registryValueType } from './enumerations.ts';

/** Columns of the device. */
export const deviceColumns: readonly DocumentRow[] = [
  ...rowsOf(
    (e: SecurityEvent) => e.device,
    [
      text(33, 'DvcHostname', 'kept', (e) => e.device?.shortName ?? e.device?.name),
      text(33, 'DvcFQDN', 'kept', (e) =>
        e.device?.name?.includes('.') === true ? e.device.name : undefined,
      ),
      text(34, 'DvcDomain', 'kept', (e) => e.device?.domain ?? e.device?.ntDomain),
      text(34, 'DvcDomainType', 'kept', dvcDomainType),
      text(35, 'DvcId', 'kept', (e) => e.device?.id),
      text(35, 'DvcIdType', 'kept', (e) => (e.device?.id === undefined ? undefined : 'MDEid')),
      text(36, 'DvcEntraId', 'other', (e) => e.device?.entraId),
      text(37, 'DvcIpAddr', 'kept', facts.deviceIp),
      list(37, 'DvcIpAddrs', 'other', (e) =>
        e.device === undefined ? undefined : reachable(e.device.ipAddresses),
      ),
      text(38, 'DvcExternalIpAddr', 'other', (e) => e.device?.externalIp),
      text(39, 'DvcOs', 'other', (e) => e.device?.os),
      text(39, 'DvcOsVersion', 'other', dvcOsVersion),
      text(40, 'DvcGroup', 'other', (e) => e.device?.group),
      list(41, 'DvcTags', 'tags', (e) => e.device?.tags),
      text(42, 'DvcRisk', 'other', (e) => e.device?.riskScore),
      text(42, 'DvcHealth', 'other', (e) => e.device?.healthStatus),
      list(43, 'DvcLoggedOnUsers', 'loggedOnUsers', (e) => e.device?.loggedOnUsers),
      text(81, 'DvcVmId', 'other', (e) => e.device?.vmId),
    ],
  ),
];

/** Columns of the account. */
export const userColumns: readonly DocumentRow[] = [
  ...rowsOf(
    (e: SecurityEvent) => e.user,
    [
      text(44, 'Username', 'kept', username),
      text(44, 'UsernameType', 'kept', usernameType),
      text(44, 'UserAccountName', 'kept', (e) => e.user?.name),
      text(45, 'UserDomain', 'kept', (e) => e.user?.domain),
      text(46, 'UserId', 'kept', (e) => e.user?.sid ?? e.user?.entraId),
      text(46, 'UserIdType', 'kept', userIdType),
      text(46, 'UserSid', 'kept', (e) => e.user?.sid),
      text(47, 'UserEntraId', 'kept', (e) => e.user?.entraId),
      text(48, 'UserUpn', 'kept', (e) => e.user?.upn),
    ],
  ),
];

/** Columns of the process and the file. */
export const processColumns: readonly DocumentRow[] = [
  ...rowsOf(
    (e: SecurityEvent) => e.process,
    [
      text(55, 'ProcessName', 'other', facts.processImage),
      text(56, 'ProcessCommandLine', 'commandLine', (e) => e.process?.commandLine),
      text(57, 'ProcessId', 'other', (e) => e.process?.pid),
      time(58, 'ProcessStartTime', (e) => e.process?.started),
      text(59, 'ParentProcessId', 'parentProcess', (e) => e.process?.parentPid),
      text(60, 'ParentProcessName', 'parentProcess', facts.parentImage),
      flag(61, 'WasExecuting', (e) => e.process?.runningWhenDetected),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.file,
    [
      text(49, 'FileName', 'other', (e) => e.file?.name),
      text(50, 'FilePath', 'filePath', (e) => e.file?.path ?? e.file?.folder),
      text(51, 'FileSHA1', 'sha1', (e) => e.file?.sha1),
      text(52, 'FileSHA256', 'kept', (e) => e.file?.sha256),
      text(53, 'FileMD5', 'md5', (e) => e.file?.md5),
      whole(54, 'FileSize', 'long', 'other', (e) => e.file?.size),
      text(54, 'FileSigner', 'fileSignature', facts.fileSigner),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.registry,
    [
      text(66, 'RegistryKey', 'registry', facts.registryKey),
      text(67, 'RegistryValue', 'registry', (e) => e.registry?.valueName),
      text(67, 'RegistryValueData', 'registry', (e) => e.registry?.value),
      text(67, 'RegistryValueType', 'registry', registryValueType),
    ],
  ),
  flag(79, 'RemediationSucceeded', (e) => e.remediationSucceeded),
];

/** Columns of the network, of mail and of the cloud. */
export const otherEntityColumns: readonly DocumentRow[] = [
  text(62, 'SrcIpAddr', 'other', facts.sourceIp),
  text(62, 'DstIpAddr', 'other', facts.destinationIp),
  ...rowsOf(
    (e: SecurityEvent) => e.network,
    [
      whole(63, 'SrcPortNumber', 'int', 'other', (e) => e.network?.sourcePort),
      whole(63, 'DstPortNumber', 'int', 'other', (e) => e.network?.destinationPort),
      text(63, 'NetworkProtocol', 'other', (e) => e.network?.protocol),
    ],
  ),
  text(64, 'Url', 'longUrl', (e) => e.url),
  text(65, 'DomainName', 'other', (e) => e.domainName),
  ...rowsOf(
    (e: SecurityEvent) => e.message,
    [
      text(68, 'EmailSubject', 'other', (e) => e.message?.subject),
      text(69, 'EmailSender', 'other', facts.mailSender),
      text(70, 'EmailRecipient', 'other', (e) => e.message?.recipient),
      text(71, 'EmailMessageId', 'other', (e) => e.message?.internetMessageId),
      text(71, 'EmailNetworkMessageId', 'other', (e) => e.message?.networkMessageId),
      text(72, 'EmailDeliveryAction', 'other', (e) => e.message?.deliveryAction),
      text(72, 'EmailDeliveryLocation', 'other', (e) => e.message?.deliveryLocation),
      text(72, 'EmailDirection', 'other', (e) => e.message?.direction),
    ],
  ),
  text(73, 'MailboxAddress', 'other', (e) => e.mailbox?.address),
  ...rowsOf(
    (e: SecurityEvent) => e.mailCluster,
    [
      text(82, 'EmailCluster', 'other', facts.mailCluster),
      whole(82, 'EmailClusterCount', 'long', 'other', (e) => e.mailCluster?.count),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.cloudResource,
    [
      text(74, 'CloudResourceId', 'other', facts.cloudResource),
      text(74, 'CloudProvider', 'other', (e) => e.cloudResource?.provider),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.application,
    [
      text(75, 'ApplicationName', 'other', (e) => e.application?.name),
      text(75, 'ApplicationId', 'other', (e) => e.application?.id),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.container,
    [
      text(76, 'ContainerId', 'other', (e) => e.container?.id),
      text(76, 'ContainerName', 'other', (e) => e.container?.name),
      text(76, 'ContainerImage', 'other', (e) => e.container?.image),
      text(76, 'KubernetesPod', 'other', (e) => e.container?.pod),
      text(76, 'KubernetesNamespace', 'other', (e) => e.container?.namespace),
      text(76, 'KubernetesCluster', 'other', (e) => e.container?.cluster),
    ],
  ),
  text(77, 'GroupName', 'other', (e) => e.group?.name ?? e.group?.id),
];

function dvcDomainType({ device }: SecurityEvent): string | undefined {
  if (device?.domain !== undefined) return 'FQDN';
  return device?.ntDomain === undefined ? undefined : 'Windows';
}

function dvcOsVersion({ device }: SecurityEvent): string | undefined {
  const known = [device?.osVersion, device?.osBuild].filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(' ');
}

/** 44, 45, 48: `CONTOSO\JSmith`, else the sign-in name, else the name alone. */
function username({ user }: SecurityEvent): string | undefined {
  if (user?.name !== undefined && user.domain !== undefined) return `${user.domain}\\${user.name}`;
  return user?.upn ?? user?.name;
}

function usernameType(event: SecurityEvent): string | undefined {
  const { user } = event;
  if (username(event) === undefined) return undefined;
  if (user?.name !== undefined && user.domain !== undefined) return 'Windows';
  return user?.upn === undefined ? 'Simple' : 'UPN';
}

function userIdType({ user }: SecurityEvent): string | undefined {
  if (user?.sid !== undefined) return 'SID';
  return user?.entraId === undefined ? undefined : 'GUID';
}
