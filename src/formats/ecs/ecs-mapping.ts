import { recordIdentity, type SecurityEvent } from '../../event.ts';
import { tacticOf, techniquesOf } from '../attack.ts';
import { type DocumentRow, field, rowsOf } from '../document-row.ts';
import * as facts from '../facts.ts';
import { oncePerEvent } from '../once-per-event.ts';
import { ecsSeverity } from '../severity.ts';
import { classOf, datasetWords, ecsModule, eventAction, eventKind, outcome } from './ecs-category.ts';
import { indicatorName, indicatorType, indicatorValue } from './ecs-indicator.ts';
import { relatedHashes, relatedHosts, relatedIps, relatedUsers } from './ecs-related.ts';
import { boolean, date, ip, keyword, long, matchOnlyText, port, wildcard } from './ecs-types.ts';
import * as values from './ecs-values.ts';

/** The version of ECS that the fields are those of. */
export const ecsVersion = '9.4.0';

const framework = 'MITRE ATT&CK';
const happening = oncePerEvent(classOf);
const attack = oncePerEvent((event) => techniquesOf(event.techniques));

/** What every document begins with: when, and what kind of happening (formats reference §6.2). */
export const ecsHead: readonly DocumentRow[] = [
  field(31, '@timestamp', date, 'kept', values.timestamp),
  field(undefined, 'ecs.version', keyword, 'kept', () => ecsVersion),
  field(undefined, 'event.kind', keyword, 'kept', eventKind),
  field(undefined, 'event.category[]', keyword, 'kept', (e) => happening(e).categories),
  field(undefined, 'event.type[]', keyword, 'kept', (e) => happening(e).types),
  field(undefined, 'event.module', keyword, 'kept', () => ecsModule),
  field(undefined, 'event.dataset', keyword, 'kept', (e) => `${ecsModule}.${datasetWords[e.kind]}`),
  field(1, 'event.id', keyword, 'kept', recordIdentity),
  field(6, 'event.severity', long, 'kept', (e) => String(ecsSeverity[e.severity])),
];

/**
 * The fields of ECS, those of most use first (formats reference §11.3, column ECS). Evidence of which there may be
 * several stands here by the best of its kind; all of it is under the own root and in `related`.
 */
export const ecsMapping: readonly DocumentRow[] = [
  ...ecsHead,
  field(78, 'event.action', keyword, 'other', eventAction),
  field(79, 'event.outcome', keyword, 'other', outcome),
  field(12, 'event.provider', keyword, 'other', (e) => e.serviceSource ?? e.product),
  field(14, 'event.code', keyword, 'other', (e) => e.detectorId),
  field(30, 'event.created', date, 'kept', (e) => e.created),
  field(28, 'event.start', date, 'kept', (e) => e.firstActivity),
  field(29, 'event.end', date, 'kept', (e) => e.lastActivity),
  field(29, 'event.duration', long, 'other', values.duration),
  field(19, 'event.url', keyword, 'kept', (e) => e.alertUrl),
  field(20, 'event.reference', keyword, 'other', (e) => e.incidentUrl),
  field(5, 'message', matchOnlyText, 'description', (e) => e.description ?? e.title),
  field(4, 'rule.name', keyword, 'kept', (e) => e.title),
  field(14, 'rule.id', keyword, 'other', (e) => e.detectorId),
  field(7, 'rule.category', keyword, 'kept', (e) => e.category),
  field(26, 'organization.id', keyword, 'kept', (e) => e.tenantId),
  field(12, 'observer.vendor', keyword, 'other', () => 'Microsoft'),
  field(12, 'observer.product', keyword, 'other', (e) => e.product),
  field(13, 'observer.name', keyword, 'other', facts.detectionSource),
  // threat
  field(8, 'threat.framework', keyword, 'other', (e) => (isAttack(e) ? framework : undefined)),
  field(7, 'threat.tactic.id[]', keyword, 'other', (e) => tacticOf(e.category)?.id),
  field(7, 'threat.tactic.name[]', keyword, 'other', (e) => tacticOf(e.category)?.name),
  field(8, 'threat.technique.id[]', keyword, 'kept', (e) => attack(e).techniques),
  field(8, 'threat.technique.subtechnique.id[]', keyword, 'kept', (e) => attack(e).subtechniques),
  field(15, 'threat.software.name', keyword, 'other', (e) => e.threatName),
  field(17, 'threat.group.name', keyword, 'other', (e) => e.actor),
  ...rowsOf(
    (e: SecurityEvent) => e.indicator,
    [
      field(27, 'threat.indicator.type', keyword, 'other', indicatorType),
      field(27, 'threat.indicator.name', keyword, 'other', indicatorName),
      field(27, 'threat.indicator.id[]', keyword, 'other', (e) => e.indicator?.uniqueId),
      field(27, 'threat.indicator.ip', ip, 'other', indicatorName),
      field(27, 'threat.indicator.url.full', wildcard, 'other', (e) => indicatorValue(e, 'url')),
      field(27, 'threat.indicator.url.domain', keyword, 'other', (e) => indicatorValue(e, 'domainname')),
      field(27, 'threat.indicator.file.hash.sha1', keyword, 'other', (e) => indicatorValue(e, 'filesha1')),
      field(27, 'threat.indicator.file.hash.sha256', keyword, 'other', (e) =>
        indicatorValue(e, 'filesha256'),
      ),
      field(27, 'threat.indicator.file.hash.md5', keyword, 'other', (e) => indicatorValue(e, 'filemd5')),
    ],
  ),
  // device
  ...rowsOf(
    (e: SecurityEvent) => e.device,
    [
      field(33, 'host.name', keyword, 'kept', (e) => e.device?.name ?? e.device?.shortName),
      field(33, 'host.hostname', keyword, 'other', (e) => e.device?.shortName),
      field(34, 'host.domain', keyword, 'other', (e) => e.device?.domain ?? e.device?.ntDomain),
      field(35, 'host.id', keyword, 'kept', (e) => e.device?.id),
      field(37, 'host.ip[]', ip, 'other', (e) => e.device?.ipAddresses),
      field(39, 'host.os.type', keyword, 'other', values.osType),
      field(39, 'host.os.name', keyword, 'other', (e) => e.device?.os),
      field(39, 'host.os.version', keyword, 'other', (e) => e.device?.osVersion),
      field(39, 'host.os.full', keyword, 'other', facts.operatingSystem),
      field(42, 'host.risk.static_level', keyword, 'other', (e) => e.device?.riskScore),
      field(36, 'device.id', keyword, 'other', (e) => e.device?.entraId),
    ],
  ),
  // user
  ...rowsOf(
    (e: SecurityEvent) => e.user,
    [
      field(44, 'user.name', keyword, 'kept', (e) => e.user?.name),
      field(45, 'user.domain', keyword, 'kept', (e) => e.user?.domain),
      field(46, 'user.id', keyword, 'kept', (e) => e.user?.sid ?? e.user?.entraId),
    ],
  ),
  field(48, 'user.email', keyword, 'kept', (e) => e.user?.upn ?? e.mailbox?.address),
  field(undefined, 'user.full_name', keyword, 'other', (e) => e.user?.displayName),
  ...rowsOf(
    (e: SecurityEvent) => e.group,
    [
      field(77, 'group.name', keyword, 'other', (e) => e.group?.name),
      field(77, 'group.id', keyword, 'other', (e) => e.group?.id),
    ],
  ),
  // process
  ...rowsOf(
    (e: SecurityEvent) => e.process,
    [
      field(55, 'process.name', keyword, 'other', (e) => e.process?.image?.name),
      field(55, 'process.executable', keyword, 'other', (e) => e.process?.image?.path),
      field(57, 'process.pid', long, 'other', (e) => e.process?.pid),
      field(56, 'process.command_line', wildcard, 'commandLine', (e) => e.process?.commandLine),
      field(58, 'process.start', date, 'other', (e) => e.process?.started),
      field(55, 'process.hash.sha256', keyword, 'other', (e) => e.process?.image?.sha256),
      field(55, 'process.hash.sha1', keyword, 'sha1', (e) => e.process?.image?.sha1),
      field(55, 'process.hash.md5', keyword, 'md5', (e) => e.process?.image?.md5),
      field(undefined, 'process.user.name', keyword, 'other', (e) => e.process?.user?.name),
      field(
        undefined,
        'process.user.id',
        keyword,
        'other',
        (e) => e.process?.user?.sid ?? e.process?.user?.entraId,
      ),
      field(60, 'process.parent.name', keyword, 'parentProcess', (e) => e.process?.parentImage?.name),
      field(60, 'process.parent.executable', keyword, 'parentProcess', (e) => e.process?.parentImage?.path),
      field(
        60,
        'process.parent.hash.sha256',
        keyword,
        'parentProcess',
        (e) => e.process?.parentImage?.sha256,
      ),
      field(60, 'process.parent.hash.sha1', keyword, 'parentProcess', (e) => e.process?.parentImage?.sha1),
      field(59, 'process.parent.pid', long, 'parentProcess', (e) => e.process?.parentPid),
      field(59, 'process.parent.start', date, 'parentProcess', (e) => e.process?.parentStarted),
    ],
  ),
  // file
  ...rowsOf(
    (e: SecurityEvent) => e.file,
    [
      field(49, 'file.name', keyword, 'other', (e) => e.file?.name),
      field(50, 'file.path', keyword, 'filePath', (e) => e.file?.path),
      field(50, 'file.directory', keyword, 'other', (e) => values.directory(e.file)),
      field(undefined, 'file.extension', keyword, 'other', (e) => values.extension(e.file)),
      field(52, 'file.hash.sha256', keyword, 'kept', (e) => e.file?.sha256),
      field(51, 'file.hash.sha1', keyword, 'sha1', (e) => e.file?.sha1),
      field(53, 'file.hash.md5', keyword, 'md5', (e) => e.file?.md5),
      field(54, 'file.size', long, 'other', (e) => e.file?.size),
      field(54, 'file.code_signature.subject_name', keyword, 'fileSignature', facts.fileSigner),
      field(
        54,
        'file.code_signature.exists',
        boolean,
        'fileSignature',
        (e) => e.file?.signer !== undefined || undefined,
      ),
    ],
  ),
  // network
  field(62, 'source.ip', ip, 'other', facts.sourceIp),
  field(62, 'source.address', keyword, 'other', facts.sourceIp),
  ...rowsOf(
    (e: SecurityEvent) => e.network,
    [
      field(63, 'source.port', port, 'other', (e) => e.network?.sourcePort),
      field(undefined, 'source.geo.country_iso_code', keyword, 'other', (e) => values.countryCode(e, false)),
    ],
  ),
  field(62, 'destination.ip', ip, 'other', facts.destinationIp),
  field(62, 'destination.address', keyword, 'other', (e) => facts.destinationIp(e) ?? e.domainName),
  field(63, 'destination.port', port, 'other', (e) => e.network?.destinationPort),
  field(65, 'destination.domain', keyword, 'other', (e) => e.domainName),
  ...rowsOf(
    (e: SecurityEvent) => e.network,
    [
      field(undefined, 'destination.geo.country_iso_code', keyword, 'other', (e) =>
        values.countryCode(e, true),
      ),
      field(63, 'network.transport', keyword, 'other', (e) => values.protocol(e, true)),
      field(63, 'network.protocol', keyword, 'other', (e) => values.protocol(e, false)),
    ],
  ),
  field(65, 'dns.question.name', keyword, 'other', (e) => e.domainName),
  ...rowsOf(
    (e: SecurityEvent) => e.url,
    [
      field(64, 'url.full', wildcard, 'longUrl', (e) => e.url),
      field(64, 'url.original', wildcard, 'longUrl', (e) => e.url),
      field(64, 'url.scheme', keyword, 'other', (e) => values.urlPart(e, 'scheme')),
      field(64, 'url.domain', keyword, 'other', (e) => values.urlPart(e, 'domain')),
      field(64, 'url.port', port, 'other', (e) => values.urlPart(e, 'port')),
      field(64, 'url.path', wildcard, 'longUrl', (e) => values.urlPart(e, 'path')),
      field(64, 'url.query', keyword, 'longUrl', (e) => values.urlPart(e, 'query')),
    ],
  ),
  // registry
  ...rowsOf(
    (e: SecurityEvent) => e.registry,
    [
      field(66, 'registry.hive', keyword, 'registry', values.registryHive),
      field(66, 'registry.key', keyword, 'registry', values.registryKey),
      field(66, 'registry.path', keyword, 'registry', values.registryPath),
      field(67, 'registry.value', keyword, 'registry', (e) => e.registry?.valueName),
      field(67, 'registry.data.strings[]', wildcard, 'registry', (e) => e.registry?.value),
      field(67, 'registry.data.type', keyword, 'registry', values.registryType),
    ],
  ),
  // mail
  ...rowsOf(
    (e: SecurityEvent) => e.message,
    [
      field(68, 'email.subject', keyword, 'other', (e) => e.message?.subject),
      field(69, 'email.from.address[]', keyword, 'other', (e) => e.message?.sender),
      field(69, 'email.sender.address', keyword, 'other', (e) => e.message?.envelopeSender),
      field(70, 'email.to.address[]', keyword, 'other', (e) => e.message?.recipient),
      field(71, 'email.message_id', wildcard, 'other', (e) => values.messageId(e.message?.internetMessageId)),
      field(71, 'email.local_id', keyword, 'other', (e) => e.message?.networkMessageId),
      field(72, 'email.direction', keyword, 'other', (e) => values.mailDirection(e.message?.direction)),
      field(72, 'email.delivery_timestamp', date, 'other', (e) => e.message?.received),
    ],
  ),
  // cloud
  field(
    74,
    'cloud.provider',
    keyword,
    'other',
    (e) => e.cloudResource?.provider ?? e.device?.cloudProvider?.toLowerCase(),
  ),
  field(26, 'cloud.account.id', keyword, 'other', account),
  field(81, 'cloud.instance.id', keyword, 'other', (e) => e.device?.vmId),
  ...rowsOf(
    (e: SecurityEvent) => e.application,
    [
      field(75, 'cloud.service.name', keyword, 'other', (e) => e.application?.name),
      field(75, 'service.name', keyword, 'other', (e) => e.application?.name),
      field(75, 'service.id', keyword, 'other', (e) => e.application?.id),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.container,
    [
      field(76, 'container.id', keyword, 'other', (e) => e.container?.id),
      field(76, 'container.name', keyword, 'other', (e) => e.container?.name),
      field(76, 'container.image.name', keyword, 'other', (e) => e.container?.image),
      field(76, 'orchestrator.cluster.name', keyword, 'other', (e) => e.container?.cluster),
      field(76, 'orchestrator.namespace', keyword, 'other', (e) => e.container?.namespace),
      field(76, 'orchestrator.resource.name', keyword, 'other', (e) => e.container?.pod),
      field(76, 'orchestrator.resource.type', keyword, 'other', (e) =>
        e.container?.pod === undefined ? undefined : 'pod',
      ),
    ],
  ),
  // all that can be looked for from another record
  field(25, 'tags[]', keyword, 'tags', (e) => e.tags),
  field(44, 'related.user[]', keyword, 'other', relatedUsers),
  field(33, 'related.hosts[]', keyword, 'other', relatedHosts),
  field(37, 'related.ip[]', ip, 'other', relatedIps),
  field(51, 'related.hash[]', keyword, 'other', relatedHashes),
];

function isAttack(event: SecurityEvent): boolean {
  return tacticOf(event.category) !== undefined || attack(event).techniques.length > 0;
}

/** 74, 81, 26: the account of the resource, else of the machine, else the tenant, as the common integrations have it. */
function account(event: SecurityEvent): string | undefined {
  return event.cloudResource?.account ?? event.device?.subscriptionId ?? event.tenantId;
}
