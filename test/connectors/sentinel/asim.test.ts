import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asim } from '../../../connectors/sentinel/asim/asim.ts';
import * as entityColumns from '../../../connectors/sentinel/asim/entity-columns.ts';
import type { SecurityEvent } from '../../../src/event.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { acceptedAtMs, fixtures } from '../../normalise/fixtures.ts';
import { anEvent } from '../../support/event.ts';
import { fullEvent, hostileEvent } from '../../support/events.ts';
import { payloads } from '../../support/sink-contract.ts';
import { asimAlertEvent } from './asim-schema.ts';
import { openRig } from './rig.ts';
import { streamColumns } from './stream-columns.ts';

const format = asim.create({});
const context = { tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c' };
const events = fixtures.map(({ name, kind, json }) => ({
  name,
  event: normalise({ ...recordOf(kind, json), acceptedAtMs }, context),
}));
const reserved = new Set(['_ResourceId', 'id', '_SubscriptionId', 'TenantId', 'Type', 'UniqueId', 'Title']);
const never = new AbortController().signal;

function textOf(event: SecurityEvent, maxBytes = 950_000): string {
  const formatted = format(event, maxBytes);
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return formatted.text;
}

function rowOf(event: SecurityEvent): Readonly<Record<string, unknown>> {
  return JSON.parse(textOf(event));
}

test('columns have names that a table takes, each once, and none that Azure keeps for itself', () => {
  const names = asim.fields.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  for (const name of names) {
    expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,44}$/);
    expect(reserved.has(name)).toBe(false);
  }
});

test('a column of a part finds nothing in an event without the part', () => {
  const columns = Object.values(entityColumns)
    .flat()
    .filter(({ partOf }) => partOf !== undefined);
  expect(columns.length).toBeGreaterThan(60);
  for (const { path, partOf, ...column } of columns) {
    const parts = Object.keys(fullEvent).filter(
      (name) => partOf?.({ ...fullEvent, [name]: undefined }) === undefined,
    );
    expect(parts, path).toHaveLength(1);
    const event = { ...fullEvent, [parts.join()]: undefined };
    const found = 'elements' in column ? column.elements(event, []) : (column.value(event, []) ?? []);
    expect(found, path).toEqual([]);
  }
});

test('a full event fills the columns of alerts; every column is of a type that streams have', () => {
  const row = rowOf(fullEvent);
  const own = /^(Connector|HuntingTable|IndicatorAssociation|Truncated)/;
  const missing = Object.keys(streamColumns).filter((name) => !(name in row) && !own.test(name));
  expect(missing).toEqual([]);
  expect(row).toMatchObject({
    TimeGenerated: '2026-11-03T08:26:10.1234567Z',
    EventUid: fullEvent.id,
    EventVersion: fullEvent.version,
    AttackTactics: 'Credential Access',
    AttackTechniques: 'T1003, T1003.001',
    Username: 'CONTOSO\\liz.bean',
    UsernameType: 'Windows',
    AlertStatus: 'Active',
    AlertVerdict: 'True Positive',
    DetectionMethod: 'Antivirus',
    EventCount: 1,
    Record: JSON.parse(fullEvent.json),
  });
});

test('the row of every alert obeys the schema, and its own words stand beside what the schema made of them', () => {
  const alerts = events.filter(({ event: { kind } }) => ['graph-alert', 'alert', 'detection'].includes(kind));
  expect(alerts.length).toBeGreaterThan(20);
  for (const { name, event } of alerts) {
    const found = asimAlertEvent.safeParse(rowOf(event));
    expect(found.error?.issues, name).toBeUndefined();
  }
});

test('the rows of Graph alerts are as blessed', async () => {
  const rows = events
    .filter(({ event: { kind } }) => kind === 'graph-alert')
    .map(({ event }) => `${textOf(event)}\n`);
  await expect(rows.join('')).toMatchFileSnapshot('golden/graph-alerts-v2.txt');
});

test('rows of other kinds claim no schema, but tell their kind and the whole record', () => {
  const others = events.filter(
    ({ event: { kind } }) => !['graph-alert', 'alert', 'detection'].includes(kind),
  );
  expect(new Set(others.map(({ event: { kind } }) => kind)).size).toBeGreaterThanOrEqual(3);
  for (const { event } of others) {
    const row = rowOf(event);
    expect(row).not.toHaveProperty('EventSchema');
    expect(row).toMatchObject({ RecordKind: event.kind, Record: JSON.parse(event.json) });
  }
});

test('every record is delivered, no column is lost, none is cut by Azure', async () => {
  await using opened = await openRig(streamColumns);
  const { server, sink } = opened;
  const texts = events.map(({ event }) => textOf(event, sink.payloadBytes(event)));
  const outcomes = await sink.send(payloads(...texts), never);
  expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  expect(server.losses).toEqual([]);
  expect(server.stored.map((row) => JSON.stringify(row))).toEqual(
    texts.map((text) => JSON.stringify(JSON.parse(text))),
  );
});

test('hostile values end no value, add no column, and arrive as they were', async () => {
  await using opened = await openRig(streamColumns);
  const { server, sink } = opened;
  const hostile = fc.sample(hostileEvent, { numRuns: 150, seed: 5 });
  const texts = hostile.map((event) => textOf(event, sink.payloadBytes(event)));
  for (const text of texts) expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  const outcomes = await sink.send(payloads(...texts), never);
  expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  expect(server.losses).toEqual([]);
  expect(server.stored.map(({ EventUid }) => EventUid)).toEqual(
    hostile.map(({ kind, id, recordId }) => {
      const identity = kind === 'detection' ? (recordId ?? id) : id;
      return identity.toWellFormed().replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') || undefined;
    }),
  );
});

describe('what is longer than Azure keeps', () => {
  const most = 64_000;

  test.each([
    ['of one byte', 'x', 64_000],
    ['of three bytes', '漢', 21_333],
    ['of four bytes', '😀', 16_000],
  ])('text of characters %s is cut between two of them, and named', (_size, character, fit) => {
    const whole = rowOf({ ...fullEvent, description: character.repeat(fit) });
    expect(whole).not.toHaveProperty('Truncated');
    const cut = rowOf({ ...fullEvent, description: character.repeat(fit + 1) });
    expect(cut.Truncated).toBe('EventMessage');
    expect(cut.EventMessage).toMatch(new RegExp(`^(${character})+…$`, 'u'));
    const bytes = Buffer.byteLength(String(cut.EventMessage));
    expect(bytes).toBeLessThanOrEqual(most);
    expect(bytes).toBeGreaterThan(most - 8);
  });

  test('lists lose their last values, a record stays whole or is left out; both are named', () => {
    const tags = Array.from({ length: 9_000 }, (_, index) => `tag ${index}`);
    const row = rowOf({ ...fullEvent, tags, json: `{"a":"${'x'.repeat(most)}"}` });
    expect(row.Truncated).toBe('AlertTags,Record');
    expect(row).not.toHaveProperty('Record');
    expect(row.AlertTags).toEqual(tags.slice(0, (row.AlertTags as readonly string[]).length));
  });

  test('a call that is too small for the row leaves out columns in the documented order, and keeps its identity', () => {
    const formatted = format({ ...fullEvent, description: 'x'.repeat(60_000) }, 4_000);
    expect(formatted.kind === 'formatted' && formatted.truncated).toContain('EventMessage');
    expect(textOf({ ...fullEvent, description: 'x'.repeat(60_000) }, 4_000)).toContain(
      `"EventUid":"${fullEvent.id}"`,
    );
  });
});

test.each<readonly [what: string, event: Partial<SecurityEvent>, row: Readonly<Record<string, unknown>>]>([
  ['a coin miner', { threatName: 'Trojan:Win32/CoinMiner.X' }, { ThreatCategory: 'Cryptominor' }],
  ['ransomware by its name', { threatName: 'Ransom:Win32/Conti' }, { ThreatCategory: 'Ransomware' }],
  ['malware by its category', { category: 'Malware' }, { ThreatCategory: 'Malware', EventSubType: 'Threat' }],
  [
    'data loss',
    { category: 'DataLossPrevention' },
    { EventSubType: 'Compliance Violation', ThreatCategory: 'Security Policy Violation' },
  ],
  ['a suspicious activity', { category: 'SuspiciousActivity' }, { EventSubType: 'Suspicious Activity' }],
  [
    'an anomaly',
    { serviceSource: 'azureAdIdentityProtection' },
    { EventSubType: 'Anomaly', DetectionMethod: 'Behavioral Analytics' },
  ],
  [
    'a source that the schema has no word for',
    { detectionSource: 'somethingNew' },
    { DetectionMethod: 'Other' },
  ],
  [
    'a closed alert',
    { status: 'Resolved', classification: 'FalsePositive' },
    { AlertStatus: 'Closed', AlertVerdict: 'False Positive' },
  ],
  [
    'a critical one',
    { severity: 'critical', severityText: 'critical' },
    { EventSeverity: 'High', EventOriginalSeverity: 'critical' },
  ],
])('%s', (_what, event, row) => {
  expect(rowOf(anEvent(event))).toMatchObject(row);
});
