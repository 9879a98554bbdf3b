import type { Evidence, SecurityEvent, Severity } from '../../../src/event.ts';
import { detectionSource } from '../../../src/formats/facts.ts';
import { recently } from '../../../src/formats/recent.ts';

// Values that the ASIM Alert Event schema 0.1 allows (formats reference §7.4), and what of Defender's becomes them. A
// value that the schema has no word for is left out: the source's own word stands in a column beside it.

/** `EventSeverity` (formats reference §10.1). */
export const severities: Readonly<Record<Severity, string>> = {
  unknown: 'Informational',
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'High',
};

/** `AttackTactics`: names of ATT&CK's tactics by Defender's category (formats reference §11.5). */
export const tactics: Readonly<Record<string, string>> = {
  reconnaissance: 'Reconnaissance',
  resourcedevelopment: 'Resource Development',
  initialaccess: 'Initial Access',
  execution: 'Execution',
  persistence: 'Persistence',
  privilegeescalation: 'Privilege Escalation',
  defenseevasion: 'Defense Evasion',
  credentialaccess: 'Credential Access',
  discovery: 'Discovery',
  lateralmovement: 'Lateral Movement',
  collection: 'Collection',
  exfiltration: 'Exfiltration',
  commandandcontrol: 'Command and Control',
  impact: 'Impact',
};

const alertStatuses: Readonly<Record<string, string>> = {
  new: 'Active',
  active: 'Active',
  inprogress: 'Active',
  resolved: 'Closed',
};

const alertVerdicts: Readonly<Record<string, string>> = {
  truepositive: 'True Positive',
  falsepositive: 'False Positive',
  informationalexpectedactivity: 'Benign Positive',
  benignpositive: 'Benign Positive',
  unknown: 'Unknown',
};

const detectionMethods: Readonly<Record<string, string>> = {
  edr: 'EDR',
  windowsdefenderatp: 'EDR',
  microsoftdefenderatp: 'EDR',
  microsoftdefenderforendpoint: 'EDR',
  microsoftthreatexperts: 'EDR',
  wdav: 'Antivirus',
  windowsdefenderav: 'Antivirus',
  antivirus: 'Antivirus',
  smartscreen: 'Reputation',
  windowsdefendersmartscreen: 'Reputation',
  customti: 'Threat Intelligence',
  customerti: 'Threat Intelligence',
  automatedinvestigation: 'Automated Investigation',
  customdetection: 'Scheduled Alerts',
  scheduledalerts: 'Scheduled Alerts',
  nrtalerts: 'Scheduled Alerts',
  microsoftdatalossprevention: 'Data Loss Prevention',
  datalossprevention: 'Data Loss Prevention',
  cloudappsecurity: 'Cloud Application Security',
  microsoftcloudappsecurity: 'Cloud Application Security',
  microsoftdefenderforcloudapps: 'Cloud Application Security',
  microsoftappgovernance: 'Cloud Application Security',
  appgovernancepolicy: 'Cloud Application Security',
  appgovernancedetection: 'Cloud Application Security',
  microsoftdefenderforcloud: 'Cloud Security Posture Management',
  microsoftdefenderforidentity: 'Behavioral Analytics',
  azureatp: 'Behavioral Analytics',
  azureadidentityprotection: 'Behavioral Analytics',
  aadidentityprotection: 'Behavioral Analytics',
  microsoftinsiderriskmanagement: 'Behavioral Analytics',
  builtinml: 'Behavioral Analytics',
};

/** Beginnings of the names that Defender gives to malware, `Ransom:Win32/…`, the first that fits. */
const threatPrefixes: readonly (readonly [beginning: string, category: string])[] = [
  ['ransom', 'Ransomware'],
  ['trojanspy', 'Spyware'],
  ['spyware', 'Spyware'],
  ['trojan', 'Trojan'],
  ['virus', 'Virus'],
  ['worm', 'Worm'],
  ['adware', 'Adware'],
  ['rootkit', 'Rootkit'],
  ['phish', 'Phishing'],
  ['backdoor', 'Malware'],
  ['exploit', 'Malware'],
  ['behavior', 'Malware'],
  ['hacktool', 'Malware'],
];

const threatCategories: Readonly<Record<string, string>> = {
  malware: 'Malware',
  ransomware: 'Ransomware',
  phishing: 'Phishing',
  spam: 'Spam',
  datalossprevention: 'Security Policy Violation',
};

const subTypes: Readonly<Record<string, string>> = {
  malware: 'Threat',
  ransomware: 'Threat',
  exploit: 'Threat',
  phishing: 'Threat',
  unwantedsoftware: 'Threat',
  threatmanagement: 'Threat',
  suspiciousactivity: 'Suspicious Activity',
  datalossprevention: 'Compliance Violation',
};

const indicatorTypes: Readonly<Record<string, string>> = {
  ip: 'Ip',
  networkconnection: 'Ip',
  user: 'User',
  process: 'Process',
  registry: 'Registry',
  registrykey: 'Registry',
  registryvalue: 'Registry',
  url: 'Url',
  device: 'Host',
  machine: 'Host',
  azureresource: 'Cloud Resource',
  amazonresource: 'Cloud Resource',
  googlecloudresource: 'Cloud Resource',
  blob: 'Cloud Resource',
  blobcontainer: 'Cloud Resource',
  cloudapplication: 'Application',
  oauthapplication: 'Application',
  file: 'File',
  analyzedmessage: 'Email',
  mailmessage: 'Email',
  mailcluster: 'Email',
  mailbox: 'Mailbox',
  cloudlogonsession: 'Logon Session',
  cloudlogonrequest: 'Logon Session',
};

const targeted: ReadonlySet<string> = new Set(['attacked', 'compromised', 'destination', 'scanned']);

const registryTypes: Readonly<Record<string, string>> = {
  none: 'Reg_None',
  string: 'Reg_Sz',
  expandstring: 'Reg_Expand_Sz',
  binary: 'Reg_Binary',
  dword: 'Reg_DWord',
  multistring: 'Reg_Multi_Sz',
  qword: 'Reg_QWord',
};

/** Returns whether an event is an alert, of which the schema speaks. */
export function isAlert({ kind }: SecurityEvent): boolean {
  return kind === 'graph-alert' || kind === 'alert' || kind === 'detection';
}

/** 7: `AttackTactics`, the tactic that the category names. */
export function attackTactics({ category }: SecurityEvent): string | undefined {
  return wordOf(tactics, category);
}

/** 9: `AlertStatus`. */
export function alertStatus(event: SecurityEvent): string | undefined {
  return isAlert(event) ? wordOf(alertStatuses, event.status) : undefined;
}

/** 10: `AlertVerdict`. */
export function alertVerdict(event: SecurityEvent): string | undefined {
  return isAlert(event) ? wordOf(alertVerdicts, event.classification) : undefined;
}

/** 13: `DetectionMethod`; `Other` where the schema has no word for it. */
export function detectionMethod(event: SecurityEvent): string | undefined {
  const source = isAlert(event) ? detectionSource(event) : undefined;
  return source === undefined ? undefined : (wordOf(detectionMethods, source) ?? 'Other');
}

/** 16: `ThreatCategory`, by the name of the malware, else by the alert's category. */
export function threatCategory(event: SecurityEvent): string | undefined {
  if (!isAlert(event)) return undefined;
  const name = event.threatName?.toLowerCase();
  if (name?.includes('coinminer') === true) return 'Cryptominor'; // The schema's own spelling.
  const found =
    name === undefined ? undefined : threatPrefixes.find(([beginning]) => name.startsWith(beginning));
  return found?.[1] ?? wordOf(threatCategories, event.category);
}

/** 7: `EventSubType`. */
export function eventSubType(event: SecurityEvent): string | undefined {
  if (!isAlert(event)) return undefined;
  if (event.serviceSource === 'azureAdIdentityProtection') return 'Anomaly';
  return wordOf(subTypes, event.category) ?? (attackTactics(event) === undefined ? undefined : 'Threat');
}

/** `IndicatorType`: what the first piece of evidence is. */
export function indicatorType(event: SecurityEvent): string | undefined {
  const [first] = isAlert(event) ? event.evidence : [];
  return first && wordOf(indicatorTypes, first.type.replace(/Evidence$/, ''));
}

/** `IndicatorAssociation`: its part in the attack, where it is told. */
export function indicatorAssociation(event: SecurityEvent): string | undefined {
  const [first] = indicatorType(event) === undefined ? [] : event.evidence;
  return first && associationOf(first);
}

/** 67: `RegistryValueType`. */
export function registryValueType({ registry }: SecurityEvent): string | undefined {
  return wordOf(registryTypes, registry?.valueType);
}

function associationOf({ roles }: Evidence): string | undefined {
  if (roles.length === 0) return undefined;
  return roles.some((role) => targeted.has(role.toLowerCase())) ? 'Targeted' : 'Associated';
}

/** Microsoft's APIs write the same word in several cases, with and without spaces. */
const plainWord = recently((word) => word.replaceAll(' ', '').toLowerCase(), 256);

function wordOf(words: Readonly<Record<string, string>>, word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const plain = plainWord(word);
  return Object.hasOwn(words, plain) ? words[plain] : undefined;
}
