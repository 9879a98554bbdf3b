import type { Evidence } from '../../event.ts';
import { type DocumentValue, field, rowsOf, type ValueRow } from '../document-row.ts';
import { date, ip, keyword, long, wildcard } from './ecs-types.ts';
import { registryHive, registryKey, registryType } from './ecs-values.ts';

/** One piece of evidence, under names like those that ECS has for the best of each kind. */
export const evidenceRows: readonly ValueRow<Evidence>[] = [
  part(undefined, 'type', (e) => e.type),
  field(83, 'createdDateTime', date, 'furtherEvidence', (e) => e.created),
  part(80, 'verdict', (e) => e.verdict),
  part(80, 'roles[]', (e) => e.roles),
  part(80, 'detailedRoles[]', (e) => e.detailedRoles),
  part(78, 'detectionStatus', (e) => e.detectionStatus),
  part(79, 'remediationStatus', (e) => e.remediationStatus),
  part(79, 'remediationStatusDetails', (e) => e.remediationDetails),
  part(undefined, 'tags[]', (e) => e.tags),
  ...rowsOf(
    (e: Evidence) => e.device,
    [
      part(33, 'host.name', (e) => e.device?.name ?? e.device?.shortName),
      part(35, 'host.id', (e) => e.device?.id),
      part(36, 'host.aadDeviceId', (e) => e.device?.entraId),
      field(37, 'host.ip[]', ip, 'furtherEvidence', (e) => e.device?.ipAddresses),
      part(39, 'host.os', (e) => e.device?.os),
      part(40, 'host.group', (e) => e.device?.group),
      part(42, 'host.risk', (e) => e.device?.riskScore),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.user,
    [
      part(44, 'user.name', (e) => e.user?.name),
      part(45, 'user.domain', (e) => e.user?.domain),
      part(46, 'user.sid', (e) => e.user?.sid),
      part(47, 'user.aadUserId', (e) => e.user?.entraId),
      part(48, 'user.email', (e) => e.user?.upn),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.file,
    [
      part(49, 'file.name', (e) => e.file?.name),
      part(50, 'file.path', (e) => e.file?.path ?? e.file?.folder),
      part(52, 'file.sha256', (e) => e.file?.sha256),
      part(51, 'file.sha1', (e) => e.file?.sha1),
      part(53, 'file.md5', (e) => e.file?.md5),
      field(54, 'file.size', long, 'furtherEvidence', (e) => e.file?.size),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.process,
    [
      part(55, 'process.name', (e) => e.process?.image?.name),
      part(55, 'process.path', (e) => e.process?.image?.path),
      part(55, 'process.sha256', (e) => e.process?.image?.sha256),
      part(55, 'process.sha1', (e) => e.process?.image?.sha1),
      field(56, 'process.commandLine', wildcard, 'furtherEvidence', (e) => e.process?.commandLine),
      field(57, 'process.pid', long, 'furtherEvidence', (e) => e.process?.pid),
      field(58, 'process.start', date, 'furtherEvidence', (e) => e.process?.started),
      field(59, 'process.parentPid', long, 'furtherEvidence', (e) => e.process?.parentPid),
      part(60, 'process.parentName', (e) => e.process?.parentImage?.name),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.network,
    [
      part(62, 'address', (e) => e.network?.remoteIp),
      part(62, 'sourceAddress', (e) => e.network?.sourceIp),
      part(63, 'sourcePort', (e) => e.network?.sourcePort),
      part(62, 'destinationAddress', (e) => e.network?.destinationIp),
      part(63, 'destinationPort', (e) => e.network?.destinationPort),
      part(63, 'protocol', (e) => e.network?.protocol),
    ],
  ),
  field(64, 'url', wildcard, 'furtherEvidence', (e) => e.url),
  part(65, 'domain', (e) => e.domainName),
  ...rowsOf(
    (e: Evidence) => e.registry,
    [
      part(66, 'registry.hive', registryHive),
      part(66, 'registry.key', registryKey),
      part(67, 'registry.value', (e) => e.registry?.valueName),
      part(67, 'registry.data', (e) => e.registry?.value),
      part(67, 'registry.type', registryType),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.message,
    [
      part(68, 'mail.subject', (e) => e.message?.subject),
      part(69, 'mail.sender', (e) => e.message?.sender),
      part(69, 'mail.envelopeSender', (e) => e.message?.envelopeSender),
      part(69, 'mail.senderIp', (e) => e.message?.senderIp),
      part(70, 'mail.recipient', (e) => e.message?.recipient),
      part(71, 'mail.internetMessageId', (e) => e.message?.internetMessageId),
      part(71, 'mail.networkMessageId', (e) => e.message?.networkMessageId),
      part(72, 'mail.deliveryAction', (e) => e.message?.deliveryAction),
      part(72, 'mail.deliveryLocation', (e) => e.message?.deliveryLocation),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.mailCluster,
    [
      part(82, 'mail_cluster.by', (e) => e.mailCluster?.by),
      part(82, 'mail_cluster.value', (e) => e.mailCluster?.value),
    ],
  ),
  part(73, 'mailbox', (e) => e.mailbox?.address),
  ...rowsOf(
    (e: Evidence) => e.cloudResource,
    [
      part(74, 'resource.id', (e) => e.cloudResource?.id),
      part(74, 'resource.name', (e) => e.cloudResource?.name),
      part(74, 'resource.type', (e) => e.cloudResource?.type),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.application,
    [
      part(75, 'application.name', (e) => e.application?.name),
      part(75, 'application.id', (e) => e.application?.id),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.container,
    [
      part(76, 'container.id', (e) => e.container?.id),
      part(76, 'container.name', (e) => e.container?.name),
      part(76, 'container.image', (e) => e.container?.image),
      part(76, 'container.pod', (e) => e.container?.pod),
      part(76, 'container.namespace', (e) => e.container?.namespace),
      part(76, 'container.cluster', (e) => e.container?.cluster),
    ],
  ),
  ...rowsOf(
    (e: Evidence) => e.group,
    [part(77, 'group.id', (e) => e.group?.id), part(77, 'group.name', (e) => e.group?.name)],
  ),
];

function part(
  fact: number | undefined,
  path: string,
  value: (evidence: Evidence) => DocumentValue,
): ValueRow<Evidence> {
  return field(fact, path, keyword, 'furtherEvidence', value);
}
