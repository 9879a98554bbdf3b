import { describe, expect, test } from 'vitest';
import { cefHeader, cefMapping } from '../../src/formats/cef/cef-mapping.ts';
import { leefHeader, leefMapping } from '../../src/formats/leef/leef-mapping.ts';
import type { MappingRow } from '../../src/formats/mapping.ts';
import { fullEvent } from '../support/events.ts';

/** Table B of the formats reference, §11.3: fact, keys of CEF (`M…` is `MSDefender…`), keys of LEEF. */
const tableB = `
1 externalId,MAlertId alertId
2 MProviderAlertId providerAlertId
3 MVersion version
4 header:name title
5 msg description
6 header:severity,MSeverity sev,severity
7 cat header:EventID,category
8 cs3=MitreTechniques mitreTechniques
9 outcome status
10 reason classification
12 header:deviceProduct product
13 sourceServiceName cat,detectionSource
14 header:deviceEventClassId detectorId
15 cs1=ThreatName threatName
16 MThreatFamily threatFamily
17 cs4=Actor actor
18 cn3=IncidentId incidentId
19 flexString1=AlertLink alertUrl
20 MIncidentLink incidentUrl
21 MAssignedTo assignedTo
22 MRecommendedActions recommendedActions
24 MInvestigationId investigationState
25 MTags tags
26 MTenantId tenantId
27 MIndicator indicator
28 start startTime
29 end endTime
30 deviceCustomDate1=CreatedTime createdTime
31 rt devTime
32 deviceCustomDate2=ResolvedTime resolvedTime
33 shost,dvchost identHostName,deviceName
34 sourceDnsDomain,deviceDnsDomain,deviceNtDomain deviceDomain
35 deviceExternalId deviceId
36 MAadDeviceId aadDeviceId
37 dvc,c6a1 identSrc,deviceIp
38 deviceTranslatedAddress deviceExternalIp
39 MOs os
40 flexString2=DeviceGroup groupID,deviceGroup
41 MDeviceTags deviceTags
42 MDeviceRisk deviceRisk
43 MLogonUsers logonUsers
44 suser usrName
45 sntdom domain
46 suid userSid
47 MAadUserId aadUserId
48 MUpn accountName
49 fname fileName
50 filePath filePath
51 fileHash sha1
52 cs6=Sha256 sha256
53 cs5=Md5 md5
54 fsize,MFileSigner fileSize,fileSigner
55 dproc processName,processPath
56 cs2=CommandLine commandLine
57 dpid processId
58 MProcessStart processStart
59 spid parentProcessId
60 sproc parentProcessName
61 cn1=WasExecuting wasExecuting
62 dst,src,c6a2,c6a3 dst,src
63 spt,dpt,proto srcPort,dstPort,proto
64 request url
65 dhost,MDomain dnsDomain
66 MRegistryKey resource,registryKey
67 MRegistryValueName,MRegistryValue registryValueName,registryValue
68 MEmailSubject subject
69 MEmailSender sender
70 duser recipient
71 MInternetMessageId,MNetworkMessageId messageId,networkMessageId
72 MDeliveryLocation,deviceDirection deliveryAction,deliveryLocation
73 MMailbox mailbox
74 MCloudResourceId resource,cloudResourceId
75 destinationServiceName,MAppId application
76 MContainerId containerId
77 MGroup groupName
78 act action
79 cn2=RemediationIsSuccess remediationSuccess
80 MVerdict verdict
81 MVmId vmId
82 MMailCluster,MMailCount mailCluster,mailCount`
  .trim()
  .split('\n')
  .map((line) => line.split(' '))
  .map(([fact = '', cef = '', leef = '']) => ({
    fact: Number(fact),
    cef: cef.split(','),
    leef: leef.split(','),
  }));

function targetsOf(
  mapping: readonly MappingRow[],
  header: readonly { fact: number; field: string }[],
  fact: number,
): string[] {
  return [
    ...header.filter((field) => field.fact === fact).map(({ field }) => `header:${field}`),
    ...mapping
      .filter((row) => row.fact === fact)
      .map(({ key, label }) => key.replace(/^MSDefender/, 'M') + (label === undefined ? '' : `=${label}`)),
  ];
}

describe.each(tableB)('fact $fact of table B', ({ fact, cef, leef }) => {
  test('goes to its keys in CEF', () => {
    const targets = targetsOf(cefMapping, cefHeader, fact).map((target) =>
      target.replace(/=.* IPv6 Address$/, ''),
    );
    expect(targets).toEqual(expect.arrayContaining(cef));
  });

  test('goes to its keys in LEEF', () => {
    expect(targetsOf(leefMapping, leefHeader, fact)).toEqual(expect.arrayContaining(leef));
  });
});

/** Parts of an event that it may lack. */
const parts = [
  ...(['device', 'user', 'file', 'process', 'network', 'registry', 'message', 'mailbox'] as const),
  ...(['mailCluster', 'cloudResource', 'application', 'container', 'group'] as const),
];
const bareEvent = { ...fullEvent, ...Object.fromEntries(parts.map((part) => [part, undefined])) };

describe.each([
  ['CEF', cefMapping],
  ['LEEF', leefMapping],
] as const)('the mapping of %s', (_name, mapping) => {
  test('gives no key twice to one event', () => {
    const keys = mapping.filter((row) => row.value(fullEvent) !== undefined).map((row) => row.key);
    expect(keys).toEqual([...new Set(keys)]);
  });

  test('tells nothing in the rows of a part that an event lacks', () => {
    for (const { key, partOf, value } of mapping) {
      if (partOf === undefined) continue;
      const lacking = parts.filter((part) => partOf({ ...bareEvent, [part]: fullEvent[part] }) !== undefined);
      expect(lacking).not.toEqual([]);
      const event = { ...fullEvent, ...Object.fromEntries(lacking.map((part) => [part, undefined])) };
      expect({ key, value: value(event) }).toEqual({ key, value: undefined });
    }
  });
});
