import { expect, test } from 'vitest';
import { normalise, recordOf } from '../../src/normalise/index.ts';

const alert = {
  mitreTechniques: ['T1003'],
  serviceSource: 'microsoftDefenderForEndpoint',
  category: 'Malware',
};
const graph = {
  id: '4711',
  tenantId: 't-1',
  status: 'active',
  incidentWebUrl: 'https://x/incident2/4711',
  redirectIncidentId: null,
  displayName: 'two alerts',
  createdDateTime: '2026-06-02T08:15:30.7Z',
  lastUpdateDateTime: '2026-06-02T08:16:01.4366667Z',
  assignedTo: 'kai@contoso.com',
  classification: 'unknown',
  determination: 'malware',
  severity: 'high',
  customTags: ['Demo'],
  systemTags: ['Security Testing'],
  description: 'd',
  resolvingComment: 'was a test',
  priorityScore: 3,
  comments: [{ comment: 'c', createdByDisplayName: 'Kai', createdDateTime: '2026-06-02T09:00:00Z' }],
  alerts: [
    {
      ...alert,
      firstActivityDateTime: '2026-06-02T08:00:00Z',
      lastActivityDateTime: '2026-06-02T08:10:00.1Z',
      evidence: [{ '@odata.type': '#microsoft.graph.security.ipEvidence', ipAddress: '203.0.113.7' }],
    },
    {
      ...alert,
      category: 'CredentialAccess',
      mitreTechniques: ['T1003', 'T1059.001'],
      actorDisplayName: 'Storm-1',
      threatFamilyName: 'Y',
      firstActivityDateTime: '2026-06-02T07:59:59.9999999Z',
      lastActivityDateTime: '2026-06-02T08:10:00Z',
      evidence: [
        {
          '@odata.type': '#microsoft.graph.security.deviceEvidence',
          verdict: 'malicious',
          deviceDnsName: 'a.contoso.com',
        },
      ],
    },
  ],
};

test('an incident of Graph, with facts of its alerts', () => {
  const record = recordOf('incident', JSON.stringify(graph));
  expect(record).toMatchObject({ id: '4711', version: graph.lastUpdateDateTime });
  expect(normalise(record, {})).toMatchObject({
    kind: 'incident',
    id: '4711',
    incidentId: '4711',
    title: 'two alerts',
    severity: 'high',
    category: 'Incident',
    detectorId: 'incident',
    product: 'Microsoft Defender XDR',
    serviceSource: 'microsoftDefenderForEndpoint',
    techniques: ['T1003', 'T1059.001'],
    status: 'active',
    classification: undefined,
    determination: 'malware',
    actor: 'Storm-1',
    threatFamily: 'Y',
    incidentUrl: graph.incidentWebUrl,
    assignedTo: 'kai@contoso.com',
    comments: [
      { text: 'c', by: 'Kai', at: '2026-06-02T09:00:00Z' },
      { text: 'was a test', by: undefined, at: undefined },
    ],
    tags: ['Demo', 'Security Testing', 'category=Malware', 'category=CredentialAccess', 'priorityScore=3'],
    tenantId: 't-1',
    firstActivity: '2026-06-02T07:59:59.9999999Z',
    lastActivity: '2026-06-02T08:10:00.1Z',
    created: graph.createdDateTime,
    updated: graph.lastUpdateDateTime,
    device: { name: 'a.contoso.com', shortName: 'a' },
    network: { remoteIp: '203.0.113.7' },
    evidence: [{ type: 'ipEvidence' }, { type: 'deviceEvidence' }],
  });
});

const xdr = {
  incidentId: 924521,
  redirectIncidentId: 7,
  incidentName: 'merged',
  createdTime: '2020-09-06T12:18:03.6266667Z',
  lastUpdateTime: '2020-09-06T12:18:03.81Z',
  classification: 'Unknown',
  determination: 'NotAvailable',
  status: 'Redirected',
  severity: 'Low',
  tags: ['a'],
  comments: [{ comment: 'c', createdBy: 'sec@contoso.com', createdTime: '2021-01-26T01:00:37.8404534Z' }],
  alerts: [
    {
      alertId: 'x',
      firstActivity: '2020-09-06T12:15:07Z',
      lastActivity: '2020-09-06T12:15:08Z',
      actorName: 'BORON',
      mitreTechniques: ['T1001'],
      devices: [
        {
          mdatpDeviceId: 'm1',
          deviceDnsName: 'h.contoso.com',
          defenderAvStatus: 'Updated',
          tags: ['t'],
          vmMetadata: { vmId: 'v', cloudProvider: 'Azure', subscriptionId: 's' },
          loggedOnUsers: [{ accountName: 'u', domainName: 'D' }],
          firstSeen: '2020-02-06T14:16:01.9330135Z',
        },
      ],
      entities: [{ entityType: 'File', sha1: 'ab', fileName: 'x.dll', filePath: 'C:\\d' }],
    },
  ],
};

test('an incident of Defender XDR, its link built, its alerts’ devices and entities read', () => {
  const record = recordOf('incident', JSON.stringify(xdr));
  expect(record).toMatchObject({ id: '924521', version: xdr.lastUpdateTime });
  expect(normalise(record, { tenantId: 't' })).toMatchObject({
    title: 'merged',
    classification: undefined,
    determination: undefined,
    status: 'Redirected',
    actor: 'BORON',
    tags: ['a', 'redirectIncidentId=7'],
    incidentUrl: 'https://security.microsoft.com/incident2/924521/overview?tid=t',
    comments: [{ text: 'c', by: 'sec@contoso.com' }],
    firstActivity: '2020-09-06T12:15:07Z',
    lastActivity: '2020-09-06T12:15:08Z',
    device: {
      id: 'm1',
      name: 'h.contoso.com',
      antivirusStatus: 'Updated',
      vmId: 'v',
      loggedOnUsers: ['D\\u'],
    },
    user: { name: 'u', domain: 'D' },
    file: { path: 'C:\\d\\x.dll', sha1: 'ab' },
    evidence: [{ type: 'Machine' }, { type: 'File' }],
  });
});

test('a later state tells what changed, evidence of new alerts included', () => {
  const before = recordOf('incident', JSON.stringify({ ...xdr, alerts: [] }));
  const later = { ...recordOf('incident', JSON.stringify({ ...xdr, severity: 'High', status: 'Resolved' })) };
  const { changes } = normalise({ ...later, earlier: [before.tracked ?? ''] }, {});
  expect(changes).toEqual({
    severity: { from: 'Low', to: 'High' },
    status: { from: 'Redirected', to: 'Resolved' },
    newEvidence: 2,
  });
});
