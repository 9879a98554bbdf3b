import { expect, test } from 'vitest';
import type { Evidence } from '../../src/event.ts';
import { graphEvidenceOf } from '../../src/normalise/graph-evidence.ts';
import { evidenceByType } from './full-graph-alert.ts';

const commonFields = new Set([
  'type',
  'created',
  'verdict',
  'remediationStatus',
  'remediationDetails',
  'detectionStatus',
  'roles',
  'detailedRoles',
  'tags',
]);

/** The facets of an evidence, without what is undefined. */
function facetsOf(evidence: Evidence | undefined): unknown {
  const facets = Object.entries(evidence ?? {}).filter(([name]) => !commonFields.has(name));
  return JSON.parse(JSON.stringify(Object.fromEntries(facets)));
}

function evidenceOf(type: keyof typeof evidenceByType): Evidence | undefined {
  return graphEvidenceOf([evidenceByType[type]])[0];
}

const namespace = { namespace: 'prod', cluster: 'aks1' };
const store = {
  provider: 'azure',
  id: '/subscriptions/sub8/store',
  name: 'store',
  type: 'Storage',
  account: 'sub8',
};

/** What each kind of evidence that fills no slot of the full record's event by itself shows. */
test.each([
  ['registryKeyEvidence', { registry: { hive: 'HKCU', key: 'Key' } }],
  [
    'submissionMailEvidence',
    {
      message: {
        subject: 'Reported',
        sender: 's@evil.example',
        senderIp: '203.0.113.6',
        recipient: 'r@contoso.com',
        networkMessageId: 'nm-2',
        urls: [],
        threats: [],
      },
    },
  ],
  [
    'teamsMessageEvidence',
    {
      message: {
        subject: 'Chat',
        sender: 't@evil.example',
        senderIp: '203.0.113.7',
        recipient: 'u@contoso.com',
        direction: 'inbound',
        urls: ['http://evil.example/t'],
        threats: [],
      },
    },
  ],
  [
    'mailboxConfigurationEvidence',
    {
      mailbox: {
        address: 'rule@contoso.com',
        displayName: 'Rule',
        user: { upn: 'rule.upn@contoso.com', displayName: 'Rule' },
      },
    },
  ],
  [
    'amazonResourceEvidence',
    {
      cloudResource: { provider: 'aws', id: 'arn:aws:ec2:1', name: 'ec2', type: 'instance', account: '1234' },
    },
  ],
  [
    'googleCloudResourceEvidence',
    {
      cloudResource: {
        provider: 'gcp',
        id: '//compute/projects/p/1',
        name: 'gce',
        type: 'instance',
        account: 'p',
      },
    },
  ],
  ['oauthApplicationEvidence', { application: { name: 'OAuth App', id: 'app-1', publisher: 'Pub' } }],
  ['servicePrincipalEvidence', { application: { name: 'SP', id: 'app-2' } }],
  ['aiAgentEvidence', { application: { name: 'Agent', id: 'agent-1' } }],
  ['containerImageEvidence', { container: { image: 'nginx@sha256:1' } }],
  ['containerRegistryEvidence', { container: { name: 'reg.example' } }],
  [
    'kubernetesClusterEvidence',
    {
      container: { cluster: 'aks1' },
      cloudResource: {
        provider: 'azure',
        id: '/subscriptions/sub9/resourceGroups/r/aks1',
        name: 'aks1',
        account: 'sub9',
      },
    },
  ],
  ['kubernetesNamespaceEvidence', { container: namespace }],
  ['kubernetesPodEvidence', { container: { pod: 'web-1', ...namespace } }],
  ['kubernetesControllerEvidence', { container: { name: 'deploy', ...namespace } }],
  ['kubernetesSecretEvidence', { container: { name: 'tls', ...namespace } }],
  ['kubernetesServiceEvidence', { container: { name: 'svc', ...namespace } }],
  ['kubernetesServiceAccountEvidence', { container: { name: 'sa', ...namespace } }],
  [
    'blobEvidence',
    {
      container: { id: 'https://store/evil.zip', name: 'evil.zip' },
      file: { name: 'evil.zip', sha256: 'd'.repeat(64) },
      cloudResource: store,
    },
  ],
  ['blobContainerEvidence', { container: { id: 'https://store/box', name: 'box' }, cloudResource: store }],
  ['sasTokenEvidence', { cloudResource: store }],
  ['fileHashEvidence', { file: { md5: 'e'.repeat(32) } }],
  [
    'cloudLogonSessionEvidence',
    {
      user: { name: 'cloud' },
      device: { name: 'phone', shortName: 'phone', os: 'iOS', ipAddresses: [], tags: [], loggedOnUsers: [] },
    },
  ],
  [
    'hostLogonSessionEvidence',
    {
      user: { name: 'host' },
      device: {
        name: 'srv.corp.example',
        shortName: 'srv',
        domain: 'corp.example',
        ipAddresses: [],
        tags: [],
        loggedOnUsers: [],
      },
    },
  ],
  [
    'ioTDeviceEvidence',
    {
      device: {
        name: 'camera',
        shortName: 'camera',
        id: 'iot-1',
        os: 'RTOS',
        ipAddresses: ['10.9.9.9'],
        tags: [],
        loggedOnUsers: [],
      },
    },
  ],
  ['malwareEvidence', { file: { name: 'x.bin' }, process: { pid: '1' } }],
  ['gitHubUserEvidence', { user: { name: 'octo', displayName: 'Octo', upn: 'o@example.com' } }],
  ['activeDirectoryDomainEvidence', {}],
  ['cloudLogonRequestEvidence', {}],
  ['gitHubOrganizationEvidence', {}],
  ['gitHubRepoEvidence', {}],
  ['nicEvidence', {}],
] as const)('%s', (type, facets) => {
  expect(facetsOf(evidenceOf(type))).toEqual(facets);
  expect(evidenceOf(type)?.type).toBe(type);
});

test('evidence of an unknown kind passes with its common part', () => {
  const unknown = {
    '@odata.type': '#microsoft.graph.security.quantumEvidence',
    createdDateTime: '2030-01-01T00:00:00Z',
    verdict: 'malicious',
    remediationStatus: 'blocked',
    remediationStatusDetails: 'details',
    roles: ['attacker', 'attacker'],
    detailedRoles: ['Main'],
    tags: ['t'],
    userAccount: { accountName: 'not read' },
  };
  expect(graphEvidenceOf([unknown])).toEqual([
    {
      type: 'quantumEvidence',
      created: '2030-01-01T00:00:00Z',
      verdict: 'malicious',
      remediationStatus: 'blocked',
      remediationDetails: 'details',
      detectionStatus: undefined,
      roles: ['attacker'],
      detailedRoles: ['Main'],
      tags: ['t'],
    },
  ]);
});

test('evidence without a type is of type unknown, and what is no object is left out', () => {
  expect(graphEvidenceOf([null, 'text', 3, [], {}]).map(({ type }) => type)).toEqual(['unknown']);
  expect(graphEvidenceOf({ '@odata.type': 'no list' })).toEqual([]);
});
