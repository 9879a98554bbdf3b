import type { RecordKind } from '../../src/record.ts';
import { endpointAlert, furtherEvidence, graphAlert, graphEvidence } from './alert-specimens.ts';
import huntingTables from './hunting-tables.json' with { type: 'json' };
import { entities, machine, xdrIncident } from './object-specimens.ts';
import type { Specimen } from './trace.ts';
import { filled } from './unique-values.ts';

/** A source of the page: records of one API, or rows of tables that are alike. */
export interface Source {
  readonly name: string;
  readonly specimens: readonly Specimen[];
}

/** Sources that stand side by side in one table. */
export interface SourceGroup {
  readonly title: string;
  readonly sources: readonly Source[];
}

function specimen(name: string, kind: RecordKind, record: object, within?: string): Specimen {
  return { name, kind, record: filled(record), ...(within === undefined ? {} : { within }) };
}

/** Rows of these tables, each streamed in its envelope. */
function tables(name: string, ...names: readonly (keyof typeof huntingTables)[]): Source {
  return {
    name,
    specimens: names.map((table) =>
      specimen(table, 'hunting-event', {
        time: '$time',
        tenantId: '$guid',
        operationName: 'Publish',
        category: `AdvancedHunting-${table}`,
        properties: huntingTables[table],
      }),
    ),
  };
}

const detection = {
  AlertTime: '$time',
  ComputerDnsName: '$host',
  AlertTitle: '$text',
  Category: 'Malware',
  Severity: 'High',
  AlertId: '$text',
  Actor: '$text',
  LinkToWDATP: '$url',
  IocName: '$text',
  IocValue: '$text',
  CreatorIocName: '$text',
  CreatorIocValue: '$text',
  Sha1: '$sha1',
  FileName: '$file',
  FilePath: '$path',
  IpAddress: '$ip',
  Url: '$url',
  IoaDefinitionId: '$guid',
  UserName: '$word',
  AlertPart: '$number',
  FullId: '$text',
  LastProcessedTimeUtc: '$time',
  ThreatCategory: '$text',
  ThreatFamily: '$text',
  ThreatName: '$text',
  RemediationAction: '$text',
  RemediationIsSuccess: true,
  Source: '$text',
  Md5: '$md5',
  Sha256: '$sha256',
  WasExecutingWhileDetected: true,
  UserDomain: '$word',
  LogOnUsers: '$word\\$word',
  MachineDomain: '$host',
  MachineName: '$word',
  InternalIPv4List: '$ip',
  InternalIPv6List: '$ip6',
  FileHash: '$sha1',
  DeviceID: '$sha1',
  MachineGroup: '$text',
  Description: '$text',
  DeviceCreatedMachineTags: '$text',
  CloudCreatedMachineTags: '$text',
  CommandLine: '$text',
  IncidentLinkToWDATP: '$url',
  ReportID: '$number',
  LinkToMTP: '$url',
  IncidentLinkToMTP: '$url',
  ExternalId: '$sha1',
  IocUniqueId: '$text',
};

const graphIncident = {
  id: '$number',
  tenantId: '$guid',
  status: 'active',
  incidentWebUrl: '$url',
  redirectIncidentId: '$number',
  displayName: '$text',
  createdDateTime: '$time',
  lastUpdateDateTime: '$time',
  assignedTo: '$mail',
  classification: 'truePositive',
  determination: 'malware',
  severity: 'high',
  customTags: ['$text'],
  systemTags: ['$text'],
  description: '$text',
  lastModifiedBy: '$text',
  resolvingComment: '$text',
  summary: '$text',
  priorityScore: '$number',
  comments: [{ comment: '$text', createdByDisplayName: '$text', createdDateTime: '$time' }],
  alerts: [{ ...graphAlert, evidence: graphEvidence }],
};

/** Of further evidence, the rest of the record is of no interest. */
const bareIncident = { id: '$number', displayName: '$text', redirectIncidentId: null };
const bareAlert = { id: '$text', title: '$text', severity: 'high', lastUpdateDateTime: '$time' };

const connectorEvent = {
  schema: 'defender-siem/connector-event/1',
  id: '$text',
  type: 'gap',
  number: '$number',
  state: 'opened',
  severity: 'high',
  time: '$time',
  since: '$time',
  message: '$text',
  tenant: '$text',
  tenantId: '$guid',
  source: '$text',
  sink: '$text',
  watermark: '$time',
  lagSeconds: '$number',
  accepted: '$number',
  repeated: '$number',
  lastSuccess: '$time',
  host: '$host',
  connectorVersion: '$text',
};

/** Every source, with records in which each leaf of the API reference has a value. */
export function sourceGroups(): readonly SourceGroup[] {
  return [
    {
      title: 'Alerts and incidents',
      sources: [
        { name: 'SIEM API detection', specimens: [specimen('detection', 'detection', detection)] },
        { name: 'Defender for Endpoint alert', specimens: [specimen('alert', 'alert', endpointAlert)] },
        {
          name: 'Graph alert',
          specimens: [
            specimen('alert', 'graph-alert', { ...graphAlert, evidence: graphEvidence }),
            ...furtherEvidence.map((evidence) =>
              specimen('evidence', 'graph-alert', { ...bareAlert, evidence: [evidence] }, 'evidence'),
            ),
          ],
        },
        {
          name: 'Incident',
          specimens: [
            specimen('Graph', 'incident', graphIncident),
            specimen('Defender XDR', 'incident', xdrIncident),
            ...furtherEvidence.map((evidence) =>
              specimen(
                'evidence',
                'incident',
                { ...bareIncident, alerts: [{ evidence: [evidence] }] },
                'alerts',
              ),
            ),
          ],
        },
      ],
    },
    {
      title: 'Rows of advanced hunting',
      sources: [
        tables('Alerts and behaviours', 'AlertInfo', 'AlertEvidence', 'BehaviorInfo', 'BehaviorEntities'),
        tables(
          'Events of devices',
          ...([
            'DeviceProcessEvents',
            'DeviceFileEvents',
            'DeviceImageLoadEvents',
            'DeviceRegistryEvents',
          ] as const),
          ...(['DeviceNetworkEvents', 'DeviceLogonEvents', 'DeviceEvents'] as const),
        ),
        tables('State of devices', 'DeviceInfo', 'DeviceNetworkInfo', 'DeviceFileCertificateInfo'),
        tables(
          'Mail and messages',
          ...(['EmailEvents', 'EmailAttachmentInfo', 'EmailUrlInfo', 'EmailPostDeliveryEvents'] as const),
          ...(['UrlClickEvents', 'MessageEvents', 'MessageUrlInfo', 'MessagePostDeliveryEvents'] as const),
        ),
        tables(
          'Identities',
          ...([
            'IdentityLogonEvents',
            'IdentityQueryEvents',
            'IdentityDirectoryEvents',
            'IdentityInfo',
          ] as const),
        ),
        tables(
          'Clouds',
          ...([
            'CloudAppEvents',
            'CloudAuditEvents',
            'CloudProcessEvents',
            'CloudStorageAggregatedEvents',
          ] as const),
        ),
      ],
    },
    {
      title: 'Machines, other objects, and the connector’s own events',
      sources: [
        { name: 'Machine', specimens: [specimen('machine', 'device', machine)] },
        {
          name: 'Other object',
          specimens: Object.entries(entities).map(([name, record]) => specimen(name, 'entity', record)),
        },
        {
          name: 'Connector’s own event',
          specimens: [
            specimen('blind spot', 'connector', connectorEvent),
            specimen('heartbeat', 'connector', {
              ...connectorEvent,
              type: 'heartbeat',
              state: null,
              since: null,
              severity: 'informational',
            }),
          ],
        },
      ],
    },
  ];
}
