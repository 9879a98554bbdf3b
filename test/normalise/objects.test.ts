import { describe, expect, test } from 'vitest';
import { normalise, recordOf } from '../../src/normalise/index.ts';

const context = { tenantId: 't' };

test('a machine: its content is its version, since it tells no time of its last change', () => {
  const machine = {
    id: 'm1',
    computerDnsName: 'pc7.corp.example',
    firstSeen: '2024-11-06T07:14:57.835782Z',
    lastSeen: '2025-03-05T05:46:01.101101Z',
    osPlatform: 'Windows11',
    version: '22H2',
    osBuild: 22621,
    lastIpAddress: '10.0.0.1',
    lastExternalIpAddress: '203.0.113.1',
    healthStatus: 'Active',
    riskScore: 'High',
    rbacGroupName: 'EMEA',
    machineTags: ['a', 'b'],
    aadDeviceId: 'aad',
    defenderAvStatus: 'Updated',
    onboardingStatus: 'Onboarded',
    ipAddresses: [{ ipAddress: '10.0.0.2' }, { ipAddress: '10.0.0.1' }],
    vmMetadata: { vmId: 'v', cloudProvider: 'Azure', subscriptionId: 's' },
  };
  const record = recordOf('device', JSON.stringify(machine));
  expect(record).toMatchObject({ id: 'm1', updated: machine.lastSeen });
  expect(record.version).toMatch(/^sha256:/);
  expect(normalise(record, context)).toMatchObject({
    title: 'pc7.corp.example',
    severity: 'informational',
    category: 'Inventory',
    detectorId: 'device',
    firstActivity: machine.firstSeen,
    lastActivity: machine.lastSeen,
    tenantId: 't',
    device: {
      id: 'm1',
      name: 'pc7.corp.example',
      shortName: 'pc7',
      domain: 'corp.example',
      entraId: 'aad',
      ipAddresses: ['10.0.0.1', '10.0.0.2'],
      externalIp: '203.0.113.1',
      os: 'Windows11',
      osVersion: '22H2',
      osBuild: '22621',
      group: 'EMEA',
      tags: ['a', 'b'],
      riskScore: 'High',
      healthStatus: 'Active',
      onboardingStatus: 'Onboarded',
      antivirusStatus: 'Updated',
      vmId: 'v',
      cloudProvider: 'Azure',
      subscriptionId: 's',
      firstSeen: machine.firstSeen,
    },
  });
});

describe('other objects', () => {
  const time = '2026-06-02T08:15:27.729415Z';

  test.each([
    [
      'a machine action',
      {
        id: 'a',
        type: 'StopAndQuarantineFile',
        requestor: 'liz@contoso.com',
        requestorComment: 'why',
        status: 'Failed',
        machineId: 'm',
        computerDnsName: 'h',
        lastUpdateDateTimeUtc: time,
        relatedFileInfo: { fileIdentifier: 'ab', fileIdentifierType: 'Sha1' },
      },
      {
        title: 'Machine action StopAndQuarantineFile',
        detectorId: 'machine-action',
        category: 'MachineAction',
        action: 'StopAndQuarantineFile',
        status: 'Failed',
        updated: time,
        version: time,
        user: { name: 'liz@contoso.com' },
        device: { id: 'm', name: 'h' },
        file: { sha1: 'ab' },
        comments: [{ text: 'why', by: 'liz@contoso.com' }],
      },
    ],
    [
      'a vulnerability',
      { id: 'CVE-1', name: 'CVE-1', severity: 'Critical', cvssV3: 9.8, publishedOn: time, updatedOn: time },
      { title: 'CVE-1', detectorId: 'vulnerability', severity: 'critical', created: time, version: time },
    ],
    [
      'a row of an export, its names with capitals',
      {
        Id: 'x',
        CveId: 'CVE-1',
        DeviceId: 'm',
        DeviceName: 'h',
        VulnerabilitySeverityLevel: 'High',
        SoftwareVendor: 'v',
        SoftwareName: 's',
        SoftwareVersion: '1',
        EventTimestamp: '2025-09-09 18:00:00',
      },
      {
        id: 'x',
        title: 'CVE-1',
        description: 'v s 1',
        severity: 'high',
        device: { id: 'm', name: 'h' },
        updated: '2025-09-09 18:00:00',
      },
    ],
    [
      'an indicator, which has the fields of an alert',
      {
        id: '1',
        indicatorValue: 'ab',
        indicatorType: 'FileSha1',
        title: 'T',
        severity: 'Low',
        lastUpdateTime: time,
      },
      { title: 'T', detectorId: 'indicator', severity: 'low', indicator: { name: 'FileSha1', value: 'ab' } },
    ],
    [
      'statistics, known by what they are of',
      { host: 'a.example', organizationPrevalence: 7, orgLastSeen: time },
      { id: 'domain-statistics:a.example', domainName: 'a.example', lastActivity: time },
    ],
    ['a score', { time, score: 33.4 }, { id: `score:${time}:33.4`, title: 'Score 33.4', updated: time }],
    [
      'whatever has an id',
      { id: 7, name: 'N' },
      { id: '7', title: 'N', category: 'Entity', severity: 'informational' },
    ],
    ['an id alone', { id: 'only' }, { title: 'Entity only', detectorId: 'entity' }],
  ])('%s', (_name, object, facts) => {
    const record = recordOf('entity', JSON.stringify(object));
    expect(normalise(record, context)).toMatchObject({ kind: 'entity', tenantId: 't', ...facts });
  });
});
