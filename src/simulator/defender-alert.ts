import { addMs } from '../fields/instant.ts';
import type { AlertView, VisibleAlert } from './alert.ts';
import type { Person } from './firm.ts';
import { detectorId, lastActivity } from './graph-alert.ts';
import { evidenceTime } from './graph-evidence.ts';
import type { FilterValue } from './odata-filter.ts';
import type { EvidenceItem } from './stories/story.ts';
import { trimmed } from './times.ts';

type Json = Readonly<Record<string, unknown>>;

/** Detection sources, from Graph's words to those of the Defender hosts (API reference §4.3). */
const detectionSources: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'WindowsDefenderAtp',
  antivirus: 'WindowsDefenderAv',
  smartScreen: 'WindowsDefenderSmartScreen',
  customTi: 'CustomerTI',
  customDetection: 'CustomDetection',
  automatedInvestigation: 'AutomatedInvestigation',
};
/** Determinations whose names differ between the two (API reference §4.5, §6.3); the others differ in their first letter. */
const determinations: Readonly<Record<string, string>> = {
  compromisedAccount: 'CompromisedUser',
  notMalicious: 'Clean',
  notEnoughDataToValidate: 'InsufficientData',
  confirmedActivity: 'ConfirmedUserActivity',
};

/** Returns an alert as the Defender hosts write it (API reference §4.3); its evidence only when `expanded`. */
export function defenderAlert(view: AlertView, expanded: boolean): Json {
  const { alert, state, cast, tenantId } = view;
  const { chapter } = alert;
  const device = chapter.device(cast);
  const user = chapter.user(cast);
  const resolved = state.resolved === null ? null : trimmed(state.resolved);
  return {
    id: alert.id,
    incidentId: state.incidentId,
    investigationId: investigationId(view),
    assignedTo: state.assignedTo,
    severity: capital(state.severity),
    status: capital(state.status),
    classification: state.classification === null ? null : capital(state.classification),
    determination: determination(state.determination),
    investigationState: state.investigationState === null ? null : capital(state.investigationState),
    detectionSource: detectionSources[chapter.detection] ?? 'MTP',
    detectorId: detectorId(chapter.title),
    category: chapter.category,
    threatFamilyName: chapter.threatFamily ?? null,
    title: chapter.title,
    description: chapter.description,
    alertCreationTime: trimmed(alert.created),
    firstEventTime: trimmed(alert.firstActivity),
    lastEventTime: trimmed(lastActivity(alert.firstActivity)),
    lastUpdateTime: trimmed(state.updated),
    resolvedTime: resolved,
    machineId: device?.id ?? null,
    computerDnsName: device === undefined ? null : `${device.hostName}.${device.dnsDomain}`,
    rbacGroupName: device?.group ?? null,
    aadTenantId: tenantId,
    threatName: chapter.threatName ?? null,
    mitreTechniques: chapter.techniques,
    relatedUser: user === undefined ? null : { userName: user.accountName, domainName: user.domainName },
    loggedOnUsers:
      device === undefined
        ? []
        : [{ accountName: device.owner.accountName, domainName: device.owner.domainName }],
    comments: state.comments.map((comment) => ({
      comment: comment.text,
      createdBy: comment.by,
      createdTime: trimmed(comment.at),
    })),
    evidence: expanded ? view.evidence.map((item) => evidence(item, view)) : [],
  };
}

/** Returns a property that the Defender hosts can filter by (API reference §4.2), without writing the whole alert. */
export function defenderProperty(visible: VisibleAlert, property: string): FilterValue {
  const { alert, state } = visible;
  switch (property) {
    case 'alertCreationTime':
      return alert.created;
    case 'lastUpdateTime':
      return state.updated;
    case 'lastEventTime':
      return lastActivity(alert.firstActivity);
    case 'id':
      return alert.id;
    case 'incidentId':
      return state.incidentId;
    case 'investigationId':
      return investigationId(visible);
    case 'assignedTo':
      return state.assignedTo;
    case 'detectionSource':
      return detectionSources[alert.chapter.detection] ?? 'MTP';
    case 'status':
      return capital(state.status);
    case 'severity':
      return capital(state.severity);
    case 'category':
      return alert.chapter.category;
    default:
      return null;
  }
}

/** An automated investigation has its number as soon as it runs. */
function investigationId({ alert, state }: VisibleAlert): number | null {
  if (state.investigationState === null || state.investigationState === 'queued') return null;
  return state.incidentId * 10 + alert.chapterNumber;
}

function determination(name: string | null): string | null {
  return name === null ? null : (determinations[name] ?? capital(name));
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function evidence(item: EvidenceItem, view: AlertView): Json {
  return {
    ...noFacts,
    evidenceCreationTime: trimmed(evidenceTime(view)),
    detectionStatus: item.detection === undefined ? null : capital(item.detection),
    ...facts(item, view),
  };
}

/** Every key is always there, null where it says nothing (API reference §4.3). */
const noFacts: Json = {
  entityType: null,
  evidenceCreationTime: null,
  sha1: null,
  sha256: null,
  fileName: null,
  filePath: null,
  processId: null,
  processCommandLine: null,
  processCreationTime: null,
  parentProcessId: null,
  parentProcessCreationTime: null,
  parentProcessFileName: null,
  parentProcessFilePath: null,
  ipAddress: null,
  url: null,
  registryKey: null,
  registryHive: null,
  registryValueType: null,
  registryValue: null,
  registryValueName: null,
  accountName: null,
  domainName: null,
  userSid: null,
  aadUserId: null,
  userPrincipalName: null,
  detectionStatus: null,
};

function facts(item: EvidenceItem, view: AlertView): Json {
  switch (item.kind) {
    case 'user':
      return { entityType: 'User', ...account(item.user) };
    case 'process': {
      const started = addMs(view.alert.firstActivity, item.startedAfterMs);
      return {
        entityType: 'Process',
        sha1: item.image.sha1,
        sha256: item.image.sha256,
        fileName: item.image.name,
        filePath: item.image.folder,
        processId: item.pid,
        processCommandLine: item.commandLine,
        processCreationTime: trimmed(started),
        parentProcessId: item.parentPid,
        parentProcessCreationTime: trimmed(addMs(started, -60_000 - item.startedAfterMs)),
        parentProcessFileName: item.parent.name,
        parentProcessFilePath: item.parent.folder,
        ...(item.user === undefined ? {} : account(item.user)),
      };
    }
    case 'file':
      return {
        entityType: 'File',
        sha1: item.file.sha1,
        sha256: item.file.sha256,
        fileName: item.file.name,
        filePath: item.file.folder,
      };
    case 'ip':
      return { entityType: 'Ip', ipAddress: item.address };
    case 'url':
      return { entityType: 'Url', url: item.url };
    case 'registry':
      return {
        entityType: 'Registry',
        registryKey: item.key,
        registryHive: item.hive,
        registryValueType: item.type,
        registryValue: item.value,
        registryValueName: item.name,
      };
    case 'device':
      return { entityType: 'Machine' };
    default:
      return { entityType: capital(item.kind) };
  }
}

function account(person: Person): Json {
  return {
    accountName: person.accountName,
    domainName: person.domainName,
    userSid: person.sid,
    aadUserId: person.entraId,
    userPrincipalName: person.upn,
  };
}
