import { readFileSync } from 'node:fs';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { expect, test } from 'vitest';
import type { SecurityEvent } from '../../../src/event.ts';
import { leef } from '../../../src/formats/leef/leef.ts';
import { leefSeverity } from '../../../src/formats/severity.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { fixtures } from '../../normalise/fixtures.ts';
import { plainCsv } from '../../support/csv.ts';
import { anEvent } from '../../support/event.ts';
import { connectorClassIds, defenderCategories } from '../../support/event-vocabulary.ts';
import { parseLeef } from '../../support/leef-parser.ts';

const folder = new URL('../../../connectors/qradar/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const xml = read('defender-siem-extension.xml');
const mappings = plainCsv(read('event-mappings.csv'));
const properties = plainCsv(read('custom-properties.csv'));
const schema = readFileSync(new URL('device-extension.xsd', import.meta.url), 'utf8');

/** Keys that a log source of the type Universal LEEF reads itself, and the extension leaves to it (IBM LEEF guide). */
const readByUniversalLeef = ['devTime'];

/** Low-level categories of QRadar that the mapping uses, by id (IBM: event categories). */
const lowLevelCategories: Readonly<Record<string, string>> = {
  1011: 'Misc Recon Event',
  5010: 'Misc Exploit',
  5014: 'Password Guess/Retrieve',
  5026: 'Remote Access Exploit',
  6004: 'Malicious Software',
  6007: 'Misc Malware',
  6018: 'Malware Infection',
  7001: 'Unknown Suspicious Event',
  7006: 'Suspicious Activity',
  7011: 'Unknown Evasion Event',
  7022: 'Executable Code Detected',
  7023: 'Misc Suspicious Event',
  7024: 'Information Leak',
  8005: 'System Failure',
  8007: 'System Error',
  8052: 'Information',
  8053: 'Notice',
  9012: 'Misc Policy Violation',
  13010: 'Potential Misc Exploit',
  13012: 'Potential Botnet connection',
  22032: 'Heartbeat',
};

function validate(text: string): void {
  using xsd = XmlDocument.fromString(schema);
  using validator = XsdValidator.fromDoc(xsd);
  using document = XmlDocument.fromString(text);
  validator.validate(document);
}

function patternOf(id: string): string {
  const found = new RegExp(
    `<pattern id="${id}" type="\\w+">(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</pattern>`,
  ).exec(xml)?.[1];
  if (found === undefined) throw new Error(`no pattern ${id}`);
  return found;
}

const knownEventId = new RegExp(patternOf('KnownEventId'));
const format = leef.create(leef.options.parse({ delimiter: 'tab' }));

/** What QRadar finds of a message by the extension: the key of the QID. */
function keyOf(event: SecurityEvent): { readonly name: string; readonly category: string } {
  const formatted = format(event, Number.POSITIVE_INFINITY);
  if (formatted.kind === 'oversize') throw new Error(formatted.reason);
  const message = `<133>Nov  3 08:26:10 defender-siem ${formatted.text}`;
  const id = knownEventId.exec(message)?.[1];
  expect(message).toMatch(new RegExp(patternOf('AnyEventId')));
  return {
    name: `Defender ${id ?? 'Other'}`,
    category: parseLeef(formatted.text).attributes.get(patternOf('sev')) ?? '',
  };
}

function mappingOf(event: SecurityEvent) {
  const { name, category } = keyOf(event);
  return mappings.find(
    (row) => row.log_source_event_id === name && row.log_source_event_category === category,
  );
}

test('the extension is valid by the structure that IBM published, which refuses what is not', () => {
  validate(xml);
  const wrong = [
    xml.replace('field="SourceIp"', 'field="SourceIP"'),
    xml.replace('pattern-id="usrName"', 'pattern-id="userName"'),
    xml.replace('UseDSMResults', 'Always'),
    xml.replace('type="LeefKey">sev<', 'type="LeefKey"> sev<'),
    xml.replaceAll('ns2:device-extension', 'device-extension'),
  ];
  for (const text of wrong) expect(() => validate(text)).toThrow();
});

test('the extension, the custom properties and Universal LEEF read exactly the keys that LEEF writes', () => {
  const inExtension = [...xml.matchAll(/type="LeefKey">(\w+)</g)].map(([, key = '']) => key);
  const told = [...inExtension, ...properties.map(({ key = '' }) => key), ...readByUniversalLeef];
  const written = leef.fields.filter(({ type }) => type !== 'header').map(({ name }) => name);
  expect(told.toSorted()).toEqual(written.toSorted());
});

test('custom properties have names and types that QRadar takes', () => {
  expect(new Set(properties.map(({ property }) => property)).size).toBe(properties.length);
  for (const { property = '', type = '', used_in_rules = '' } of properties) {
    expect(property).toMatch(/^[A-Z][\w ]{1,60}$/);
    expect(['string', 'numeric']).toContain(type);
    expect(['true', 'false']).toContain(used_in_rules);
  }
});

test('the event mapping has each category and type with each severity, and what the extension calls the rest', () => {
  const known = /\(([\w|-]+)\)\\\|$/.exec(patternOf('KnownEventId'))?.[1]?.split('|') ?? [];
  const named = new Set(mappings.map((row) => row.log_source_event_id));
  expect([...named].toSorted()).toEqual([...known, 'Other'].map((id) => `Defender ${id}`).toSorted());
  expect(known).toEqual(
    expect.arrayContaining([...defenderCategories, ...connectorClassIds, 'connector-event']),
  );
  const keys = mappings.map((row) => `${row.log_source_event_id}|${row.log_source_event_category}`);
  const wanted = [...named].flatMap((id) => Object.values(leefSeverity).map((sev) => `${id}|${sev}`));
  expect(keys.toSorted()).toEqual(wanted.toSorted());
});

test('a QID is one thing: its name stands for one severity and one low-level category', () => {
  const byName = Map.groupBy(mappings, (row) => row.qid_name ?? '');
  for (const [name, rows] of byName) {
    expect(name).toMatch(/^(?:Microsoft Defender|defender-siem): .{3,100}$/);
    const meanings = rows.map((row) => `${row.severity} ${row.low_level_category_id} ${row.qid_description}`);
    expect([name, new Set(meanings).size]).toEqual([name, 1]);
    expect(Number(rows[0]?.severity)).toBeGreaterThanOrEqual(1);
    expect(Number(rows[0]?.severity)).toBeLessThanOrEqual(10);
    expect(lowLevelCategories).toHaveProperty(rows[0]?.low_level_category_id ?? '');
  }
});

test('every record finds its QID; what an alert calls severe is severe, and a new category is still named', () => {
  for (const { name, kind, json } of fixtures) {
    const event = normalise(recordOf(kind, json), {});
    const mapping = mappingOf(event);
    expect(mapping, name).toBeDefined();
    expect(mapping?.log_source_event_id, name).not.toBe('Defender Other');
    if (kind !== 'hunting-event' && kind !== 'entity' && kind !== 'device')
      expect(mapping?.severity, name).toBe(String(leefSeverity[event.severity]));
  }
  expect(mappingOf(anEvent({ category: 'Test', severity: 'informational' }))).toMatchObject({
    qid_name: 'Microsoft Defender: test event',
  });
  expect(mappingOf(anEvent({ category: 'SomethingNew' }))).toMatchObject({
    qid_name: 'Microsoft Defender: other category (high)',
    severity: '8',
  });
  const connectorEvent = { kind: 'connector', product: 'defender-siem', severity: 'medium' } as const;
  for (const detectorId of connectorClassIds) {
    const called = detectorId.replace('connector-', '').replaceAll('-', ' ');
    expect(mappingOf(anEvent({ ...connectorEvent, detectorId }))).toMatchObject({
      qid_name: `defender-siem: ${called}`,
    });
  }
});

test('no text of an alert passes for the event id', () => {
  const forged = 'LEEF:2.0|Microsoft|Defender|1.0|Execution|x09|sev=1';
  expect(keyOf(anEvent({ category: 'SomethingNew', title: forged }))).toEqual({
    name: 'Defender Other',
    category: '8',
  });
});
