import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import { fullGraphAlert } from './full-graph-alert.ts';
import { fullAlert, fullDetection } from './full-records.ts';

const event = {
  detection: normalise(recordOf('detection', JSON.stringify(fullDetection)), { tenantId: 'tenant-1' }),
  alert: normalise(recordOf('alert', JSON.stringify(fullAlert)), {}),
  'graph-alert': normalise(recordOf('graph-alert', JSON.stringify(fullGraphAlert)), {}),
};

/** "–" in Table A: the source does not have the fact. */
const none = Symbol('none');

/** Table A of the formats reference, §11.2: the fact, and what each source's full record gives for it. */
const facts: readonly (readonly [
  number: number,
  read: (event: SecurityEvent) => unknown,
  detection: unknown,
  alert: unknown,
  graph: unknown,
])[] = [
  [1, (e) => e.id, 'da1_1', 'da2_2', 'da3_3'],
  [2, (e) => e.recordId, 'da1_1:UNIQUE=', none, '3_3'],
  [
    3,
    (e) => e.version,
    '2020-09-30T14:11:44.0779765Z',
    '2021-01-26T20:33:59.2Z',
    '2023-10-20T09:54:07.5033333Z',
  ],
  [4, (e) => e.title, 'd title', 'a title', 'g title'],
  [5, (e) => e.description, 'd description', 'a description', 'g description'],
  [6, (e) => [e.severity, e.severityText], ['high', 'High'], ['low', 'Low'], ['medium', 'medium']],
  [7, (e) => e.category, 'Malware', 'Execution', 'Execution'],
  [8, (e) => e.techniques, none, ['T1064', 'T1059.001'], ['T1059.001', 'T1003']],
  [9, (e) => e.status, none, 'InProgress', 'inProgress'],
  [10, (e) => e.classification, none, 'TruePositive', 'truePositive'],
  [11, (e) => e.determination, none, 'Malware', 'malware'],
  [
    12,
    (e) => [e.product, e.serviceSource],
    ['Microsoft Defender for Endpoint', undefined],
    ['Microsoft Defender for Endpoint', undefined],
    ['Microsoft Defender for Endpoint', 'microsoftDefenderForEndpoint'],
  ],
  [13, (e) => e.detectionSource, 'Antivirus', 'WindowsDefenderAtp', 'antivirus'],
  [
    14,
    (e) => e.detectorId,
    'b20af1d2-5990-4672-87f1-acc2a8ff7725',
    '17e10bbc-3a68-474a-8aad-faef14d43952',
    '7f1c3609-a3ff-40e2-995b-c01770161d68',
  ],
  [15, (e) => e.threatName, 'HackTool:Win32/Mikatz!dha', 'Trojan:Win32/X', 'Trojan:Win32/Y'],
  [16, (e) => e.threatFamily, 'Mikatz', 'Meterpreter', 'Y'],
  [17, (e) => e.actor, 'BORON', none, 'Storm-1'],
  [18, (e) => e.incidentId, none, '1126093', '23'],
  [
    19,
    (e) => e.alertUrl,
    'https://security.microsoft.com/alert/da1_1',
    'https://security.microsoft.com/alerts/da2_2?tid=a839b112-1253-6432-9bf6-94542403f21c',
    'https://security.microsoft.com/alerts/da3_3?tid=t',
  ],
  [
    20,
    (e) => e.incidentUrl,
    'https://security.microsoft.com/incidents/byalert?alertId=da1_1&source=SIEM',
    'https://security.microsoft.com/incident2/1126093/overview?tid=a839b112-1253-6432-9bf6-94542403f21c',
    'https://security.microsoft.com/incidents/23?tid=t',
  ],
  [21, (e) => e.assignedTo, none, 'analyst@contoso.com', 'analyst@contoso.com'],
  [22, (e) => e.recommendedActions, none, none, 'do this'],
  [
    23,
    (e) => e.comments,
    none,
    [{ text: 'a comment', by: 'secop@contoso.com', at: '2021-01-26T01:00:37.84Z' }],
    [{ text: 'g comment', by: 'Analyst', at: '2023-10-20T10:00:00Z' }],
  ],
  [24, (e) => [e.investigationId, e.investigationState], none, ['77', 'Queued'], [undefined, 'running']],
  [25, (e) => e.tags, none, none, ['Ransomware', 'Case=42', 'Ticket=7', 'Flags=a', 'Flags=b', 'Test=true']],
  [
    26,
    (e) => e.tenantId,
    'tenant-1',
    'a839b112-1253-6432-9bf6-94542403f21c',
    '3adb963c-8e61-48e8-a06d-6dbb0dacea39',
  ],
  [
    27,
    (e) => e.indicator,
    {
      name: 'ioc name',
      value: 'ioc value',
      uniqueId: 'UNIQUE=',
      creatorName: 'creator name',
      creatorValue: 'creator value',
    },
    none,
    none,
  ],
  [
    28,
    (e) => e.firstActivity,
    '2020-09-30T14:09:20.35743Z',
    '2021-01-26T20:31:32.9562661Z',
    '2023-10-20T09:51:39.5154802Z',
  ],
  [29, (e) => e.lastActivity, none, '2021-01-26T20:31:33.0577322Z', '2023-10-20T09:51:41.9939003Z'],
  [30, (e) => e.created, none, '2021-01-26T20:33:57.7220239Z', '2023-10-20T09:53:09.8839373Z'],
  [
    31,
    (e) => e.updated,
    '2020-09-30T14:11:44.0779765Z',
    '2021-01-26T20:33:59.2Z',
    '2023-10-20T09:54:07.5033333Z',
  ],
  [32, (e) => e.resolved, none, '2021-01-27T01:02:03Z', '2023-10-21T00:00:00Z'],
  [
    33,
    (e) => [e.device?.name, e.device?.shortName],
    ['host1.corp.example', 'host1'],
    ['temp123.corp.example', 'temp123'],
    ['pc7.corp.example', 'pc7'],
  ],
  [
    34,
    (e) => [e.device?.domain, e.device?.ntDomain],
    ['corp.example', undefined],
    ['corp.example', undefined],
    ['corp.example', 'CORP'],
  ],
  [35, (e) => e.device?.id, 'd'.repeat(40), '1'.repeat(40), '7'.repeat(40)],
  [36, (e) => e.device?.entraId, none, none, 'aad-device'],
  [
    37,
    (e) => e.device?.ipAddresses,
    ['192.168.1.7', '127.0.0.1', 'fe80::1', '::1'],
    none,
    ['192.168.5.65', 'fe80::1', '127.0.0.1', '192.168.5.66'],
  ],
  [38, (e) => e.device?.externalIp, none, none, '203.0.113.77'],
  [
    39,
    (e) => [e.device?.os, e.device?.osVersion, e.device?.osBuild],
    none,
    none,
    ['Windows11', '22H2', '22621'],
  ],
  [40, (e) => e.device?.group, 'EMEA', 'A', 'EMEA'],
  [41, (e) => e.device?.tags, ['tag1', 'tag2', 'tag3'], none, ['dev tag']],
  [
    42,
    (e) => [
      e.device?.riskScore,
      e.device?.healthStatus,
      e.device?.onboardingStatus,
      e.device?.antivirusStatus,
    ],
    none,
    none,
    ['high', 'active', 'onboarded', 'updated'],
  ],
  [
    43,
    (e) => e.device?.loggedOnUsers,
    ['contoso\\liz-bean', 'contoso\\jay-hardee'],
    ['MIDDLEEAST\\temp123', 'other'],
    ['CONTOSO\\jdoe', 'root'],
  ],
  [44, (e) => e.user?.name, 'liz.bean', 'temp123', 'jdoe'],
  [45, (e) => e.user?.domain, 'CONTOSO', 'MIDDLEEAST', 'CONTOSO'],
  [46, (e) => e.user?.sid, none, 'S-1-5-21-1', 'S-1-5-21-9'],
  [47, (e) => e.user?.entraId, none, '11118379-2a59-1111-ac3c-a51eb4a3c627', 'aad-user'],
  [48, (e) => e.user?.upn, none, 'temp123@contoso.com', 'jdoe@contoso.com'],
  [49, (e) => e.file?.name, 'evil.exe', 'suspicious.dll', 'invoice.exe'],
  [
    50,
    (e) => [e.file?.folder, e.file?.path],
    ['C:\\Temp', 'C:\\Temp\\evil.exe'],
    ['c:\\temp', 'c:\\temp\\suspicious.dll'],
    ['C:\\Users\\jdoe', 'C:\\Users\\jdoe\\invoice.exe'],
  ],
  [51, (e) => e.file?.sha1, 'a'.repeat(40), '2'.repeat(40), 'a1'.repeat(20)],
  [52, (e) => e.file?.sha256, 'c'.repeat(64), '3'.repeat(64), 'b2'.repeat(32)],
  [53, (e) => e.file?.md5, 'b'.repeat(32), none, 'c3'.repeat(16)],
  [
    54,
    (e) => [e.file?.size, e.file?.publisher, e.file?.signer, e.file?.issuer],
    none,
    none,
    ['4096', 'Evil Corp', 'Evil Signer', 'Evil Issuer'],
  ],
  [
    55,
    (e) => [e.process?.image?.path, e.process?.image?.sha1],
    ['C:\\Temp\\evil.exe', 'a'.repeat(40)],
    ['C:\\Windows\\SysWOW64\\rundll32.exe', 'e'.repeat(40)],
    ['C:\\Windows\\System32\\powershell.exe', '4'.repeat(40)],
  ],
  [
    56,
    (e) => e.process?.commandLine,
    'evil.exe -x',
    'rundll32.exe c:\\temp\\suspicious.dll',
    'powershell.exe -NoExit',
  ],
  [57, (e) => e.process?.pid, none, '3276', '8224'],
  [58, (e) => e.process?.started, none, '2021-01-26T20:31:32.9581596Z', '2023-10-20T09:51:39.4997961Z'],
  [
    59,
    (e) => [e.process?.parentPid, e.process?.parentStarted],
    none,
    ['8420', '2021-01-26T20:31:32.9004163Z'],
    ['5772', '2023-10-20T09:51:19.5064237Z'],
  ],
  [
    60,
    (e) => [e.process?.parentImage?.name, e.process?.parentImage?.path],
    none,
    ['cmd.exe', 'C:\\Windows\\System32\\cmd.exe'],
    ['cmd.exe', 'C:\\Windows\\System32\\cmd.exe'],
  ],
  [61, (e) => e.process?.runningWhenDetected, false, none, none],
  [
    62,
    (e) => [e.network?.remoteIp, e.network?.remoteIsDestination, e.network?.country],
    ['203.0.113.9', false, undefined],
    ['198.51.100.4', false, undefined],
    ['198.51.100.8', true, 'NL'],
  ],
  [
    63,
    (e) => [
      e.network?.sourceIp,
      e.network?.sourcePort,
      e.network?.destinationIp,
      e.network?.destinationPort,
      e.network?.protocol,
    ],
    none,
    none,
    ['10.0.0.5', '51234', '198.51.100.9', '443', 'tcp'],
  ],
  [64, (e) => e.url, 'http://evil.example/x', 'http://evil.example/a', 'http://evil.example/1.exe'],
  [65, (e) => e.domainName, none, 'evil.example', 'evil.example'],
  [
    66,
    (e) => [e.registry?.hive, e.registry?.key],
    none,
    ['HKEY_LOCAL_MACHINE', 'SOFTWARE\\Run'],
    ['HKLM', 'SOFTWARE\\Run'],
  ],
  [
    67,
    (e) => [e.registry?.valueName, e.registry?.value, e.registry?.valueType],
    none,
    ['Evil', 'evil.exe', 'REG_SZ'],
    ['Evil', 'evil.exe', 'REG_SZ'],
  ],
  [68, (e) => e.message?.subject, none, 'Invoice', 'Invoice'],
  [
    69,
    (e) => [e.message?.sender, e.message?.envelopeSender, e.message?.senderIp],
    none,
    none,
    ['ceo@evil.example', 'bounce@evil.example', '203.0.113.5'],
  ],
  [70, (e) => e.message?.recipient, none, 'you@contoso.com', 'jdoe@contoso.com'],
  [
    71,
    (e) => [e.message?.internetMessageId, e.message?.networkMessageId],
    none,
    none,
    ['<1@evil.example>', 'nm-1'],
  ],
  [
    72,
    (e) =>
      e.message && [
        e.message.deliveryAction,
        e.message.deliveryLocation,
        e.message.direction,
        e.message.received,
        e.message.threats,
        e.message.urls,
        e.message.attachmentsCount,
      ],
    none,
    [undefined, undefined, undefined, undefined, [], [], undefined],
    [
      'delivered',
      'inbox',
      'inbound',
      '2023-10-20T08:00:00Z',
      ['Phish'],
      ['http://evil.example/a,b', 'http://evil.example/c'],
      '2',
    ],
  ],
  [
    73,
    (e) => [e.mailbox?.address, e.mailbox?.displayName, e.mailbox?.user?.name],
    none,
    ['box@contoso.com', 'Box', undefined],
    ['box@contoso.com', 'Box', 'box'],
  ],
  [
    74,
    (e) => e.cloudResource,
    none,
    none,
    {
      provider: 'azure',
      id: '/subscriptions/sub1/resourceGroups/g/vm',
      name: 'vm',
      type: 'Virtual Machine',
      account: 'sub1',
    },
  ],
  [
    75,
    (e) => [e.application?.name, e.application?.id, e.application?.instanceName],
    none,
    ['Drive', '20892', undefined],
    ['Drive', '20892', 'Drive 1'],
  ],
  [
    76,
    (e) => e.container,
    none,
    none,
    { id: 'c-1', name: 'web', image: 'nginx:1', pod: 'web-1', namespace: 'prod', cluster: 'aks1' },
  ],
  [77, (e) => e.group, none, { id: 'g1', name: 'Admins' }, { id: 'g-1', name: 'Admins' }],
  [78, (e) => e.action, 'Quarantine', 'Prevented', 'prevented'],
  [79, (e) => e.remediationSucceeded, true, none, true],
  [80, (e) => e.verdict, none, none, 'malicious'],
  [
    81,
    (e) => [e.device?.vmId, e.device?.cloudProvider, e.device?.subscriptionId],
    none,
    none,
    ['vm-1', 'azure', 'sub1'],
  ],
  [
    82,
    (e) => e.mailCluster,
    none,
    { by: 'Subject', value: 'Invoice', count: '12', query: 'q' },
    { by: 'Subject', value: 'Invoice', count: '12', query: 'Subject eq Invoice' },
  ],
  [
    83,
    (e) => [e.evidence[0]?.created, e.device?.firstSeen],
    none,
    ['2021-01-26T20:33:58.42Z', undefined],
    ['2023-10-20T09:53:10.1933333Z', '2023-01-02T03:04:05Z'],
  ],
];

/** True where an event has nothing: undefined, an empty list, or a list of nothing. */
function isNothing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((element) => element === undefined));
}

test('the table has every fact of the reference, once', () => {
  expect(facts.map(([number]) => number)).toEqual(Array.from({ length: 83 }, (_, index) => index + 1));
});

describe.each([
  ['detection', 2],
  ['alert', 3],
  ['graph-alert', 4],
] as const)('a full %s', (kind, column) => {
  test.each(facts)('carries fact %i', (...fact) => {
    const value = fact[1](event[kind]);
    const expected = fact[column];
    if (expected === none) expect(isNothing(value)).toBe(true);
    else expect(value).toEqual(expected);
  });
});
