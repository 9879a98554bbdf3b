import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import type { Formatted } from '../../src/formats/format.ts';
import { ocsfVersions } from '../../src/formats/ocsf/draft.ts';
import { ocsf } from '../../src/formats/ocsf/ocsf.ts';
import { ocsf as language } from '../../src/lint/ocsf/ocsf.ts';
import { versions } from '../../src/lint/ocsf/schema.ts';
import { fullEvent, hostileEvent } from '../support/events.ts';
import { parseOcsf } from '../support/ocsf-reader.ts';
import { connectorEvents, fixtureEvents, fullEvents } from './ocsf-events.ts';

type Json = Record<string, unknown>;

const formats = ocsfVersions.map((version) => ocsf.create({ version, raw: false }));
const format = ocsf.create({ version: '1.8.0', raw: false });
const everyEvent = [...fixtureEvents, ...connectorEvents, ...fullEvents];

function textOf(formatted: Formatted): string {
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return formatted.text;
}

function written(event: SecurityEvent, maxBytes = Number.POSITIVE_INFINITY): Json {
  return parseOcsf(textOf(format(event, maxBytes))) as Json;
}

test('every version that is offered is one that can be checked', () => {
  expect(ocsfVersions).toEqual(versions);
});

test.each(ocsfVersions)('every event is valid in %s, at any size', (version) => {
  const write = ocsf.create({ version, raw: true });
  for (const [name, event] of everyEvent) {
    let read = '';
    for (const maxBytes of [Number.POSITIVE_INFINITY, 4096]) {
      const formatted = write(event, maxBytes);
      // What fits whole is the text that was just read.
      if (formatted.kind === 'oversize' || formatted.text === read) continue;
      read = formatted.text;
      expect(Buffer.byteLength(formatted.text)).toBeLessThanOrEqual(maxBytes);
      const findings = language.lint(formatted.text);
      const errors = findings.filter(({ level, at }) => level === 'error' || at !== 'app');
      expect(errors, `${name} in ${maxBytes}`).toEqual([]);
    }
  }
});

test('whatever its values are, an event is valid', () => {
  fc.assert(
    fc.property(
      hostileEvent,
      fc.constantFrom(...fullEvents.map(([, event]) => event)),
      fc.constantFrom(...formats),
      fc.constantFrom(Number.POSITIVE_INFINITY, 4096),
      (hostile, like, write, maxBytes) => {
        const { kind, table, category } = like;
        const formatted = write({ ...hostile, kind, table: table ?? hostile.table, category }, maxBytes);
        if (formatted.kind === 'formatted') parseOcsf(formatted.text);
      },
    ),
    { numRuns: 150 },
  );
});

/** Every attribute with a value, lists as `[]`; what stands below one of type json is the record's. */
function pathsOf(value: unknown, path: string, paths: Set<string>): void {
  if (opaque.has(path)) paths.add(path);
  else if (Array.isArray(value)) for (const item of value) pathsOf(item, `${path}[]`, paths);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      pathsOf(member, path === '' ? name : `${path}.${name}`, paths);
    }
  } else paths.add(path);
}
const opaque = new Set(ocsf.fields.filter(({ type }) => type === 'json').map(({ name }) => name));

test('its fields are exactly the attributes that it writes', () => {
  const paths = new Set<string>();
  for (const version of ocsfVersions) {
    const write = ocsf.create({ version, raw: true });
    for (const [, event] of everyEvent) {
      pathsOf(JSON.parse(textOf(write(event, Number.POSITIVE_INFINITY))), '', paths);
    }
  }
  pathsOf(written(fullEvent, 8096), '', paths);
  const names = ocsf.fields.map(({ name }) => name);
  expect([...paths].sort()).toEqual(names.toSorted());
  expect(new Set(names).size).toBe(names.length);
});

/** Table B of the formats reference, §11.3, column OCSF: fact and where it goes for the full event. */
const tableB = `
1 finding_info.uid,metadata.original_event_uid
2 finding_info.uid_alt
4 finding_info.title,message
5 finding_info.desc
6 severity
7 finding_info.types[],finding_info.attacks[].tactic.uid
8 finding_info.attacks[].technique.uid,finding_info.attacks[].sub_technique.uid,attacks[].technique.uid
9 status,activity_id
10 verdict
11 unmapped.determination
12 metadata.product.name,metadata.product.vendor_name
13 metadata.product.feature.name,finding_info.data_sources[]
14 finding_info.analytic.uid,metadata.event_code
15 malware[].name
16 unmapped.threatFamilyName
17 unmapped.actorDisplayName
18 finding_info.related_events[].uid,metadata.correlation_uid
19 finding_info.src_url
20 unmapped.incidentWebUrl
21 assignee.email_addr,assignee.name
22 remediation.desc
23 comment
24 unmapped.investigationId,unmapped.investigationState
25 finding_info.tags[].values[]
26 metadata.tenant_uid,cloud.org.uid
27 unmapped.iocName,unmapped.iocValue
28 start_time,finding_info.first_seen_time
29 end_time,finding_info.last_seen_time
30 finding_info.created_time
31 time,finding_info.modified_time,metadata.modified_time,metadata.original_time
32 unmapped.resolvedDateTime
33 device.hostname,device.name
34 device.domain
35 device.uid,resources[].uid
36 device.uid_alt
37 device.ip,device.network_interfaces[].ip
38 unmapped.deviceExternalIp
39 device.os.name,device.os.type_id,device.os.version,device.os.build
40 device.groups[].name
41 resources[].labels[]
42 device.risk_level_id,device.is_managed
43 unmapped.loggedOnUsers[]
44 actor.user.name
45 actor.user.domain
46 actor.user.uid
47 actor.user.uid_alt
48 actor.user.email_addr
49 evidences[].file.name,evidences[].file.type_id
50 evidences[].file.path,evidences[].file.parent_folder
51 evidences[].file.hashes[].value
52 evidences[].file.hashes[].value
53 evidences[].file.hashes[].value
54 evidences[].file.size,evidences[].file.signatures[].developer_uid
55 evidences[].process.name,evidences[].process.file.path
56 evidences[].process.cmd_line
57 evidences[].process.pid
58 evidences[].process.created_time
59 evidences[].process.parent_process.pid
60 evidences[].process.parent_process.name,evidences[].process.parent_process.file.path
61 unmapped.wasExecutingWhileDetected
62 evidences[].dst_endpoint.ip
63 evidences[].src_endpoint.port,evidences[].dst_endpoint.port,evidences[].connection_info.protocol_name
64 evidences[].url.url_string,evidences[].url.hostname
65 evidences[].dst_endpoint.hostname
66 evidences[].reg_value.path
67 evidences[].reg_value.name,evidences[].reg_value.data,evidences[].reg_value.type_id
68 evidences[].email.subject
69 evidences[].email.from,evidences[].email.return_path
70 evidences[].email.to[]
71 evidences[].email.message_uid,evidences[].email.uid
72 unmapped.deliveryAction,unmapped.deliveryLocation
73 evidences[].user.email_addr,resources[].uid
74 resources[].uid,resources[].name,cloud.provider,cloud.account.uid
75 resources[].name
76 evidences[].container.uid
77 evidences[].user.groups[].name
78 action_id,disposition_id
79 disposition_id,unmapped.remediationIsSuccess
80 evidences[].verdict_id,evidences[].verdict
81 device.instance_uid,cloud.account.uid
82 unmapped.mailClusterBy,unmapped.mailCount
83 device.first_seen_time`
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

test('every fact of table B goes where it says', () => {
  const paths = new Set<string>();
  pathsOf(written(fullEvent), '', paths);
  const missing = tableB.flatMap(([fact, targets = '']) =>
    targets
      .split(',')
      .filter((target) => !paths.has(target))
      .map((target) => `${fact}: ${target}`),
  );
  expect(missing).toEqual([]);
  expect(tableB.map(([fact]) => Number(fact))).toEqual(
    Array.from({ length: 83 }, (_, at) => at + 1).filter((fact) => fact !== 3),
  );
});

describe('a detection finding', () => {
  test('says by its activity which state of the alert it is', () => {
    const states: readonly (readonly [SecurityEvent['changes'], string, boolean | undefined])[] = [
      [undefined, 'Create', true],
      [{ newEvidence: 1 }, 'Update', undefined],
      [{ newEvidence: 0, status: { from: 'inProgress', to: 'resolved' } }, 'Close', undefined],
    ];
    for (const [changes, activity, alert] of states) {
      expect(written({ ...fullEvent, changes })).toMatchObject({ activity_name: activity });
      expect(written({ ...fullEvent, changes }).is_alert).toBe(alert);
    }
  });

  test('has an identity of its own, though detections of one alert share the id and version of it', () => {
    const first = written({ ...fullEvent, kind: 'detection', recordId: 'a' }).metadata as Json;
    const second = written({ ...fullEvent, kind: 'detection', recordId: 'b' }).metadata as Json;
    expect(first.original_event_uid).toBe(second.original_event_uid);
    expect(first.uid).not.toBe(second.uid);
  });

  test.each([
    ['blocked', undefined, 2, 2],
    ['Prevented', undefined, 2, 2],
    ['remediated', true, 4, 11],
    ['remediated', false, 3, 13],
    ['quarantined', undefined, 4, 3],
    ['detected', undefined, 3, 15],
    ['notFound', undefined, 3, 15],
    ['somethingNew', undefined, 0, 99],
  ])('tells %s (succeeded: %s) as action %i, disposition %i', (action, succeeded, id, disposition) => {
    expect(written({ ...fullEvent, action, remediationSucceeded: succeeded })).toMatchObject({
      action_id: id,
      disposition_id: disposition,
    });
  });

  test.each([
    ['truePositive', 'malware', 2],
    ['FalsePositive', undefined, 1],
    ['informationalExpectedActivity', 'securityTesting', 6],
    ['informationalExpectedActivity', 'lineOfBusinessApplication', 5],
    ['ofTheFuture', undefined, 99],
  ])('tells the classification %s/%s as verdict %i', (classification, determination, id) => {
    expect(written({ ...fullEvent, classification, determination })).toMatchObject({ verdict_id: id });
  });

  test('declares what it uses, and nothing else', () => {
    const bare = { ...fullEvent, device: undefined, user: undefined, action: undefined, message: undefined };
    const few = written({
      ...bare,
      ...{ assignedTo: undefined, classification: undefined, cloudResource: undefined, registry: undefined },
    });
    expect((few.metadata as Json).profiles).toBeUndefined();
    expect((few.metadata as Json).extensions).toBeUndefined();
    expect((written(fullEvent).metadata as Json).profiles).toEqual([
      ...['cloud', 'host', 'incident', 'security_control'],
    ]);
  });

  test('tells a value that its attribute does not take under unmapped', () => {
    const network = { ...fullEvent.network, destinationIp: 'not-an-address' };
    const event = written({ ...fullEvent, network } as SecurityEvent);
    expect(JSON.stringify(event.evidences)).not.toContain('not-an-address');
    expect((event.unmapped as Json).unplaced).toContainEqual({
      name: 'evidences.dst_endpoint.ip',
      value: 'not-an-address',
    });
  });
});

test('comments are the last one up to 1.8, and notes from 1.9 on', () => {
  const comments = ['first', 'last'].map((text) => ({ text, by: 'analyst@contoso.com', at: undefined }));
  const [before, , now] = formats.map((write) =>
    JSON.parse(textOf(write({ ...fullEvent, comments }, Number.POSITIVE_INFINITY))),
  );
  expect(before.comment).toBe('last');
  expect(now.comment).toBeUndefined();
  expect(now.notes.map(({ comment }: Json) => comment)).toEqual(['first', 'last']);
});

test('the record stands beside it where the option asks for it', () => {
  const raw = ocsf.create({ version: '1.8.0', raw: true });
  expect(parseOcsf(textOf(raw(fullEvent, Number.POSITIVE_INFINITY)))).toMatchObject({
    raw_data: fullEvent.json,
  });
  expect(written(fullEvent).raw_data).toBeUndefined();
});

test('where it is too long it says so, how long it was, and drops further evidence last first', () => {
  const [first] = fullEvent.evidence;
  const evidence = Array.from({ length: 40 }, (_, at) => ({
    ...first,
    url: `https://example.com/${at}/${'x'.repeat(300)}`,
  })) as SecurityEvent['evidence'];
  const event = { ...fullEvent, evidence };
  const size = Buffer.byteLength(textOf(format(event, Number.POSITIVE_INFINITY)));
  const formatted = format(event, 12_000);
  const short = JSON.parse(textOf(formatted));
  expect(short.metadata).toMatchObject({ is_truncated: true, untruncated_size: Math.ceil(size / 1024) });
  const urls = short.evidences.flatMap(({ url }: { url?: Json }) => url?.url_string ?? []);
  expect(urls.length).toBeGreaterThan(3);
  expect(urls.slice(1)).toEqual(evidence.slice(0, urls.length - 1).map(({ url }) => url));
  expect(formatted).toMatchObject({ truncated: expect.arrayContaining(['evidences']) });
  expect(short.finding_info.uid).toBe(fullEvent.id);
});

test('however short it must be, what is never left out stays', () => {
  for (const [name, event] of fullEvents) {
    const short = written(event, 3072);
    expect(short.metadata, name).toMatchObject({ uid: expect.any(String), is_truncated: true });
    const told = JSON.stringify(short);
    const { title, device, user, incidentId, tenantId, file } = event;
    for (const kept of [title, device?.id, user?.sid, incidentId, tenantId, file?.sha256]) {
      if (kept !== undefined) expect(told, `${name}: ${kept}`).toContain(kept);
    }
  }
});
