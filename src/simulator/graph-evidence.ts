import { addMs, type Instant } from '../fields/instant.ts';
import type { AlertView } from './alert.ts';
import type { Device, Person } from './firm.ts';
import type { EvidenceItem, FileFacts, MailItem, ProcessItem, RegistryItem } from './stories/story.ts';
import { trimmed } from './times.ts';

type Json = Readonly<Record<string, unknown>>;

const namespace = '#microsoft.graph.security.';
/** Added after `unknownFutureValue`: named only on request (API reference §6.2, §6.4). */
const laterRemediationStatuses: ReadonlySet<string> = new Set([
  'active',
  'pendingApproval',
  'declined',
  'unremediated',
  'running',
  'partiallyRemediated',
]);

/** Returns a piece of evidence as Graph writes it (API reference §6.4). */
export function graphEvidence(item: EvidenceItem, view: AlertView, knowsUnknown: boolean): Json {
  const [type, facts] = facet(item, view);
  const remediation = item.remediation ?? 'none';
  return {
    '@odata.type': `${namespace}${type}`,
    createdDateTime: trimmed(evidenceTime(view)),
    verdict: item.verdict ?? 'suspicious',
    remediationStatus:
      !knowsUnknown && laterRemediationStatuses.has(remediation) ? 'unknownFutureValue' : remediation,
    remediationStatusDetails:
      remediation === 'prevented' ? 'Entity was pre-remediated by Windows Defender' : null,
    roles: item.roles ?? [],
    detailedRoles: item.detailedRoles ?? [],
    tags: item.kind === 'device' ? item.device.tags : [],
    ...facts,
  };
}

/** Returns when the evidence was written: after the alert, in SQL's steps. */
export function evidenceTime(view: AlertView): Instant {
  return view.alert.states[0].updated;
}

function facet(item: EvidenceItem, view: AlertView): [type: string, facts: Json] {
  switch (item.kind) {
    case 'device':
      return ['deviceEvidence', device(item.device, view)];
    case 'user':
      return ['userEvidence', { stream: null, userAccount: account(item.user) }];
    case 'process':
      return ['processEvidence', process(item, view)];
    case 'file':
      return [
        'fileEvidence',
        {
          detectionStatus: item.detection ?? null,
          mdeDeviceId: item.device?.id ?? null,
          fileDetails: fileDetails(item.file),
        },
      ];
    case 'ip':
      return [
        'ipEvidence',
        { ipAddress: item.address, countryLetterCode: item.country ?? null, location: null, stream: null },
      ];
    case 'url':
      return ['urlEvidence', { url: item.url }];
    case 'registry':
      return ['registryValueEvidence', registry(item)];
    case 'mail':
      return ['analyzedMessageEvidence', mail(item, view)];
    default:
      return otherFacet(item);
  }
}

function otherFacet(
  item: Exclude<
    EvidenceItem,
    { kind: 'device' | 'user' | 'process' | 'file' | 'ip' | 'url' | 'registry' | 'mail' }
  >,
): [type: string, facts: Json] {
  switch (item.kind) {
    case 'mailbox':
      return [
        'mailboxEvidence',
        {
          displayName: item.user.displayName,
          primaryAddress: item.user.upn,
          upn: item.user.upn,
          userAccount: account(item.user),
        },
      ];
    case 'mailCluster':
      return [
        'mailClusterEvidence',
        {
          clusterBy: item.by,
          clusterByValue: item.value,
          emailCount: item.count,
          networkMessageIds: [],
          query: item.query,
          urn: null,
        },
      ];
    case 'cloudApplication':
      return [
        'cloudApplicationEvidence',
        {
          appId: item.appId,
          displayName: item.name,
          instanceId: 0,
          instanceName: item.name,
          saasAppId: item.appId,
          stream: null,
        },
      ];
    case 'oauthApplication':
      return [
        'oauthApplicationEvidence',
        {
          appId: item.appId,
          displayName: item.name,
          objectId: item.appId,
          publisher: item.publisher,
        },
      ];
    case 'azureResource':
      return [
        'azureResourceEvidence',
        { resourceId: item.id, resourceName: item.name, resourceType: item.type },
      ];
    case 'other':
      return [item.type, item.body];
  }
}

function device(device: Device, view: AlertView): Json {
  const firstSeen = addMs(view.alert.created, -device.firstSeenDaysAgo * 86_400_000);
  return {
    firstSeenDateTime: trimmed(firstSeen),
    mdeDeviceId: device.id,
    azureAdDeviceId: device.entraId,
    deviceDnsName: `${device.hostName}.${device.dnsDomain}`,
    hostName: device.hostName,
    ntDomain: null,
    dnsDomain: device.dnsDomain,
    osPlatform: device.platform,
    osBuild: device.build === 0 ? null : device.build,
    version: device.version,
    healthStatus: 'active',
    riskScore: device.risk,
    rbacGroupId: device.groupId,
    rbacGroupName: device.group,
    onboardingStatus: 'onboarded',
    defenderAvStatus: 'updated',
    lastIpAddress: device.address,
    lastExternalIpAddress: '192.0.2.10',
    ipInterfaces: [device.address, 'fe80::10:20ff:fe30:4050', '127.0.0.1', '::1'],
    vmMetadata: null,
    loggedOnUsers: [{ accountName: device.owner.accountName, domainName: device.owner.domainName }],
  };
}

function account(person: Person): Json {
  return {
    accountName: person.accountName,
    domainName: person.domainName,
    userSid: person.sid,
    azureAdUserId: person.entraId,
    userPrincipalName: person.upn,
    displayName: person.displayName,
  };
}

function process(item: ProcessItem & EvidenceItem, view: AlertView): Json {
  const started = addMs(view.alert.firstActivity, item.startedAfterMs);
  return {
    processId: item.pid,
    parentProcessId: item.parentPid,
    processCommandLine: item.commandLine,
    processCreationDateTime: trimmed(started),
    parentProcessCreationDateTime: trimmed(addMs(started, -60_000 - item.startedAfterMs)),
    detectionStatus: item.detection ?? null,
    mdeDeviceId: item.device.id,
    imageFile: fileDetails(item.image),
    parentProcessImageFile: { ...fileDetails(item.parent), sha1: null, sha256: null, md5: null },
    userAccount: item.user === undefined ? systemAccount : account(item.user),
  };
}

const systemAccount: Json = {
  accountName: 'SYSTEM',
  domainName: 'NT AUTHORITY',
  userSid: 'S-1-5-18',
  azureAdUserId: null,
  userPrincipalName: null,
  displayName: null,
};

function fileDetails(file: FileFacts): Json {
  return {
    sha1: file.sha1,
    sha256: file.sha256,
    md5: file.md5,
    sha256Ac: null,
    fileName: file.name,
    filePath: file.folder,
    fileSize: file.size,
    filePublisher: file.publisher ?? null,
    signer: file.publisher ?? null,
    issuer: null,
  };
}

function registry(item: RegistryItem): Json {
  return {
    mdeDeviceId: item.device.id,
    registryKey: item.key,
    registryHive: item.hive,
    registryValue: item.value,
    registryValueName: item.name,
    registryValueType: item.type,
  };
}

function mail(item: MailItem, view: AlertView): Json {
  const domainName = item.sender.slice(item.sender.indexOf('@') + 1);
  const sender = { emailAddress: item.sender, displayName: item.senderName, domainName };
  return {
    networkMessageId: item.networkMessageId,
    internetMessageId: `<${item.networkMessageId.slice(0, 18)}@${domainName}>`,
    subject: item.subject,
    language: 'en',
    senderIp: item.senderIp,
    recipientEmailAddress: item.recipient.upn,
    antiSpamDirection: 'inbound',
    deliveryAction: item.deliveryAction,
    deliveryLocation: 'junkFolder',
    urn: `urn:MailEntity:${item.networkMessageId.replaceAll('-', '')}`,
    threats: item.threats,
    threatDetectionMethods: ['FileDetonation'],
    urls: item.urls,
    urlCount: item.urls.length,
    attachmentsCount: item.attachments,
    receivedDateTime: trimmed(view.alert.firstActivity),
    p1Sender: sender,
    p2Sender: sender,
  };
}
