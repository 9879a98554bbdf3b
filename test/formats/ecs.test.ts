import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { type DocumentRow, encodeValue } from '../../src/formats/document-row.ts';
import { ecs } from '../../src/formats/ecs/ecs.ts';
import { ecsConnectorMapping } from '../../src/formats/ecs/ecs-connector-mapping.ts';
import { ecsMapping, ecsVersion } from '../../src/formats/ecs/ecs-mapping.ts';
import { ecsOwnMapping } from '../../src/formats/ecs/ecs-own-mapping.ts';
import { ecsFields, schemaVersion } from '../../src/lint/ecs/ecs-schema.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import { corpus } from '../campaign/hostile-records.ts';
import { acceptedAtMs, fixtures } from '../normalise/fixtures.ts';
import { parseEcs } from '../support/ecs-reader.ts';
import { anEvent } from '../support/event.ts';
import { fullEvent, hostileEvent, textPaths, withText } from '../support/events.ts';

const format = ecs.create({ original: false });

function documentOf(event: SecurityEvent, maxBytes = Number.POSITIVE_INFINITY): Record<string, unknown> {
  const formatted = format(event, maxBytes);
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return parseEcs(formatted.text) as Record<string, unknown>;
}

/** The event as it comes out of the journal: where no time of its own is one, it has that of its acceptance. */
function observed(event: SecurityEvent): SecurityEvent {
  return { ...event, observed: '2026-11-03T09:00:00Z' };
}

/** Table B of the formats reference, §11.3, column ECS: fact and fields; `m.` is `microsoft_defender.alert.`. */
const tableB = `
1 event.id
2 m.providerAlertId
3 m.lastUpdateDateTime
4 rule.name
5 message
6 event.severity,m.severity
7 rule.category,threat.tactic.name[]
8 threat.technique.id[],threat.technique.subtechnique.id[],threat.framework
9 m.status
10 m.classification
11 m.determination
12 observer.product,observer.vendor,event.provider
13 observer.name,m.detectionSource
14 rule.id,event.code
15 threat.software.name
16 m.threatFamilyName
17 threat.group.name
18 m.incidentId
19 event.url
20 event.reference
21 m.assignedTo
22 m.recommendedActions
23 m.comments[]
24 m.investigationId,m.investigationState
25 tags[],m.systemTags[]
26 organization.id,cloud.account.id
27 threat.indicator.type,threat.indicator.name,threat.indicator.file.hash.sha1
28 event.start
29 event.end,event.duration
30 event.created
31 @timestamp
32 m.resolvedDateTime
33 host.name,host.hostname,related.hosts[]
34 host.domain
35 host.id
36 device.id
37 host.ip[],related.ip[]
38 m.lastExternalIpAddress
39 host.os.name,host.os.version,host.os.type
40 m.deviceGroup
41 m.deviceTags[]
42 host.risk.static_level
43 m.loggedOnUsers[]
44 user.name,related.user[]
45 user.domain
46 user.id
47 m.aadUserId
48 user.email
49 file.name
50 file.path,file.directory
51 file.hash.sha1,related.hash[]
52 file.hash.sha256
53 file.hash.md5
54 file.size,file.code_signature.subject_name
55 process.name,process.executable
56 process.command_line
57 process.pid
58 process.start
59 process.parent.pid,process.parent.start
60 process.parent.name,process.parent.executable
61 m.wasExecutingWhileDetected
62 destination.ip,source.ip
63 source.port,destination.port,network.transport
64 url.full,url.original,url.domain
65 dns.question.name,destination.domain
66 registry.hive,registry.key,registry.path
67 registry.value,registry.data.strings[],registry.data.type
68 email.subject
69 email.from.address[],email.sender.address
70 email.to.address[]
71 email.message_id,email.local_id
72 email.direction,email.delivery_timestamp
73 m.mailbox
74 cloud.provider,m.resource.id
75 service.name,cloud.service.name
76 container.id,container.image.name,orchestrator.cluster.name
77 group.name,group.id
78 event.action
79 event.outcome
80 m.verdict,m.evidence[]
81 cloud.instance.id
82 m.mail_cluster.by,m.mail_cluster.value,m.mail_cluster.count
83 m.deviceFirstSeen`
  .trim()
  .split('\n')
  .map((line) => line.split(' '))
  .map(([fact = '', fields = '']) => ({
    fact: Number(fact),
    fields: fields.split(',').map((name) => name.replace(/^m\./, 'microsoft_defender.alert.')),
  }));

const rows: readonly DocumentRow[] = [...ecsMapping, ...ecsOwnMapping];

test.each(tableB)('fact $fact of table B goes to its fields, and is written there', ({ fact, fields }) => {
  const own = rows.filter((row) => row.fact === fact);
  expect(own.map(({ path }) => path)).toEqual(expect.arrayContaining(fields));
  for (const row of own.filter(({ path }) => fields.includes(path))) {
    const written =
      'elements' in row ? row.elements(fullEvent, []).join('') : encodeValue(row, fullEvent, []);
    expect(written, row.path).not.toBe('');
  }
});

test('a row of a part finds nothing in an event without the part', () => {
  const rows = [...ecsMapping, ...ecsOwnMapping].filter(({ partOf }) => partOf !== undefined);
  expect(rows.length).toBeGreaterThan(100);
  for (const { path, partOf, ...row } of rows) {
    const parts = Object.keys(fullEvent).filter(
      (name) => partOf?.({ ...fullEvent, [name]: undefined }) === undefined,
    );
    expect(parts, path).toHaveLength(1);
    const event = { ...fullEvent, [parts.join()]: undefined };
    expect('elements' in row ? row.elements(event, []) : (row.value(event, []) ?? []), path).toEqual([]);
  }
});

test('every field of ECS has the type and the list that the schema has for it', () => {
  const own = /^microsoft_defender\./;
  const known = new Map(
    ecs.fields.filter(({ name }) => !own.test(name)).map(({ name, type }) => [name, type]),
  );
  expect(known.size).toBeGreaterThan(120);
  expect(ecsVersion).toBe(schemaVersion);
  for (const [name, type] of known) {
    const field = ecsFields.get(name.replace('[]', ''));
    expect({ name, type, list: name.endsWith('[]') }).toEqual({ name, ...field });
  }
  const written = [...rows, ...ecsConnectorMapping].map(({ path }) => path);
  const names = ecs.fields.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const path of written)
    expect(
      names.some((name) => name.startsWith(path)),
      path,
    ).toBe(true);
});

describe('an event', () => {
  test('has its identity, its kind and its severity', () => {
    expect(documentOf(fullEvent)).toMatchObject({
      '@timestamp': '2026-11-03T08:26:10.1234567Z',
      event: {
        ...{ kind: 'alert', category: ['file', 'malware', 'threat'], type: ['indicator', 'info'] },
        ...{ module: 'microsoft_defender', dataset: 'microsoft_defender.alert', severity: 73 },
        ...{ id: fullEvent.id, duration: 1_138_500_000_000, outcome: 'success' },
      },
      threat: {
        tactic: { id: ['TA0006'], name: ['Credential Access'] },
        technique: { id: ['T1003'], subtechnique: { id: ['T1003.001'] } },
      },
    });
  });

  test('a detection is told by its own id, beside that of its alert', () => {
    expect(documentOf(anEvent({ kind: 'detection', id: 'a', recordId: 'a_1' }))).toMatchObject({
      event: { id: 'a_1' },
      microsoft_defender: { alert: { id: 'a', providerAlertId: 'a_1' } },
    });
  });

  test.each([
    [
      'DeviceProcessEvents',
      'ProcessCreated',
      { category: ['process'], type: ['start'], action: 'ProcessCreated' },
    ],
    [
      'DeviceNetworkEvents',
      'ConnectionFailed',
      { category: ['network'], type: ['connection', 'denied'], outcome: 'failure' },
    ],
    ['DeviceFileEvents', 'FileDeleted', { category: ['file'], type: ['deletion'] }],
    ['DeviceRegistryEvents', 'RegistryValueSet', { category: ['registry'], type: ['change'] }],
    ['DeviceImageLoadEvents', 'ImageLoaded', { category: ['library'], type: ['start'], action: 'load' }],
    [
      'DeviceLogonEvents',
      'LogonSuccess',
      { category: ['authentication'], type: ['start'], outcome: 'success' },
    ],
    ['EmailEvents', undefined, { category: ['email'], type: ['info'] }],
  ])('a row of %s with %s', (table, action, expected) => {
    const event = anEvent({ kind: 'hunting-event', table, action, category: table });
    expect(documentOf(event)).toMatchObject({ event: { kind: 'event', ...expected } });
  });

  test.each([
    ['device', 'Inventory', { kind: 'asset', category: ['host'] }],
    ['entity', 'Vulnerability', { kind: 'state', category: ['vulnerability'] }],
    ['entity', 'Indicator', { kind: 'enrichment', category: ['threat'], type: ['indicator'] }],
    ['entity', 'Score', { kind: 'metric' }],
    ['incident', 'Incident', { kind: 'alert', dataset: 'microsoft_defender.incident' }],
  ] as const)('a record of kind %s, %s', (kind, category, expected) => {
    expect(documentOf(anEvent({ kind, category }))).toMatchObject({ event: expected });
  });

  test('names in related whatever any of its evidence names, each once', () => {
    const piece = { ...fullEvent.evidence[0], type: 'user', verdict: 'unknown' };
    const user = { ...fullEvent.user, name: 'second', upn: 'second@contoso.com' };
    const event = {
      ...fullEvent,
      evidence: [piece, { ...piece, user }, { ...piece, user }],
    } as SecurityEvent;
    expect(documentOf(event)).toMatchObject({
      related: {
        user: [
          'liz.bean',
          'liz.bean@contoso.com',
          fullEvent.user?.sid,
          'admin',
          'second',
          'second@contoso.com',
        ],
      },
      microsoft_defender: { alert: { evidenceCount: 3 } },
    });
  });

  test('an indicator stands under the field of its kind', () => {
    const indicator = {
      name: 'IpAddress',
      value: '203.0.113.5',
      uniqueId: undefined,
      creatorName: undefined,
      creatorValue: undefined,
    };
    expect(documentOf(anEvent({ indicator }))).toMatchObject({
      threat: { indicator: { type: 'ipv4-addr', ip: '203.0.113.5', name: '203.0.113.5' } },
    });
  });

  test('brings the record as Microsoft sent it where that is wanted, and leaves it out first', () => {
    const whole = ecs.create({ original: true });
    const json = JSON.stringify({ id: 'a', text: 'x\u2028y'.repeat(100) });
    const formatted = whole({ ...fullEvent, json }, 8192);
    const text = formatted.kind === 'formatted' ? formatted.text : '';
    expect(parseEcs(text)).toMatchObject({ event: { original: json } });
    expect(whole({ ...fullEvent, json }, Buffer.byteLength(text) - 1)).toMatchObject({
      truncated: ['event.original'],
    });
  });
});

describe('a document is good ECS', () => {
  test('of every record that we know, at the time of its acceptance where it tells none', () => {
    for (const { name, kind, json } of fixtures) {
      const record = { ...recordOf(kind, json), acceptedAtMs };
      const event = normalise(record, { tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c' });
      expect(documentOf(event), name).toHaveProperty(['@timestamp']);
    }
  });

  test('of hostile text in any place', () => {
    for (const text of corpus) {
      documentOf(observed(textPaths.reduce((event, path) => withText(event, path, text), fullEvent)));
    }
  });

  test('of any text in any place, in any room, or it is told that there is too little', () => {
    fc.assert(
      fc.property(hostileEvent, fc.constantFrom(1024, 2048, 4096, 8192), (event, maxBytes) => {
        const formatted = format(observed(event), maxBytes);
        if (formatted.kind === 'oversize') return;
        expect(Buffer.byteLength(formatted.text)).toBeLessThanOrEqual(maxBytes);
        parseEcs(formatted.text);
      }),
      { numRuns: 60 },
    );
  });
});
