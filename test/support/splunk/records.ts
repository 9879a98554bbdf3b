import type { SecurityEvent } from '../../../src/event.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import type { RecordKind } from '../../../src/record.ts';
import { graphAlert } from '../../../src/simulator/graph-alert.ts';
import { viewOf } from '../../../src/simulator/tenant.ts';
import { World } from '../../../src/simulator/world.ts';
import { fixtures } from '../../normalise/fixtures.ts';
import { fullGraphAlert } from '../../normalise/full-graph-alert.ts';
import { fullAlert, fullDetection } from '../../normalise/full-records.ts';

/** A record under a name, and what it means. */
export interface NamedEvent {
  readonly name: string;
  readonly event: SecurityEvent;
}

const tenantId = 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c';

/** A streamed row about a mail, with the columns of its table (API reference §10.5). */
const mail = {
  time: '2026-11-03T08:26:10.1234567Z',
  tenantId,
  operationName: 'Publish',
  category: 'AdvancedHunting-EmailEvents',
  properties: {
    ActionType: null,
    Timestamp: '2026-11-03T08:26:09Z',
    NetworkMessageId: 'b6d1a3f0-5a6e-4b58-9c3e-08dbd1f0a001',
    InternetMessageId: '<invoice@evil.example>',
    SenderIPv4: '203.0.113.9',
    SenderIPv6: null,
    SenderFromAddress: 'billing@evil.example',
    SenderMailFromAddress: 'bounce@evil.example',
    SenderFromDomain: 'evil.example',
    SenderMailFromDomain: 'evil.example',
    RecipientEmailAddress: 'liz.bean@contoso.example',
    Subject: 'Your invoice',
    EmailDirection: 'Inbound',
    DeliveryAction: 'Blocked',
    DeliveryLocation: 'Quarantine',
    ReportId: 'b6d1a3f0-1',
  },
};

/** Names that begin as the word for nothing does. */
const nullish = {
  ...fullAlert,
  evidence: [
    {
      ...fullAlert.evidence.find(({ entityType }) => entityType === 'File'),
      fileName: 'nullsoft.exe',
      filePath: 'nullpath',
    },
  ],
};

/** Rows about a click, about a file that came over the network, and about a value that is gone. */
const click = {
  Timestamp: mail.time,
  TableName: 'UrlClickEvents',
  Url: 'http://evil.example/x',
  ReportId: 'c-1',
};
const remoteFile = {
  Timestamp: mail.time,
  TableName: 'DeviceFileEvents',
  DeviceName: 'host1.contoso.example',
  DeviceId: 'd'.repeat(40),
  ActionType: 'FileCreated',
  FileName: 'evil.exe',
  FolderPath: 'C:\\Temp\\evil.exe',
  RequestSourceIP: '203.0.113.9',
  RequestAccountName: 'liz.bean',
  ReportId: 7,
};

const deletedValue = {
  Timestamp: mail.time,
  TableName: 'DeviceRegistryEvents',
  DeviceName: 'host1.contoso.example',
  DeviceId: 'd'.repeat(40),
  ActionType: 'RegistryValueDeleted',
  PreviousRegistryKey: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Evil',
  PreviousRegistryValueName: 'Run',
  ReportId: 8,
};

const written: readonly (readonly [name: string, kind: RecordKind, record: object])[] = [
  ['full Graph alert', 'graph-alert', fullGraphAlert],
  ['full alert', 'alert', fullAlert],
  ['alert with names that begin with null', 'alert', nullish],
  ['full detection', 'detection', fullDetection],
  ['mail', 'hunting-event', mail],
  ['click', 'hunting-event', click],
  ['deleted value', 'hunting-event', deletedValue],
  ['file from afar', 'hunting-event', remoteFile],
];

/** Every fixture, records in which every field has a value, and a day of the simulator's. */
export const namedEvents: readonly NamedEvent[] = [
  ...fixtures.map(({ name, kind, json }) => named(name, kind, json)),
  ...written.map(([name, kind, record]) => named(name, kind, JSON.stringify(record))),
  ...simulated(25),
];

function named(name: string, kind: RecordKind, json: string): NamedEvent {
  return { name, event: normalise(recordOf(kind, json), { tenantId }) };
}

function simulated(historyAlerts: number): readonly NamedEvent[] {
  const startMs = Date.UTC(2026, 10, 3, 8);
  const world = new World({
    seed: 5,
    startMs,
    ratePerMinute: 0,
    historyAlerts,
    historySpanMs: 86_400_000,
    visibilityLagMs: 0,
    stragglers: { share: 0, lagMs: 0 },
    hostileShare: 0,
  });
  world.advanceTo(startMs);
  return [...world.visible(startMs)].map((visible, index) =>
    named(
      `simulated:${index + 1}`,
      'graph-alert',
      JSON.stringify(graphAlert(viewOf({ tenantId, world }, visible), true)),
    ),
  );
}
