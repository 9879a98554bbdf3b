import { addMs } from '../fields/instant.ts';
import type { AlertView, SimulatedDetection } from './alert.ts';
import type { Device } from './firm.ts';
import { detectorId } from './graph-alert.ts';
import { type Random, randomOf } from './random.ts';
import type { Chapter, EvidenceItem, FileFacts } from './stories/story.ts';
import { trimmed } from './times.ts';

const portal = 'https://securitycenter.windows.com';
const newPortal = 'https://security.microsoft.com';

/** Returns `FullId`, the identity of a detection. */
export function detectionId(detection: SimulatedDetection): string {
  return `${detection.alert.id}:${iocId(detection)}`;
}

/** Returns a detection as the SIEM API of 2020 writes it (API reference §3.4): `""` for no value. */
export function siemDetection(
  detection: SimulatedDetection,
  view: AlertView,
): Readonly<Record<string, unknown>> {
  const { alert, part } = detection;
  const { chapter } = alert;
  const device = chapter.device(view.cast);
  const user = chapter.user(view.cast);
  const facts = randomOf(alert.telling, 'detection', alert.chapterNumber, part);
  const threat = threatFacts(chapter, facts);
  const machine = machineFacts(device);
  const file = fileFacts(view, part);
  const byAlert = `incidents/byalert?alertId=${alert.id}&source=SIEM`;
  return {
    AlertTime: trimmed(addMs(alert.firstActivity, part * 1000)),
    ComputerDnsName: machine.ComputerDnsName,
    AlertTitle: chapter.title,
    Category: chapter.category,
    Severity: chapter.severity.charAt(0).toUpperCase() + chapter.severity.slice(1),
    AlertId: alert.id,
    Actor: chapter.actor ?? '',
    LinkToWDATP: `${portal}/alert/${alert.id}`,
    IocName: chapter.detection === 'customTi' ? 'Simulated indicator' : '',
    IocValue: chapter.detection === 'customTi' ? view.cast.attackerHost : '',
    CreatorIocName: '',
    CreatorIocValue: '',
    Sha1: file.Sha1,
    FileName: file.FileName,
    FilePath: file.FilePath,
    IpAddress: find(view, 'ip')?.address ?? '',
    Url: find(view, 'url')?.url ?? '',
    IoaDefinitionId: detectorId(chapter.title),
    UserName: user?.accountName ?? '',
    AlertPart: part,
    FullId: detectionId(detection),
    LastProcessedTimeUtc: trimmed(detection.processed),
    ThreatCategory: threat.ThreatCategory,
    ThreatFamily: threat.ThreatFamily,
    ThreatName: threat.ThreatName,
    RemediationAction: threat.RemediationAction,
    RemediationIsSuccess: threat.RemediationIsSuccess,
    Source: threat.Source,
    Md5: file.Md5,
    Sha256: file.Sha256,
    WasExecutingWhileDetected: threat.WasExecutingWhileDetected,
    UserDomain: user?.domainName ?? '',
    LogOnUsers: machine.LogOnUsers,
    MachineDomain: machine.MachineDomain,
    MachineName: machine.MachineName,
    InternalIPv4List: machine.InternalIPv4List,
    InternalIPv6List: machine.InternalIPv6List,
    FileHash: file.Sha1,
    DeviceID: machine.DeviceID,
    MachineGroup: machine.MachineGroup,
    Description: chapter.description,
    DeviceCreatedMachineTags: machine.DeviceCreatedMachineTags,
    CloudCreatedMachineTags: '',
    CommandLine: find(view, 'process')?.commandLine ?? '',
    IncidentLinkToWDATP: `${portal}/${byAlert}`,
    ReportID: facts.between(1, 2_000_000_000),
    LinkToMTP: `${newPortal}/alert/${alert.id}`,
    IncidentLinkToMTP: `${newPortal}/${byAlert}`,
    ExternalId: facts.hex(40).toUpperCase(),
    IocUniqueId: iocId(detection),
  };
}

function iocId({ alert, part }: SimulatedDetection): string {
  const digits = randomOf(alert.telling, 'ioc', alert.chapterNumber, part).hex(64);
  return Buffer.from(digits, 'hex').toString('base64');
}

function machineFacts(device: Device | undefined) {
  if (device === undefined) return noMachine;
  return {
    ComputerDnsName: `${device.hostName}.${device.dnsDomain}`,
    LogOnUsers: `${device.owner.domainName}\\${device.owner.accountName}`,
    MachineDomain: device.dnsDomain,
    MachineName: device.hostName,
    InternalIPv4List: `${device.address};127.0.0.1`,
    InternalIPv6List: 'fe80::10:20ff:fe30:4050;::1',
    DeviceID: device.id,
    MachineGroup: device.group,
    DeviceCreatedMachineTags: device.tags[0] ?? '',
  };
}

const noMachine = {
  ComputerDnsName: '',
  LogOnUsers: '',
  MachineDomain: '',
  MachineName: '',
  InternalIPv4List: '',
  InternalIPv6List: '',
  DeviceID: '',
  MachineGroup: '',
  DeviceCreatedMachineTags: '',
};

function threatFacts(chapter: Chapter, facts: Random) {
  const antivirus = chapter.detection === 'antivirus';
  return {
    ThreatCategory: chapter.threatName?.split(':')[0] ?? '',
    ThreatFamily: chapter.threatFamily ?? '',
    ThreatName: chapter.threatName ?? '',
    RemediationAction: antivirus ? 'Quarantine' : '',
    RemediationIsSuccess: antivirus ? true : null,
    Source: antivirus ? 'Antivirus' : chapter.detection === 'customTi' ? 'CustomerTI' : 'EDR',
    WasExecutingWhileDetected: antivirus ? facts.chance(0.3) : null,
  };
}

/** The file that this part is about, else the image of the alert's process. */
function fileFacts(view: AlertView, part: number) {
  const grown = view.evidence.length - (view.alert.chapter.grows ?? 0);
  const item = part === 0 ? undefined : view.evidence[grown + part - 1];
  const file = fileIn(item) ?? fileIn(view.evidence[0]) ?? find(view, 'process')?.image;
  return {
    FileName: file?.name ?? '',
    FilePath: file?.folder ?? '',
    Sha1: file?.sha1 ?? '',
    Md5: file?.md5 ?? '',
    Sha256: file?.sha256 ?? '',
  };
}

function fileIn(item: EvidenceItem | undefined): FileFacts | undefined {
  if (item?.kind === 'file') return item.file;
  return item?.kind === 'process' ? item.image : undefined;
}

function find<K extends EvidenceItem['kind']>(
  view: AlertView,
  kind: K,
): Extract<EvidenceItem, { kind: K }> | undefined {
  return view.evidence.find((item): item is Extract<EvidenceItem, { kind: K }> => item.kind === kind);
}
