import { describe, expect, test } from 'vitest';
import type { Evidence, SecurityEvent, Severity } from '../../../src/event.ts';
import { cef } from '../../../src/formats/cef/cef.ts';
import { registryKey } from '../../../src/formats/facts.ts';
import type { RecordKind } from '../../../src/record.ts';
import { addOnTexts, indexedByHec, indexedBySyslog } from '../../support/splunk/add-on.ts';
import type { Value } from '../../support/splunk/eval-functions.ts';
import { namedEvents } from '../../support/splunk/records.ts';
import { SearchTime } from '../../support/splunk/search-time.ts';

/** An event with its fields by the way it came. */
interface Case {
  readonly name: string;
  readonly event: SecurityEvent;
  readonly fields: ReadonlyMap<string, Value>;
}

const searchTime = new SearchTime(addOnTexts);
const formatCef = cef.create(cef.options.parse({}));

const byHec: readonly Case[] = namedEvents.map(({ name, event }) => ({
  name,
  event,
  fields: searchTime.fieldsOf(indexedByHec(event)),
}));
const bySyslog: readonly Case[] = namedEvents.map(({ name, event }) => {
  const formatted = formatCef(event, Number.POSITIVE_INFINITY);
  const line = formatted.kind === 'formatted' ? formatted.text : '';
  return { name, event, fields: searchTime.fieldsOf(indexedBySyslog(line)) };
});

const alertKinds: readonly RecordKind[] = ['graph-alert', 'alert', 'detection'];
const isAlert = ({ event }: Case) => alertKinds.includes(event.kind);
const isRowOf = (table: string) => (each: Case) =>
  each.event.kind === 'hunting-event' && each.event.table === table;

/** CIM's numbers (formats reference §10.1). */
const severityIds: Readonly<Record<Severity, string>> = {
  unknown: '0',
  informational: '1',
  low: '2',
  medium: '3',
  high: '4',
  critical: '5',
};

/** One of these, or no value where none of them is known: of several pieces of evidence, the add-on takes the first. */
class OneOf {
  readonly candidates: readonly (string | undefined)[];
  constructor(...candidates: readonly (string | undefined)[]) {
    this.candidates = candidates.filter((candidate) => candidate !== undefined);
  }
}

type Facts = (event: SecurityEvent) => Readonly<Record<string, string | undefined | OneOf>>;

/** Returns what of these facts the fields do not tell as they should, by record. */
function wrong(cases: readonly Case[], facts: Facts): readonly unknown[] {
  return cases.flatMap(({ name, event, fields }) =>
    Object.entries(facts(event)).flatMap(([field, expected]) => {
      const found = fields.get(field)?.join('|');
      const fits =
        expected instanceof OneOf
          ? found === undefined
            ? expected.candidates.length === 0
            : expected.candidates.some((candidate) => plain(candidate) === plain(found))
          : plain(found) === plain(expected);
      return fits ? [] : [{ name, field, found, expected }];
    }),
  );
}

/** CEF turns what divides lines into spaces. */
function plain(text: string | undefined): string | undefined {
  return text?.replaceAll(/\s+/g, ' ').trim();
}

function ofEvidence(event: SecurityEvent, of: (evidence: Evidence) => string | undefined) {
  return event.evidence.map(of);
}

const alertFacts: Facts = (event) => ({
  id: event.id,
  type: 'alert',
  severity: event.severity,
  severity_id: severityIds[event.severity],
  signature: event.title,
  signature_id: event.detectorId ?? event.category,
  description: event.description,
  vendor_product: event.product,
  app: event.product,
  vendor_account: event.tenantId,
  category: event.category,
  mitre_technique_id: event.techniques.length === 0 ? undefined : event.techniques.join('|'),
  dest: new OneOf(
    event.device?.name ?? event.device?.id,
    event.mailbox?.address,
    event.cloudResource?.name,
    event.cloudResource?.id,
    event.message?.recipient,
    ...ofEvidence(event, ({ device }) => device?.name),
  ),
  user: new OneOf(
    event.user?.name ?? event.user?.upn,
    ...ofEvidence(event, ({ user }) => user?.name),
    ...ofEvidence(event, ({ process }) => process?.user?.name),
  ),
  src: new OneOf(
    event.network?.remoteIp,
    event.network?.sourceIp,
    event.network?.destinationIp,
    event.message?.senderIp,
    event.domainName,
    ...ofEvidence(event, ({ network }) => network?.remoteIp),
  ),
  file_name: new OneOf(event.file?.name, ...ofEvidence(event, ({ file }) => file?.name)),
  file_path: new OneOf(event.file?.path, ...ofEvidence(event, ({ file }) => file?.path)),
  file_hash: new OneOf(
    event.file?.sha256 ?? event.file?.sha1 ?? event.file?.md5,
    ...ofEvidence(event, ({ file }) => file?.sha256),
    ...ofEvidence(event, ({ file }) => file?.sha1),
    ...ofEvidence(event, ({ process }) => process?.image?.sha256),
  ),
  url: new OneOf(event.url, ...ofEvidence(event, ({ url }) => url)),
  process: new OneOf(
    event.process?.commandLine?.slice(0, 2048),
    ...ofEvidence(event, ({ process }) => process?.commandLine?.slice(0, 2048)),
  ),
  process_id: new OneOf(event.process?.pid, ...ofEvidence(event, ({ process }) => process?.pid)),
  process_name: new OneOf(
    event.process?.image?.name,
    ...ofEvidence(event, ({ process }) => process?.image?.name),
  ),
  parent_process_name: new OneOf(
    event.process?.parentImage?.name,
    ...ofEvidence(event, ({ process }) => process?.parentImage?.name),
  ),
  registry_key_name: new OneOf(
    event.registry?.key,
    registryKey(event),
    ...ofEvidence(event, ({ registry }) => registry?.key),
  ),
  subject: event.message?.subject,
});

const rowFacts: Facts = (event) => ({
  defender_table: event.table,
  vendor_product: event.product,
  vendor_account: event.tenantId,
  dest: event.device?.name ?? event.device?.id ?? event.message?.recipient,
  user: event.user?.name ?? event.user?.upn,
  process: event.process?.commandLine?.slice(0, 2048),
  process_name: event.process?.image?.name,
  process_path: event.process?.image?.path,
  process_id: event.process?.pid,
  parent_process_name: event.process?.parentImage?.name,
  parent_process_id: event.process?.parentPid,
  registry_key_name: event.registry?.key,
  registry_value_name: event.registry?.valueName,
  registry_value_data: event.registry?.value,
  src_user: event.message?.sender,
  recipient: event.message?.recipient,
  subject: event.message?.subject,
  internal_message_id: event.message?.networkMessageId,
});

const fileFacts: Facts = (event) => ({
  vendor_action: event.action,
  file_name: event.file?.name,
  file_path: event.file?.path,
  file_hash: event.file?.sha256 ?? event.file?.sha1 ?? event.file?.md5,
  file_size: event.file?.size,
});

describe('the facts of a record stand in the fields of the Common Information Model', () => {
  test('of alerts, by HEC', () => {
    expect(byHec.filter(isAlert).length).toBeGreaterThan(50);
    expect(wrong(byHec.filter(isAlert), alertFacts)).toEqual([]);
  });
  test('of alerts, by syslog', () => {
    const facts: Facts = (event) => ({
      ...alertFacts(event),
      signature_id: event.detectorId ?? event.category ?? 'Unknown', // CEF's header must name one
    });
    expect(wrong(bySyslog.filter(isAlert), facts)).toEqual([]);
  });
  test('of rows of advanced hunting', () => {
    const tables = ['DeviceProcessEvents', 'DeviceFileEvents', 'DeviceRegistryEvents', 'EmailEvents'];
    const rows = byHec.filter((each) => tables.some((table) => isRowOf(table)(each)));
    expect(new Set(rows.map(({ event }) => event.table))).toEqual(new Set(tables));
    expect(wrong(rows, rowFacts)).toEqual([]);
    expect(wrong(byHec.filter(isRowOf('DeviceFileEvents')), fileFacts)).toEqual([]);
  });
  test('of devices', () => {
    const devices = byHec.filter(({ event }) => event.kind === 'device');
    const facts: Facts = ({ device }) => ({ dest: device?.name ?? device?.id, os: device?.os });
    expect(wrong(devices, facts)).toEqual([]);
  });
});

/** What each data model demands: its tags, and the fields of which it has nothing else to show (§5.5, recommended). */
const models: readonly {
  readonly name: string;
  readonly tags: readonly string[];
  readonly holds: (each: Case) => boolean;
  /** Filled for every record. */
  readonly always: readonly string[];
  /** Filled for those records that tell it: at least one. */
  readonly often: readonly string[];
}[] = [
  {
    name: 'Alerts',
    tags: ['alert'],
    holds: isAlert,
    always: ['app', 'id', 'severity', 'severity_id', 'type', 'vendor_account'],
    often: [
      'dest',
      'signature',
      'signature_id',
      'src',
      'user',
      'user_name',
      'description',
      'mitre_technique_id',
    ],
  },
  {
    name: 'Malware_Attacks',
    tags: ['malware', 'attack'],
    holds: (each) => isAlert(each) && isMalware(each.event),
    always: ['severity', 'vendor_product'],
    often: [
      'action',
      'category',
      'dest',
      'dest_nt_domain',
      'file_hash',
      'file_name',
      'file_path',
      'signature',
      'user',
      'url',
    ],
  },
  {
    name: 'Endpoint.Processes',
    tags: ['process', 'report'],
    holds: isRowOf('DeviceProcessEvents'),
    always: [
      'action',
      'dest',
      'process',
      'process_id',
      'process_name',
      'process_path',
      'user',
      'vendor_product',
    ],
    often: [
      'parent_process',
      'parent_process_id',
      'parent_process_name',
      'parent_process_path',
      'parent_process_exec',
      'process_exec',
      'process_hash',
      'user_id',
    ],
  },
  {
    name: 'Endpoint.Filesystem',
    tags: ['endpoint', 'filesystem'],
    holds: isRowOf('DeviceFileEvents'),
    always: ['action', 'dest', 'file_name', 'file_path', 'vendor_product'],
    often: [
      'file_hash',
      'file_size',
      'file_create_time',
      'file_modify_time',
      'process',
      'process_id',
      'process_name',
      'user',
    ],
  },
  {
    name: 'Endpoint.Registry',
    tags: ['endpoint', 'registry'],
    holds: isRowOf('DeviceRegistryEvents'),
    always: ['action', 'dest', 'registry_hive', 'registry_path', 'registry_key_name', 'vendor_product'],
    often: ['registry_value_name', 'registry_value_type'],
  },
  {
    name: 'All_Email',
    tags: ['email'],
    holds: isRowOf('EmailEvents'),
    always: [
      'action',
      'dest',
      'src',
      'src_user',
      'src_user_domain',
      'recipient',
      'recipient_domain',
      'recipient_count',
      'subject',
      'message_id',
      'internal_message_id',
      'vendor_product',
    ],
    often: [],
  },
];

function isMalware(event: SecurityEvent): boolean {
  const categories = ['Malware', 'Ransomware', 'UnwantedSoftware'];
  return categories.includes(event.category ?? '') || (event.threatName ?? event.threatFamily) !== undefined;
}

test.each(models)('$name: exactly its records have its tags, and they have its fields', (model) => {
  const tagged = byHec.filter(({ fields }) => model.tags.every((tag) => fields.get('tag')?.includes(tag)));
  expect(tagged.length).toBeGreaterThan(0);
  expect(tagged.map(({ name }) => name)).toEqual(byHec.filter(model.holds).map(({ name }) => name));
  const bare = tagged.flatMap(({ name, fields }) =>
    model.always.filter((field) => !fields.has(field)).map((field) => `${name}: ${field}`),
  );
  expect(bare).toEqual([]);
  expect(model.often.filter((field) => !tagged.some(({ fields }) => fields.has(field)))).toEqual([]);
});

test('by syslog, exactly the alerts have the tag of alerts', () => {
  const tagged = bySyslog.filter(({ fields }) => fields.get('tag')?.includes('alert'));
  expect(tagged.map(({ name }) => name)).toEqual(bySyslog.filter(isAlert).map(({ name }) => name));
});

test("severity and action are words of the models' value sets", () => {
  const tagged = [...byHec, ...bySyslog].filter(({ fields }) => (fields.get('tag') ?? []).length > 0);
  const severities = new Set(tagged.filter(isAlert).flatMap(({ fields }) => fields.get('severity') ?? []));
  expect([...severities].filter((word) => !(word in severityIds))).toEqual([]);
  const allowed: readonly (readonly [tag: string, words: readonly string[]])[] = [
    ['malware', ['allowed', 'blocked', 'deferred']],
    ['process', ['allowed', 'blocked', 'deferred']],
    ['filesystem', ['acl_modified', 'created', 'deleted', 'modified', 'read']],
    ['registry', ['created', 'deleted', 'modified', 'read']],
    ['email', ['blocked', 'delivered', 'quarantined', 'deleted']],
  ];
  const strays = allowed.flatMap(([tag, words]) =>
    tagged
      .filter(({ fields }) => fields.get('tag')?.includes(tag))
      .flatMap(({ fields }) => fields.get('action') ?? [])
      .filter((word) => !words.includes(word))
      .map((word) => `${tag}: ${word}`),
  );
  expect(strays).toEqual([]);
});
