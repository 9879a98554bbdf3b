import fc from 'fast-check';
import type { SecurityEvent } from '../../src/event.ts';
import { anyText } from './any-text.ts';

/** An event in which every fact is known, so that every key of a format is written. */
export const fullEvent: SecurityEvent = {
  kind: 'graph-alert',
  id: 'da637551227677560813_-961444813',
  recordId: 'provider-1',
  version: '2026-11-03T08:26:10.1234567Z',
  title: 'Suspicious credential access',
  description: 'A process read the memory of LSASS.\nSecond line.',
  severity: 'high',
  severityText: 'high',
  category: 'CredentialAccess',
  techniques: ['T1003', 'T1003.001'],
  status: 'new',
  classification: 'truePositive',
  determination: 'malware',
  product: 'Microsoft Defender for Endpoint',
  serviceSource: 'microsoftDefenderForEndpoint',
  detectionSource: 'antivirus',
  detectorId: 'e0da400f-affd-43ef-b1d5-afc2eb6f2756',
  threatName: 'HackTool:Win32/Mimikatz',
  threatFamily: 'Mimikatz',
  actor: 'Storm-0000',
  incidentId: '28282',
  alertUrl: 'https://security.microsoft.com/alerts/da637551227677560813_-961444813?tid=b3c1b5fc',
  incidentUrl: 'https://security.microsoft.com/incidents/28282?tid=b3c1b5fc',
  assignedTo: 'analyst@contoso.com',
  recommendedActions: 'Isolate the device.',
  comments: [{ text: 'seen', by: 'analyst@contoso.com', at: '2026-11-03T09:00:00Z' }],
  investigationId: 'inv-1',
  investigationState: 'running',
  tags: ['Defender Experts'],
  tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c',
  indicator: {
    name: 'FileSha1',
    value: '3da065e07b990034e9db7842167f70b63aa53290',
    uniqueId: 'ioc-1',
    creatorName: 'creator',
    creatorValue: 'value',
  },
  firstActivity: '2026-11-03T08:07:01Z',
  lastActivity: '2026-11-03T08:25:59.5Z',
  created: '2026-11-03T08:26:00.1111111Z',
  updated: '2026-11-03T08:26:10.1234567Z',
  resolved: '2026-11-03T10:00:00.0000001Z',
  device: {
    name: 'liz-bean.contoso.com',
    shortName: 'liz-bean',
    domain: 'contoso.com',
    ntDomain: 'CONTOSO',
    id: '3e7d1b0a9c8f4e5d6c7b8a990011223344556677',
    entraId: '7a9c2d41-0000-4000-8000-0123456789ab',
    ipAddresses: ['127.0.0.1', 'fe80::1', '192.168.1.7', '2001:db8::7'],
    externalIp: '203.0.113.9',
    os: 'Windows11',
    osVersion: '23H2',
    osBuild: '22631',
    group: 'EMEA Workstations',
    tags: ['vip', 'finance'],
    riskScore: 'high',
    healthStatus: 'active',
    onboardingStatus: 'onboarded',
    antivirusStatus: 'updated',
    loggedOnUsers: ['CONTOSO\\liz.bean', 'CONTOSO\\admin'],
    vmId: 'vm-1',
    cloudProvider: 'azure',
    subscriptionId: 'sub-1',
    firstSeen: '2026-01-01T00:00:00Z',
  },
  user: {
    name: 'liz.bean',
    domain: 'CONTOSO',
    sid: 'S-1-5-21-111111111-222222222-333333333-1106',
    entraId: '0f2f8f9e-0000-4000-8000-0123456789ab',
    upn: 'liz.bean@contoso.com',
    displayName: 'Liz Bean',
  },
  file: {
    name: 'procdump64.exe',
    folder: 'C:\\Temp',
    path: 'C:\\Temp\\procdump64.exe',
    sha1: '3da065e07b990034e9db7842167f70b63aa53290',
    sha256: 'ebf54f745dc81e1958f75e4ca91dd0ab989fc9787bb6b0bf993e2f5ab01c2d3e',
    md5: 'd41d8cd98f00b204e9800998ecf8427e',
    size: '652184',
    publisher: 'Microsoft Corporation',
    signer: 'Microsoft Windows',
    issuer: 'Microsoft Code Signing PCA',
  },
  process: {
    image: {
      name: 'procdump64.exe',
      folder: 'C:\\Temp',
      path: 'C:\\Temp\\procdump64.exe',
      sha1: undefined,
      sha256: undefined,
      md5: undefined,
      size: undefined,
      publisher: undefined,
      signer: undefined,
      issuer: undefined,
    },
    commandLine: 'procdump64.exe -ma lsass.exe C:\\Temp\\l.dmp "a=b|c"',
    pid: '7316',
    started: '2026-11-03T08:20:00.1234567Z',
    parentPid: '5120',
    parentStarted: '2026-11-03T08:10:00Z',
    parentImage: {
      name: 'cmd.exe',
      folder: 'C:\\Windows\\System32',
      path: 'C:\\Windows\\System32\\cmd.exe',
      sha1: undefined,
      sha256: undefined,
      md5: undefined,
      size: undefined,
      publisher: undefined,
      signer: undefined,
      issuer: undefined,
    },
    runningWhenDetected: true,
    user: undefined,
  },
  network: {
    remoteIp: '218.90.204.141',
    remoteIsDestination: true,
    country: 'US',
    sourceIp: '192.168.1.7',
    sourcePort: '50001',
    destinationIp: '218.90.204.141',
    destinationPort: '443',
    protocol: 'TCP',
  },
  url: 'https://example.com/a?b=c',
  domainName: 'example.com',
  registry: {
    hive: 'HKEY_LOCAL_MACHINE',
    key: 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run',
    valueName: 'Updater',
    value: 'C:\\Temp\\procdump64.exe',
    valueType: 'string',
  },
  message: {
    subject: 'Invoice',
    sender: 'billing@example.com',
    envelopeSender: 'bounce@example.com',
    senderIp: '198.51.100.7',
    recipient: 'liz.bean@contoso.com',
    internetMessageId: '<1@example.com>',
    networkMessageId: 'nm-1',
    deliveryAction: 'delivered',
    deliveryLocation: 'inbox',
    direction: 'inbound',
    received: '2026-11-03T08:00:00Z',
    urls: ['https://example.com/a'],
    threats: ['Phish'],
    attachmentsCount: '1',
  },
  mailbox: { address: 'liz.bean@contoso.com', displayName: 'Liz Bean', user: undefined },
  cloudResource: {
    provider: 'azure',
    id: '/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm',
    name: 'vm',
    type: 'virtualMachine',
    account: 'sub-1',
  },
  application: { name: 'Contoso App', id: 'app-1', instanceName: undefined, publisher: undefined },
  container: {
    id: 'c0ffee',
    name: 'web',
    image: 'registry.example/web:1',
    pod: 'web-0',
    namespace: 'default',
    cluster: 'prod',
  },
  group: { id: 'group-1', name: 'Admins' },
  action: 'blocked',
  remediationSucceeded: true,
  verdict: 'malicious',
  mailCluster: { by: 'Subject;P2SenderDomain', value: 'Invoice', count: '12', query: 'q' },
  changes: {
    severity: { from: 'low', to: 'high' },
    classification: { from: undefined, to: 'truePositive' },
    newEvidence: 2,
  },
  evidence: [
    {
      type: 'fileEvidence',
      created: '2026-11-03T08:26:00Z',
      verdict: 'malicious',
      remediationStatus: 'blocked',
      remediationDetails: undefined,
      detectionStatus: 'blocked',
      roles: [],
      detailedRoles: [],
      tags: [],
    },
  ],
  json: '{"id":"da637551227677560813_-961444813"}',
};

const hostileBits = [
  ...'|=\\^~@#!$%&;,?+*{}[]<>`"\' \n\r\t\v\f\0…\ud800\udc00',
  ...['\x1b', '\x7f', '\u0085', '\u009f', '\u2028', '\u2029', '\u202e', '\ufeff', '\u00a0', '😀'],
  ...[' act=allowed', ' externalId=1', 'CEF:0|a|b|c|d|e|9|', 'LEEF:1.0|a|b|c|d|', '\tsev=1', '^sev=1'],
  ...['\\', '\\n', '\\=', '\\|', '<13>1 ', '127.0.0.1', '4294967296', '2026-11-03T08:26:10Z', 'a', 'exe'],
];

/** Text that tries to end a field, add one, begin a record, or break a reader. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...hostileBits), anyText), {
    maxLength: 12,
  })
  .map((bits) => bits.join(''));

/** Names of all text in an event, as paths of member names. */
export const textPaths: readonly string[] = pathsOf(fullEvent, '').filter(
  (path) => !['kind', 'severity', 'json'].includes(path),
);

/** Returns the event with the text at a path replaced. */
export function withText(event: SecurityEvent, path: string, text: string): SecurityEvent {
  return replaced(event, path.split('.'), text) as SecurityEvent;
}

/** Events in which any text may be hostile or missing. */
export const hostileEvent: fc.Arbitrary<SecurityEvent> = fc
  .dictionary(fc.constantFrom(...textPaths), hostileText, { maxKeys: textPaths.length })
  .map((texts) =>
    Object.entries(texts).reduce((event, [path, text]) => withText(event, path, text), fullEvent),
  );

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    pathsOf(member, path === '' ? name : `${path}.${name}`),
  );
}

function replaced(value: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return text;
  if (Array.isArray(value))
    return value.map((element, at) => (String(at) === name ? replaced(element, rest, text) : element));
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [name]: replaced(Object.entries(value).find(([key]) => key === name)?.[1], rest, text) };
}
