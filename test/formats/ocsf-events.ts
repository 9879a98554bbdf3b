import type { Evidence, File, SecurityEvent } from '../../src/event.ts';
import type { Instant } from '../../src/fields/instant.ts';
import { connectorJson } from '../../src/normalise/connector-event.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import type { RecordKind } from '../../src/record.ts';
import { acceptedAtMs, fixtures } from '../normalise/fixtures.ts';
import { fullEvent } from '../support/events.ts';

const context = { tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c' };

/** An event with the name by which a failure tells it. */
export type NamedEvent = readonly [name: string, event: SecurityEvent];

/** Every committed record of Microsoft's. */
export const fixtureEvents: readonly NamedEvent[] = fixtures.map(({ name, kind, json }) => [
  name,
  normalise({ ...recordOf(kind, json), acceptedAtMs }, context),
]);

const at = '2026-11-03T08:26:10.1234567Z' as Instant;

/** The connector's own: a heartbeat, and a blind spot that opens and closes. */
export const connectorEvents: readonly NamedEvent[] = (
  [
    ['heartbeat', undefined],
    ['gap', 'opened'],
    ['gap', 'closed'],
    ['unknown-shape', 'opened'],
  ] as const
).map(([type, state]) => [
  `connector ${type} ${state}`,
  normalise(
    recordOf(
      'connector',
      connectorJson({
        ...{ id: 'contoso/alerts', type, number: 7, state, severity: 'high', time: at, since: at },
        ...{ message: 'said', tenant: 'contoso', tenantId: context.tenantId, source: 'alerts', sink: 'siem' },
        ...{ watermark: at, lagSeconds: 3, accepted: 4, repeated: 5, lastSuccess: at },
        ...{ host: 'connector-1', connectorVersion: '1.0.0' },
      }),
    ),
    context,
  ),
]);

const file: File = fullEvent.file ?? ({} as File);
const process = { ...fullEvent.process, image: file, parentImage: file, user: fullEvent.user };

/** A piece of evidence of which everything is known. */
const fullEvidence = {
  ...fullEvent.evidence[0],
  type: 'everythingEvidence',
  remediationDetails: 'details',
  roles: ['compromised'],
  detailedRoles: ['main device'],
  tags: ['vip'],
  device: fullEvent.device,
  user: fullEvent.user,
  file,
  process,
  network: { ...fullEvent.network, remoteIsDestination: true },
  url: 'https://example.com/a',
  domainName: 'example.com',
  registry: fullEvent.registry,
  message: fullEvent.message,
  mailbox: fullEvent.mailbox,
  cloudResource: fullEvent.cloudResource,
  application: { ...fullEvent.application, instanceName: 'instance', publisher: 'publisher' },
  container: fullEvent.container,
  group: fullEvent.group,
  mailCluster: fullEvent.mailCluster,
} as Evidence;

const everything: SecurityEvent = { ...fullEvent, process, evidence: [fullEvidence] } as SecurityEvent;

const tables = [
  ...['DeviceProcessEvents', 'DeviceFileEvents', 'DeviceImageLoadEvents', 'DeviceRegistryEvents'],
  ...['DeviceNetworkEvents', 'DeviceLogonEvents', 'EmailEvents', 'EmailPostDeliveryEvents', 'DeviceInfo'],
  ...['CloudAppEvents', 'AlertEvidence'],
];

const kinds: readonly RecordKind[] = ['graph-alert', 'incident', 'device', 'entity', 'detection'];

/** Events of which everything is known, of every kind and table, also where a value is missing that others stand for. */
export const fullEvents: readonly NamedEvent[] = [
  ['full', fullEvent],
  ...kinds.map((kind): NamedEvent => [`everything as ${kind}`, { ...everything, kind }]),
  ['vulnerability', { ...everything, kind: 'entity', category: 'Vulnerability', title: 'CVE-2026-12345' }],
  ...tables.map(
    (table): NamedEvent => [`everything in ${table}`, { ...everything, kind: 'hunting-event', table }],
  ),
  ...incomplete(),
  ...variants().map(([name, change]): NamedEvent => [name, { ...everything, ...change }]),
];

function variants(): readonly (readonly [string, Partial<SecurityEvent>])[] {
  const registry = { ...fullEvent.registry, valueName: undefined } as SecurityEvent['registry'];
  const incoming = { ...fullEvent.network, remoteIsDestination: false, country: 'US' };
  const noPid = { ...process, pid: undefined, parentPid: undefined };
  const keyEvidence = { ...fullEvidence, registry, network: incoming, process: noPid } as Evidence;
  const hunting = {
    kind: 'hunting-event',
    network: incoming,
    process: noPid,
    registry,
  } as Partial<SecurityEvent>;
  return [
    ['first state', { changes: undefined }],
    ['a word of its own', { severity: 'unknown', severityText: 'UnSpecified', domainName: 'not_a_host' }],
    ['a name in a table', { ...hunting, table: 'DeviceNetworkEvents', domainName: 'not_a_host' }],
    ['a name', { evidence: [], domainName: 'not_a_host' }],
    ['a key, an attacker, no process id', { evidence: [keyEvidence] }],
    ['values that fit nowhere', { process: { ...process, pid: 'none' } as SecurityEvent['process'] }],
    ...tables.map(
      (table) => [`a key, an attacker, no process id in ${table}`, { ...hunting, table }] as const,
    ),
  ];
}

/** Rows that lack what the class of their table wants. */
function incomplete(): readonly NamedEvent[] {
  const facets = ['device', 'process', 'user', 'file', 'registry', 'network', 'message'] as const;
  return tables.flatMap((table) =>
    facets.map(
      (facet): NamedEvent => [
        `${table} without ${facet}`,
        { ...everything, kind: 'hunting-event', table, [facet]: undefined },
      ],
    ),
  );
}
