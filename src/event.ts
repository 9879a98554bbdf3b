import type { ConnectorFacts } from './connector-facts.ts';
import type { RecordKind } from './record.ts';

/** Defender's severities on one scale; `critical` is none of Microsoft's, yet taken (formats reference §10). */
export type Severity = 'unknown' | 'informational' | 'low' | 'medium' | 'high' | 'critical';

/** A time as Microsoft sent it (0 to 7 fractional digits), or undefined where it sent none or year 1. */
export type TimeText = string | undefined;

/**
 * What a record means, in one shape that every format reads. The comments carry the fact's number in
 * the mapping tables of the formats reference, §11. Absent, null, empty and `0001-01-01` are all undefined here;
 * values are as sent: cleaning and cutting are the formats' work.
 */
export interface SecurityEvent {
  readonly kind: RecordKind;
  /** 1 */ readonly id: string;
  /**
   * 2: id of the record when it is not the alert's own. A detection always has one (`FullId`), and so has a row of
   * hunting about an alert: several of one alert share `id`, and may share `version` too, so that only `recordId` tells
   * them apart.
   */
  readonly recordId: string | undefined;
  /** 3: which state of the record; with `id`, the identity on every delivery. */ readonly version: string;
  /** 4 */ readonly title: string | undefined;
  /** 5 */ readonly description: string | undefined;
  /** 6 */ readonly severity: Severity;
  /** 6: the source's own word. */ readonly severityText: string | undefined;
  /** 7 */ readonly category: string | undefined;
  /** Of a hunting event: its table, such as `DeviceProcessEvents`. */ readonly table?: string | undefined;
  /** 8: `T1003`, `T1003.001`. */ readonly techniques: readonly string[];
  /** 9 */ readonly status: string | undefined;
  /** 10 */ readonly classification: string | undefined;
  /** 11 */ readonly determination: string | undefined;
  /** 12: product name for headers, such as `Microsoft Defender for Endpoint`. */ readonly product: string;
  /** 12: the source's own word, such as `microsoftDefenderForEndpoint`. */ readonly serviceSource:
    | string
    | undefined;
  /** 13 */ readonly detectionSource: string | undefined;
  /** 14 */ readonly detectorId: string | undefined;
  /** 15 */ readonly threatName: string | undefined;
  /** 16 */ readonly threatFamily: string | undefined;
  /** 17 */ readonly actor: string | undefined;
  /** 18 */ readonly incidentId: string | undefined;
  /** 19 */ readonly alertUrl: string | undefined;
  /** 20 */ readonly incidentUrl: string | undefined;
  /** 21 */ readonly assignedTo: string | undefined;
  /** 22 */ readonly recommendedActions: string | undefined;
  /** 23 */ readonly comments: readonly Comment[];
  /** 24 */ readonly investigationId: string | undefined;
  /** 24 */ readonly investigationState: string | undefined;
  /** 25 */ readonly tags: readonly string[];
  /** 26 */ readonly tenantId: string | undefined;
  /** 27 */ readonly indicator: Indicator | undefined;
  /** 28 */ readonly firstActivity: TimeText;
  /** 29 */ readonly lastActivity: TimeText;
  /** 30 */ readonly created: TimeText;
  /** 31 */ readonly updated: TimeText;
  /** When the connector took the record; only of one that tells no time itself. */ readonly observed?: TimeText;
  /** 32 */ readonly resolved: TimeText;
  /** 33–43: the best device (§11.4), or the record's own. */ readonly device: Device | undefined;
  /** 44–48 */ readonly user: User | undefined;
  /** 49–54: ev:file, else the image of ev:process. */ readonly file: File | undefined;
  /** 55–61 */ readonly process: Process | undefined;
  /** 62, 63 */ readonly network: Network | undefined;
  /** 64 */ readonly url: string | undefined;
  /** 65 */ readonly domainName: string | undefined;
  /** 66, 67 */ readonly registry: Registry | undefined;
  /** 68–72 */ readonly message: MailMessage | undefined;
  /** 73 */ readonly mailbox: Mailbox | undefined;
  /** 74 */ readonly cloudResource: CloudResource | undefined;
  /** 75 */ readonly application: Application | undefined;
  /** 76 */ readonly container: Container | undefined;
  /** 77 */ readonly group: Group | undefined;
  /** 78: what was done: detected, blocked, prevented, remediated, quarantined, … */ readonly action:
    | string
    | undefined;
  /** 79 */ readonly remediationSucceeded: boolean | undefined;
  /** 80: the worst verdict among the evidence. */ readonly verdict: string | undefined;
  /** 82 */ readonly mailCluster: MailCluster | undefined;
  /** What is new since the state delivered before; undefined for the first state of a record. */
  readonly changes: Changes | undefined;
  /** Only of an event of the connector's own. */ readonly connector?: ConnectorFacts;
  /** Every piece of evidence, in the order of the record; targets with one slot read the fields above. */
  readonly evidence: readonly Evidence[];
  /** The record's JSON text, verbatim. */
  readonly json: string;
}

/** What a later state of an alert changed, against the state delivered before. Values are as sent. */
export interface Changes {
  readonly severity?: Change;
  readonly status?: Change;
  readonly classification?: Change;
  readonly determination?: Change;
  readonly assignedTo?: Change;
  /** Pieces of evidence that the earlier state did not have. */
  readonly newEvidence: number;
}

/** One value before and now; undefined where it is not set. */
export interface Change {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** 23: an analyst's comment. */
export interface Comment {
  readonly text: string;
  readonly by: string | undefined;
  readonly at: TimeText;
}

/** 27: the custom indicator that matched (SIEM detections only). */
export interface Indicator {
  readonly name: string | undefined;
  readonly value: string | undefined;
  readonly uniqueId: string | undefined;
  readonly creatorName: string | undefined;
  readonly creatorValue: string | undefined;
}

/** 33–43, 81: a device. */
export interface Device {
  /** 33: fully qualified where known. */ readonly name: string | undefined;
  /** 33: without its domain. */ readonly shortName: string | undefined;
  /** 34: DNS domain. */ readonly domain: string | undefined;
  /** 34 */ readonly ntDomain: string | undefined;
  /** 35: Defender's id of the device. */ readonly id: string | undefined;
  /** 36 */ readonly entraId: string | undefined;
  /** 37: in the order as sent, loopback and link-local included. */ readonly ipAddresses: readonly string[];
  /** 38 */ readonly externalIp: string | undefined;
  /** 39: platform. */ readonly os: string | undefined;
  /** 39 */ readonly osVersion: string | undefined;
  /** 39 */ readonly osBuild: string | undefined;
  /** 40 */ readonly group: string | undefined;
  /** 41 */ readonly tags: readonly string[];
  /** 42 */ readonly riskScore: string | undefined;
  /** 42 */ readonly healthStatus: string | undefined;
  /** 42 */ readonly onboardingStatus: string | undefined;
  /** 42 */ readonly antivirusStatus: string | undefined;
  /** 43: `domain\user`, or `user` where the domain is unknown. */ readonly loggedOnUsers: readonly string[];
  /** 81 */ readonly vmId: string | undefined;
  /** 81 */ readonly cloudProvider: string | undefined;
  /** 81 */ readonly subscriptionId: string | undefined;
  /** 83 */ readonly firstSeen: TimeText;
}

/** 44–48: an account. */
export interface User {
  readonly name: string | undefined;
  readonly domain: string | undefined;
  readonly sid: string | undefined;
  readonly entraId: string | undefined;
  readonly upn: string | undefined;
  readonly displayName: string | undefined;
}

/** 49–54: a file. */
export interface File {
  readonly name: string | undefined;
  /** The folder as sent, or the whole path where the producer gave it. */ readonly folder:
    | string
    | undefined;
  /** Folder and name joined (§11.2). */ readonly path: string | undefined;
  readonly sha1: string | undefined;
  readonly sha256: string | undefined;
  readonly md5: string | undefined;
  /** Bytes, as the JSON number's text: it can pass 2^53. */ readonly size: string | undefined;
  readonly publisher: string | undefined;
  readonly signer: string | undefined;
  readonly issuer: string | undefined;
}

/** 55–61: a process. */
export interface Process {
  readonly image: File | undefined;
  readonly commandLine: string | undefined;
  /** 57: as the JSON number's text. */ readonly pid: string | undefined;
  readonly started: TimeText;
  readonly parentPid: string | undefined;
  readonly parentStarted: TimeText;
  readonly parentImage: File | undefined;
  /** 61 */ readonly runningWhenDetected: boolean | undefined;
  readonly user: User | undefined;
}

/** 62, 63: the remote end, by its role. */
export interface Network {
  /** The one remote address (62), when it is not known which side it is on `remoteIsDestination` tells. */
  readonly remoteIp: string | undefined;
  /** True when the address's role is destination, commandAndControl, scanned or attacked. */
  readonly remoteIsDestination: boolean;
  readonly country: string | undefined;
  readonly sourceIp: string | undefined;
  readonly sourcePort: string | undefined;
  readonly destinationIp: string | undefined;
  readonly destinationPort: string | undefined;
  readonly protocol: string | undefined;
}

/** 66, 67: a registry key, or one value of it. */
export interface Registry {
  readonly hive: string | undefined;
  readonly key: string | undefined;
  readonly valueName: string | undefined;
  readonly value: string | undefined;
  readonly valueType: string | undefined;
}

/** 68–72: a mail message. */
export interface MailMessage {
  readonly subject: string | undefined;
  /** Header From. */ readonly sender: string | undefined;
  /** Envelope sender. */ readonly envelopeSender: string | undefined;
  readonly senderIp: string | undefined;
  readonly recipient: string | undefined;
  readonly internetMessageId: string | undefined;
  readonly networkMessageId: string | undefined;
  readonly deliveryAction: string | undefined;
  readonly deliveryLocation: string | undefined;
  readonly direction: string | undefined;
  readonly received: TimeText;
  readonly urls: readonly string[];
  readonly threats: readonly string[];
  readonly attachmentsCount: string | undefined;
}

/** 73: a mailbox. */
export interface Mailbox {
  readonly address: string | undefined;
  readonly displayName: string | undefined;
  readonly user: User | undefined;
}

/** 74: a resource of a cloud. */
export interface CloudResource {
  readonly provider: 'azure' | 'aws' | 'gcp' | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly type: string | undefined;
  /** Subscription, account or project. */ readonly account: string | undefined;
}

/** 75: a cloud or OAuth application. */
export interface Application {
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly instanceName: string | undefined;
  readonly publisher: string | undefined;
}

/** 76: a container, pod, cluster or blob. */
export interface Container {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly image: string | undefined;
  readonly pod: string | undefined;
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
}

/** 77: a security group. */
export interface Group {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

/** 82: a cluster of similar mails. */
export interface MailCluster {
  readonly by: string | undefined;
  readonly value: string | undefined;
  readonly count: string | undefined;
  readonly query: string | undefined;
}

/** One piece of evidence: what all have in common, and the facet of its kind. */
export interface Evidence {
  /** As sent: `fileEvidence` (Graph, without the namespace), `File` (Defender for Endpoint). */
  readonly type: string;
  readonly created: TimeText;
  readonly verdict: string | undefined;
  readonly remediationStatus: string | undefined;
  readonly remediationDetails: string | undefined;
  readonly detectionStatus: string | undefined;
  readonly roles: readonly string[];
  readonly detailedRoles: readonly string[];
  readonly tags: readonly string[];
  readonly device?: Device | undefined;
  readonly user?: User | undefined;
  readonly file?: File | undefined;
  readonly process?: Process | undefined;
  readonly network?: Network | undefined;
  readonly url?: string | undefined;
  readonly domainName?: string | undefined;
  readonly registry?: Registry | undefined;
  readonly message?: MailMessage | undefined;
  readonly mailbox?: Mailbox | undefined;
  readonly cloudResource?: CloudResource | undefined;
  readonly application?: Application | undefined;
  readonly container?: Container | undefined;
  readonly group?: Group | undefined;
  readonly mailCluster?: MailCluster | undefined;
}

/**
 * Returns what tells this event's record from all others of its tenant and kind: with `version`, a receiver can drop a
 * repeat by it and nothing else. That is the alert's id, but for detections and rows of hunting the record's own, since
 * those of one alert share its id.
 */
export function recordIdentity(event: Pick<SecurityEvent, 'kind' | 'id' | 'recordId'>): string {
  const { kind, id, recordId } = event;
  return kind === 'detection' || kind === 'hunting-event' ? (recordId ?? id) : id;
}
