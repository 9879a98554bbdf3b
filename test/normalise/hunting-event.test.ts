import { describe, expect, test } from 'vitest';
import { recordIdentity } from '../../src/event.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';

const time = '2026-06-02T08:15:27.729415Z';
const initiating = {
  InitiatingProcessFileName: 'cmd.exe',
  InitiatingProcessFolderPath: 'c:\\windows\\system32\\cmd.exe',
  InitiatingProcessCommandLine: 'cmd /c x',
  InitiatingProcessId: 12,
  InitiatingProcessCreationTime: '2026-06-02T08:00:00Z',
  InitiatingProcessParentId: 4,
  InitiatingProcessParentFileName: 'explorer.exe',
  InitiatingProcessAccountName: 'liz',
  InitiatingProcessAccountDomain: 'CONTOSO',
};
const onDevice = {
  Timestamp: time,
  DeviceId: 'd1',
  DeviceName: 'h.contoso.com',
  ReportId: 77,
  MachineGroup: 'g',
};

function streamed(table: string, properties: object, envelope: object = {}): string {
  return JSON.stringify({
    time: '2026-06-02T08:16:13.9530854Z',
    tenantId: 't-1',
    category: `AdvancedHunting-${table}`,
    properties,
    ...envelope,
  });
}

function eventOf(json: string) {
  return normalise(recordOf('hunting-event', json), {});
}

describe('identity', () => {
  test('a report of a device is known by its number, device and time, whatever envelope it comes in', () => {
    const [one, other] = [{}, { time: '2026-06-02T09:00:00Z', _TimeReceivedBySvc: 'x' }].map((envelope) =>
      recordOf('hunting-event', streamed('DeviceFileEvents', onDevice, envelope)),
    );
    expect(one).toMatchObject({ id: `DeviceFileEvents:d1:77:${time}`, version: time, updated: time });
    expect(other?.id).toBe(one?.id);
  });

  test.each([
    ['of another table', 'DeviceNetworkInfo', onDevice],
    ['without a number', 'DeviceFileEvents', { ...onDevice, ReportId: null }],
    ['without a device', 'DeviceFileEvents', { Timestamp: time, ReportId: 7 }],
  ])('a row %s is known by its columns alone', (_name, table, row) => {
    const { id } = recordOf('hunting-event', streamed(table, row));
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    const again = streamed(table, { ...row, __UDI_RequiredFields_RegionId: 'r' }, { time: 'later' });
    expect(recordOf('hunting-event', again).id).toBe(id);
    expect(recordOf('hunting-event', streamed(table, { ...row, Other: 1 })).id).not.toBe(id);
    expect(recordOf('hunting-event', streamed(`${table}2`, row)).id).not.toBe(id);
  });

  test('the rows of an alert carry its id, and are told apart by their own', () => {
    const alert = { Timestamp: time, AlertId: 'da1', Severity: 'High', Title: 'x' };
    const events = ['File', 'Process'].map((EntityType) =>
      eventOf(streamed('AlertEvidence', { ...alert, EntityType })),
    );
    expect(events.map(({ id }) => id)).toEqual(['da1', 'da1']);
    expect(new Set(events.map(recordIdentity)).size).toBe(2);
  });
});

describe('facts', () => {
  test('a process that was started, with the one that started it as its parent', () => {
    const row = {
      ...onDevice,
      ...initiating,
      ActionType: 'ProcessCreated',
      FileName: 'x.exe',
      FolderPath: 'C:\\t\\x.exe',
      SHA256: 'ab',
      ProcessId: '99',
      ProcessCommandLine: 'x.exe -a',
      AccountName: 'eve',
      AccountSid: 'S-1',
    };
    expect(eventOf(streamed('DeviceProcessEvents', row))).toMatchObject({
      title: 'ProcessCreated',
      category: 'DeviceProcessEvents',
      table: 'DeviceProcessEvents',
      detectorId: 'DeviceProcessEvents',
      action: 'ProcessCreated',
      severity: 'informational',
      product: 'Microsoft Defender for Endpoint',
      tenantId: 't-1',
      created: '2026-06-02T08:16:13.9530854Z',
      firstActivity: time,
      device: { id: 'd1', name: 'h.contoso.com', shortName: 'h', group: 'g' },
      user: { name: 'eve', sid: 'S-1' },
      file: { name: 'x.exe', path: 'C:\\t\\x.exe', sha256: 'ab' },
      process: {
        pid: '99',
        commandLine: 'x.exe -a',
        parentPid: '12',
        parentStarted: '2026-06-02T08:00:00Z',
        parentImage: { path: 'c:\\windows\\system32\\cmd.exe' },
        user: { name: 'eve' },
      },
    });
  });

  test.each([
    ['ConnectionSuccess', '10.0.0.1', '203.0.113.7', true],
    ['InboundConnectionAccepted', '203.0.113.7', '10.0.0.1', false],
  ])('%s: who connected to whom', (ActionType, sourceIp, destinationIp, remoteIsDestination) => {
    const at = { RemoteIP: '203.0.113.7', RemotePort: '443', LocalIP: '10.0.0.1', LocalPort: 50123 };
    const event = eventOf(
      streamed('DeviceNetworkEvents', {
        ...onDevice,
        ...initiating,
        ...at,
        ActionType,
        RemoteUrl: 'a.example',
      }),
    );
    expect(event).toMatchObject({
      network: { sourceIp, destinationIp, remoteIsDestination },
      domainName: 'a.example',
      url: undefined,
      user: { name: 'liz', domain: 'CONTOSO' },
      process: { pid: '12', parentPid: '4', parentImage: { name: 'explorer.exe' } },
      device: { ipAddresses: ['10.0.0.1'] },
    });
    expect([event.network?.sourcePort, event.network?.destinationPort].toSorted()).toEqual(['443', '50123']);
  });

  test('a registry value, its hive apart', () => {
    const row = {
      ...onDevice,
      ActionType: 'RegistryValueSet',
      RegistryKey: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\X',
      RegistryValueName: 'Run',
      RegistryValueData: 'x.exe',
    };
    expect(eventOf(streamed('DeviceRegistryEvents', row)).registry).toEqual({
      hive: 'HKEY_LOCAL_MACHINE',
      key: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\X',
      valueName: 'Run',
      value: 'x.exe',
      valueType: undefined,
    });
  });

  test('a mail', () => {
    const row = {
      Timestamp: time,
      NetworkMessageId: 'n',
      SenderFromAddress: 'a@x',
      SenderIPv6: '2001:db8::1',
      RecipientEmailAddress: 'b@y',
      Subject: 's',
      DeliveryAction: 'Blocked',
      EmailDirection: 'Inbound',
      ThreatTypes: 'Phish, Spam',
      AttachmentCount: 0,
    };
    expect(eventOf(streamed('EmailEvents', row))).toMatchObject({
      title: 'EmailEvents',
      product: 'Microsoft Defender for Office 365',
      message: {
        sender: 'a@x',
        senderIp: '2001:db8::1',
        recipient: 'b@y',
        deliveryAction: 'Blocked',
        threats: ['Phish', 'Spam'],
        attachmentsCount: '0',
        received: time,
      },
    });
  });

  test('a click tells the mail’s id, and not when the mail came', () => {
    const row = {
      Timestamp: time,
      NetworkMessageId: 'n',
      Url: 'https://a.example/x',
      IsClickedThrough: false,
    };
    const { message, url } = eventOf(streamed('UrlClickEvents', row));
    expect(message).toMatchObject({ networkMessageId: 'n', received: undefined, urls: [row.Url] });
    expect(url).toBe(row.Url);
  });

  test('an alert’s row: severity, techniques, category as a tag, link', () => {
    const row = {
      Timestamp: time,
      AlertId: 'da1',
      Title: 'Suspicious PowerShell command line',
      Category: 'Execution',
      Severity: 'Medium',
      ServiceSource: 'Microsoft Defender for Endpoint',
      DetectionSource: 'EDR',
      AttackTechniques: '["PowerShell (T1059.001)","Ingress Tool Transfer (T1105)"]',
    };
    const facts = {
      id: 'da1',
      title: row.Title,
      severity: 'medium',
      category: 'AlertInfo',
      techniques: ['T1059.001', 'T1105'],
      tags: ['category=Execution'],
      product: 'Microsoft Defender for Endpoint',
      detectionSource: 'EDR',
      alertUrl: expect.stringContaining('/alerts/da1'),
    };
    expect(eventOf(streamed('AlertInfo', row))).toMatchObject(facts);
    expect(eventOf(JSON.stringify(row))).toMatchObject(facts);
  });

  test('a sign-in and a request to the cloud tell where somebody came from', () => {
    const signIn = {
      ActionType: 'LogonSuccess',
      Application: 'AD',
      IPAddress: '10.0.0.2',
      Port: '5',
      DeviceName: 'a',
    };
    const to = { DestinationIPAddress: '10.0.0.9', DestinationPort: 389, DestinationDeviceName: 'dc' };
    expect(eventOf(streamed('IdentityLogonEvents', { Timestamp: time, ...signIn, ...to }))).toMatchObject({
      product: 'Microsoft Defender for Identity',
      network: { sourceIp: '10.0.0.2', sourcePort: '5', destinationIp: '10.0.0.9', destinationPort: '389' },
      application: { name: 'AD' },
      device: { name: 'a', ipAddresses: ['10.0.0.2'] },
    });
    const request = {
      ApplicationId: 20893,
      IPAddress: '203.0.113.7',
      CountryCode: 'US',
      OSPlatform: 'Windows 10',
    };
    expect(eventOf(streamed('CloudAppEvents', { Timestamp: time, ...request }))).toMatchObject({
      network: { remoteIp: '203.0.113.7', country: 'US' },
      application: { id: '20893' },
      device: undefined,
    });
    const stored = { Timestamp: time, IPAddress: '203.0.113.7', Location: 'westeurope' };
    expect(eventOf(streamed('CloudStorageAggregatedEvents', stored)).network?.country).toBeUndefined();
  });

  test('dynamic columns come as text or as what they are', () => {
    const users = [{ UserName: 'liz', DomainName: 'CONTOSO', Sid: 'S-1' }];
    const addresses = [{ IPAddress: '10.0.0.1', SubnetPrefix: 24 }];
    for (const write of [JSON.stringify, (value: unknown) => value]) {
      const row = { ...onDevice, LoggedOnUsers: write(users), IPAddresses: write(addresses) };
      expect(eventOf(streamed('DeviceInfo', row)).device).toMatchObject({
        loggedOnUsers: ['CONTOSO\\liz'],
        ipAddresses: ['10.0.0.1'],
      });
    }
  });

  test.each([
    ['FileCreated', 'DeviceFileEvents'],
    ['ConnectionFailed', 'DeviceNetworkEvents'],
    ['ImageLoaded', 'DeviceImageLoadEvents'],
    ['UsbDriveMounted', 'DeviceEvents'],
  ])('the table of a row with %s is %s', (ActionType, table) => {
    expect(eventOf(JSON.stringify({ ...onDevice, ActionType })).table).toBe(table);
  });

  test('a row of which nothing tells the table', () => {
    expect(eventOf(JSON.stringify({ Timestamp: time, count_: 5 }))).toMatchObject({
      title: 'Advanced hunting row',
      category: 'AdvancedHunting',
      table: undefined,
    });
  });
});
