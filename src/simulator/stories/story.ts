import type { Device, Firm, Person } from '../firm.ts';
import { type Random, randomOf } from '../random.ts';

/** A file as evidence names it. */
export interface FileFacts {
  readonly name: string;
  readonly folder: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly md5: string;
  readonly size: number;
  readonly publisher: string | undefined;
}

/** What all evidence has in common. Defaults: verdict `suspicious`, remediation `none`, no roles. */
interface EvidenceBasis {
  readonly verdict?: 'unknown' | 'suspicious' | 'malicious' | 'noThreatsFound';
  readonly remediation?: string;
  readonly detection?: 'detected' | 'blocked' | 'prevented';
  readonly roles?: readonly string[];
  readonly detailedRoles?: readonly string[];
}

/** One piece of evidence, before an API gives it its shape. */
export type EvidenceItem = EvidenceBasis &
  (
    | { readonly kind: 'device'; readonly device: Device }
    | { readonly kind: 'user'; readonly user: Person }
    | ProcessItem
    | { readonly kind: 'file'; readonly file: FileFacts; readonly device: Device | undefined }
    | { readonly kind: 'ip'; readonly address: string; readonly country: string | undefined }
    | { readonly kind: 'url'; readonly url: string }
    | RegistryItem
    | MailItem
    | { readonly kind: 'mailbox'; readonly user: Person }
    | {
        readonly kind: 'mailCluster';
        readonly by: string;
        readonly value: string;
        readonly count: number;
        readonly query: string;
      }
    | { readonly kind: 'cloudApplication'; readonly name: string; readonly appId: number }
    | {
        readonly kind: 'oauthApplication';
        readonly name: string;
        readonly appId: string;
        readonly publisher: string;
      }
    | {
        readonly kind: 'azureResource';
        readonly id: string;
        readonly name: string;
        readonly type: string;
      }
    /** A type that is none of the published ones: readers must let it pass. */
    | { readonly kind: 'other'; readonly type: string; readonly body: Readonly<Record<string, unknown>> }
  );

/** A process; times are milliseconds after the alert's first activity. */
export interface ProcessItem {
  readonly kind: 'process';
  readonly image: FileFacts;
  readonly commandLine: string;
  readonly pid: number;
  readonly startedAfterMs: number;
  readonly parent: FileFacts;
  readonly parentPid: number;
  readonly user: Person | undefined;
  readonly device: Device;
}

/** A registry value. */
export interface RegistryItem {
  readonly kind: 'registry';
  readonly hive: string;
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly type: string;
  readonly device: Device;
}

/** A mail that was analysed. */
export interface MailItem {
  readonly kind: 'mail';
  readonly sender: string;
  readonly senderName: string;
  readonly senderIp: string;
  readonly recipient: Person;
  readonly subject: string;
  readonly urls: readonly string[];
  readonly attachments: number;
  readonly networkMessageId: string;
  readonly deliveryAction: string;
  readonly threats: readonly string[];
}

/** Which product raises an alert, in Graph's words (API reference §6.3). */
export type ServiceSource =
  | 'microsoftDefenderForEndpoint'
  | 'microsoftDefenderForIdentity'
  | 'microsoftDefenderForCloudApps'
  | 'microsoftDefenderForOffice365'
  | 'microsoft365Defender'
  | 'azureAdIdentityProtection'
  | 'dataLossPrevention'
  | 'microsoftDefenderForCloud'
  | 'microsoftSentinel';

/** Severities that the simulator gives, in Graph's words. */
export type StorySeverity = 'informational' | 'low' | 'medium' | 'high';

/** Who and what one telling of a story is about; the same for the same telling. */
export interface Cast {
  readonly firm: Firm;
  readonly victim: Person;
  readonly admin: Person;
  readonly device: Device;
  readonly second: Device;
  readonly server: Device;
  readonly domainController: Device;
  readonly attackerIp: string;
  readonly attackerCountry: string;
  readonly attackerHost: string;
  /** The lure or tool of the attacker; its name differs from telling to telling. */
  readonly malware: FileFacts;
  /** A stream for the facts of one chapter: the same each time the chapter is read. */
  facts(chapter: number): Random;
}

/** One alert of a story. */
export interface Chapter {
  /** Seconds from the story's beginning to this alert, least and most. */
  readonly after: readonly [number, number];
  readonly title: string;
  readonly description: string;
  readonly recommendedActions?: string;
  readonly category: string;
  readonly techniques: readonly string[];
  readonly severity: StorySeverity;
  readonly service: ServiceSource;
  /** In Graph's words. */
  readonly detection: string;
  readonly threatName?: string;
  readonly threatFamily?: string;
  readonly actor?: string;
  /** Seconds from the event to the alert: hours or days for a device that was offline; negative when its clock is ahead. */
  readonly late?: readonly [number, number];
  /** The device at the centre, for the APIs that know one device per alert. */
  device(cast: Cast): Device | undefined;
  user(cast: Cast): Person | undefined;
  /** The best evidence first; the last `grows` pieces come with a later update. */
  evidence(cast: Cast, facts: Random): readonly EvidenceItem[];
  readonly grows?: number;
}

/** A believable sequence of alerts. */
export interface Story {
  readonly name: string;
  /** How often it is told, beside the others. */
  readonly weight: number;
  readonly chapters: readonly Chapter[];
}

/** TEST-NET addresses and reserved names only: nothing simulated points at anybody (RFC 5737, RFC 2606). */
const attackerNets = ['203.0.113', '198.51.100', '192.0.2'] as const;
const lureNames = ['invoice', 'statement', 'remittance', 'payslip', 'contract', 'delivery-note'] as const;
const hostWords = ['cdn', 'update', 'assets', 'telemetry', 'login', 'files'] as const;

/** Returns the cast of telling `seed` (unique to the telling) in `firm`. */
export function castOf(firm: Firm, seed: string): Cast {
  const random = randomOf(seed, 'cast');
  const device = firm.anyWorkstation(random);
  return {
    firm,
    victim: device.owner,
    admin: firm.person(random.between(0, 9)),
    device,
    second: firm.anyWorkstation(random),
    server: firm.anyServer(random),
    domainController: firm.server(0),
    attackerIp: `${random.pick(attackerNets)}.${random.between(1, 254)}`,
    attackerCountry: random.pick(['RU', 'CN', 'KP', 'IR', 'NL', 'US', 'BR']),
    attackerHost: `${random.pick(hostWords)}-${random.hex(5)}.attacker.example`,
    malware: fileOf(
      random,
      `${random.pick(lureNames)}_${random.between(1000, 9999)}.exe`,
      `C:\\Users\\${device.owner.accountName}\\AppData\\Local\\Temp`,
    ),
    facts: (chapter) => randomOf(seed, 'facts', chapter),
  };
}

/** Returns a file with hashes of `random`; `publisher` undefined for an unsigned one. */
export function fileOf(random: Random, name: string, folder: string, publisher?: string): FileFacts {
  return {
    name,
    folder,
    sha1: random.hex(40),
    sha256: random.hex(64),
    md5: random.hex(32),
    size: random.between(20_000, 4_000_000),
    publisher,
  };
}

/** Returns a program of Windows, the same file on every device. */
export function windowsFile(name: string, folder = 'C:\\Windows\\System32'): FileFacts {
  return fileOf(randomOf('windows', folder, name), name, folder, 'Microsoft Corporation');
}

/** Windows programs that the stories start and abuse. */
export const windows = {
  powershell: windowsFile('powershell.exe', 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0'),
  cmd: windowsFile('cmd.exe'),
  explorer: windowsFile('explorer.exe', 'C:\\Windows'),
  rundll32: windowsFile('rundll32.exe'),
  services: windowsFile('services.exe'),
  svchost: windowsFile('svchost.exe'),
  wmiprvse: windowsFile('WmiPrvSE.exe', 'C:\\Windows\\System32\\wbem'),
  vssadmin: windowsFile('vssadmin.exe'),
  schtasks: windowsFile('schtasks.exe'),
  winword: windowsFile('WINWORD.EXE', 'C:\\Program Files\\Microsoft Office\\root\\Office16'),
  outlook: windowsFile('OUTLOOK.EXE', 'C:\\Program Files\\Microsoft Office\\root\\Office16'),
  edge: windowsFile('msedge.exe', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application'),
} as const;

/** Returns a process on `device`, started by `parent`, 0 to 20 s after the alert's first activity. */
export function processOf(
  facts: Random,
  image: FileFacts,
  commandLine: string,
  parent: FileFacts,
  device: Device,
  user: Person | undefined,
): ProcessItem & EvidenceBasis {
  return {
    kind: 'process',
    image,
    commandLine,
    pid: facts.between(250, 6500) * 4,
    startedAfterMs: facts.between(0, 20_000),
    parent,
    parentPid: facts.between(120, 2500) * 4,
    user,
    device,
    detection: 'detected',
  };
}

/** What an analyst is told to do first, when a story says nothing better. */
export const usualAdvice =
  '1. Validate the alert: review the process tree and the timeline of the device around the time of the alert.\n2. Look for the same indicators on other devices.\n3. Isolate the device and collect an investigation package if the activity is malicious.';
