import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { recordIdentity, type SecurityEvent } from '../../src/event.ts';
import { normalise, recogniseKind, recordOf, recordTypes } from '../../src/normalise/index.ts';
import type { RecordKind } from '../../src/record.ts';
import { fixtures } from './fixtures.ts';
import { fullGraphAlert } from './full-graph-alert.ts';
import { fullAlert, fullDetection } from './full-records.ts';

function eventOf(kind: RecordKind, record: object, tenantId?: string): SecurityEvent {
  return normalise(recordOf(kind, JSON.stringify(record)), tenantId === undefined ? {} : { tenantId });
}

const hashOf = (json: string) => `sha256:${createHash('sha256').update(json).digest('hex')}`;

describe('recordOf', () => {
  test.each([
    ['detection', fullDetection, 'da1_1:UNIQUE=', '2020-09-30T14:11:44.0779765Z'],
    ['alert', fullAlert, 'da2_2', '2021-01-26T20:33:59.2Z'],
    ['graph-alert', fullGraphAlert, 'da3_3', '2023-10-20T09:54:07.5033333Z'],
  ] as const)('identifies a %s by its id and its last update as sent', (kind, record, id, version) => {
    const json = JSON.stringify(record, undefined, 2);
    expect(recordOf(kind, json)).toMatchObject({ kind, id, version, updated: version, json });
  });

  test.each([
    ['alert, unique id and part', { AlertId: 'a', IocUniqueId: 'u', AlertPart: 1 }, 'a:u:1'],
    ['alert and part', { AlertId: 'a', AlertPart: 0 }, 'a:0'],
    ['alert and unique id', { AlertId: 'a', IocUniqueId: 'u', FullId: '' }, 'a:u'],
  ])('composes the id of a detection without FullId of %s', (_name, record, id) => {
    expect(recordOf('detection', JSON.stringify(record)).id).toBe(id);
  });

  test.each([
    ['detection', '{"AlertId":"several detections share it"}'],
    ['detection', '{}'],
    ['alert', '{"id":null,"title":"x"}'],
    ['graph-alert', '{"id":" ","title":"x"}'],
  ] as const)('knows a %s without an id by the hash of its text: %s', (kind, json) => {
    expect(recordOf(kind, json).id).toBe(hashOf(json));
  });

  test.each([
    ['no update time', '{"id":"1"}'],
    ['a null', '{"id":"1","lastUpdateTime":null}'],
    ['year 1', '{"id":"1","lastUpdateTime":"0001-01-01T00:00:00Z"}'],
    ['no time', '{"id":"1","lastUpdateTime":"soon"}'],
  ])('gives a record with %s the hash of its text for a version', (_name, json) => {
    expect(recordOf('alert', json)).toMatchObject({ id: '1', version: hashOf(json), updated: undefined });
  });

  const born = '2026-11-03T08:00:00.1234567Z';
  test.each<[RecordKind, object, string | undefined]>([
    ['detection', { AlertId: 'a', AlertTime: born }, born],
    ['alert', { id: 'a', alertCreationTime: born }, born],
    ['graph-alert', { id: 'a', createdDateTime: born, lastUpdateDateTime: '2026-11-04' }, born],
    ['incident', { id: 'a', createdTime: born }, born],
    ['hunting-event', { ReportId: 1, Timestamp: born }, born],
    ['device', { id: 'a', firstSeen: born, lastSeen: '2026-11-04' }, born],
    ['entity', { id: 'a', creationDateTimeUtc: born }, born],
    ['connector', { id: 'a', time: '2026-11-04T00:00:00Z', since: born }, born],
    ['connector', { id: 'a', time: born }, born],
    ['graph-alert', { id: 'a', createdDateTime: 'soon' }, undefined],
  ])('says of a %s %j when it came into being, as sent', (kind, record, created) => {
    expect(recordOf(kind, JSON.stringify(record)).created).toBe(created);
  });

  test.each(['', 'null', '[]', '"text"', '7', '{"id":', '<html>'])('refuses %j', (json) => {
    expect(() => recordOf('alert', json)).toThrow(ConnectorError);
    expect(() => recordOf('alert', json)).toThrow(expect.objectContaining({ code: 'API_FAILED' }));
  });
});

describe('recogniseKind', () => {
  test('every fixture is of its kind, and of no other but the one that takes whatever has an id', () => {
    for (const { name, kind, json } of fixtures) {
      expect(recogniseKind(json), name).toBe(kind);
      const takers = recordTypes.filter((type) => type.recognises(JSON.parse(json))).map((type) => type.kind);
      expect(
        takers.filter((taker) => taker !== 'entity'),
        name,
      ).toEqual(kind === 'entity' ? [] : [kind]);
    }
  });

  test.each([
    ['incident', { id: '1', displayName: 'x', createdDateTime: '2024-01-01T00:00:00Z', incidentWebUrl: 'u' }],
    ['incident', { incidentId: 1, lastUpdateTime: '2024-01-01T00:00:00Z', incidentName: 'x', alerts: [] }],
    ['device', { id: 'm', computerDnsName: 'h', lastSeen: '2024-01-01T00:00:00Z' }],
    ['entity', { id: 'm', computerDnsName: 'h', type: 'Isolate' }],
    ['entity', { id: '7', indicatorValue: 'x', title: 'x', lastUpdateTime: '2024-01-01T00:00:00Z' }],
    ['entity', { Id: 'x', CveId: 'CVE-2026-1', DeviceId: 'd' }],
    ['hunting-event', { Timestamp: '2024-01-01T00:00:00Z', AlertId: 'a', Title: 'x' }],
    ['hunting-event', { category: 'AdvancedHunting-New', properties: {} }],
    [undefined, { category: 'AdvancedHunting-New', properties: null }],
    [undefined, { nothing: 'known' }],
    [undefined, {}],
  ])('%s: %j', (kind, object) => {
    expect(recogniseKind(object)).toBe(kind);
    expect(recogniseKind(JSON.stringify(object))).toBe(kind);
  });

  test('what is no JSON object is none of the kinds', () => {
    expect(['', '[]', '1', '{'].map((json) => recogniseKind(json))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('normalise', () => {
  test('the event of every fixture carries the record and what it is', () => {
    for (const { name, kind, json } of fixtures) {
      const record = recordOf(kind, json);
      const event = normalise(record, {});
      expect(event, name).toMatchObject({ kind, version: record.version, json, updated: record.updated });
      expect(event.title, name).toEqual(expect.any(String));
      expect(event.severity, name).not.toBe('unknown');
      expect(recordIdentity(event), name).toBe(record.id);
    }
  });

  test.each([
    ['Informational', 'informational'],
    ['HIGH', 'high'],
    ['critical', 'critical'],
    ['UnSpecified', 'unknown'],
    ['unknownFutureValue', 'unknown'],
    ['Apocalyptic', 'unknown'],
  ])('severity %s is %s, and the word is kept', (word, severity) => {
    expect(eventOf('alert', { ...fullAlert, severity: word })).toMatchObject({
      severity,
      severityText: word,
    });
  });

  test('words are kept as sent', () => {
    const event = eventOf('alert', {
      ...fullAlert,
      status: 'New',
      classification: 'Unknown',
      category: 'None',
    });
    expect(event).toMatchObject({ status: 'New', classification: 'Unknown', category: 'None' });
  });

  test('`unknown` in an enumeration of Graph means none (§11.1), except for a verdict, which it ranks', () => {
    const event = eventOf('graph-alert', {
      ...fullGraphAlert,
      status: 'unknown',
      classification: 'unknown',
      determination: 'unknown',
      detectionSource: 'unknown',
      evidence: [
        { '@odata.type': '#microsoft.graph.security.ipEvidence', verdict: 'unknown', ipAddress: '::1' },
      ],
    });
    expect(
      event.status ?? event.classification ?? event.determination ?? event.detectionSource,
    ).toBeUndefined();
    expect(event.verdict).toBe('unknown');
  });

  test('the text `null` is no category', () => {
    expect(eventOf('alert', { ...fullAlert, category: 'null' }).category).toBeUndefined();
  });

  test('a detection of 2017 gives its detector, and nothing for its nulls', () => {
    const old = fixtures.find(({ json }) => json.includes('IoaDefinitiondId'));
    const event = normalise(recordOf('detection', old?.json ?? ''), {});
    expect(event).toMatchObject({
      detectorId: '7f1c3609-a3ff-40e2-995b-c01770161d68',
      detectionSource: 'Windows Defender ATP',
      alertUrl: 'https://securitycenter.windows.com/alert/636207535742330111_-1114309685',
      file: { path: 'C:\\Windows\\SysWOW64\\WindowsPowerShell\\v1.0\\powershell.exe' },
    });
    const { user, process, network, url, action, threatName, actor, indicator } = event;
    expect([user, process, network, url, action, threatName, actor, indicator].filter(Boolean)).toEqual([]);
  });

  test('an alert of 2019 gives its user, files, domains and addresses', () => {
    const event = eventOf('alert', {
      id: 'old',
      alertUser: { accountName: 'liz', domainName: 'CONTOSO' },
      alertFiles: [{ fileName: 'a.exe', filePath: 'C:\\x', sha1: 's' }, null],
      alertDomains: [{ host: 'evil.example' }],
      alertIps: ['203.0.113.1'],
      lastUpdateTime: '2019-09-01T13:31:08.57Z',
    });
    expect(event).toMatchObject({
      user: { name: 'liz', domain: 'CONTOSO' },
      file: { path: 'C:\\x\\a.exe', sha1: 's' },
      domainName: 'evil.example',
      network: { remoteIp: '203.0.113.1' },
    });
    expect(event.evidence.map(({ type }) => type)).toEqual(['File', 'Domain', 'Ip']);
  });

  test('year 1 is no time', () => {
    const event = eventOf('alert', {
      ...fullAlert,
      resolvedTime: '0001-01-01T00:00:00',
      firstEventTime: '0001-01-01T00:00:00Z',
    });
    expect([event.resolved, event.firstActivity]).toEqual([undefined, undefined]);
  });

  test('digits of numbers beyond 2^53 are kept', () => {
    const json = JSON.stringify(fullAlert).replace('"processId":3276', '"processId":18446744073709551615');
    const event = normalise(recordOf('alert', json), {});
    expect(event.process?.pid).toBe('18446744073709551615');
    expect(event.incidentId).toBe('1126093');
  });

  test.each([
    ['microsoftDefenderForIdentity', undefined, 'Microsoft Defender for Identity'],
    ['microsoft365Defender', 'Microsoft 365 Defender', 'Microsoft Defender XDR'],
    ['azureAdIdentityProtection', undefined, 'Microsoft Entra ID Protection'],
    ['dataLossPrevention', undefined, 'Microsoft Purview DLP'],
    ['microsoftInsiderRiskManagement', 'Microsoft Purview Insider Risk', 'Microsoft Purview Insider Risk'],
    ['microsoftThreatIntelligence', undefined, 'Microsoft Threat Intelligence'],
    ['unknownFutureValue', undefined, 'Microsoft Defender'],
    ['unknown', undefined, 'Microsoft Defender'],
    [undefined, undefined, 'Microsoft Defender'],
  ])('service %s with product name %s is %s', (serviceSource, productName, product) => {
    expect(eventOf('graph-alert', { ...fullGraphAlert, serviceSource, productName }).product).toBe(product);
  });

  test('links are built where the record has none, for the portal of its cloud', () => {
    const record = recordOf('graph-alert', '{"id":"da/1","incidentId":"5","tenantId":"t 1"}');
    expect(normalise(record, { portalOrigin: 'https://security.microsoft.us' })).toMatchObject({
      alertUrl: 'https://security.microsoft.us/alerts/da%2F1?tid=t%201',
      incidentUrl: 'https://security.microsoft.us/incident2/5/overview?tid=t%201',
    });
    expect(normalise(recordOf('detection', '{"AlertId":"da1","AlertPart":0}'), {}).alertUrl).toBe(
      'https://security.microsoft.com/alerts/da1',
    );
  });

  test('the tenant of the connection stands in where the record names none', () => {
    expect(eventOf('alert', { id: '1' }, 'mine').tenantId).toBe('mine');
    expect(eventOf('alert', { id: '1', aadTenantId: 'own' }, 'mine').tenantId).toBe('own');
  });

  test('fallbacks: detector by policy, family by category, hash of the file, only the IocUniqueId', () => {
    expect(eventOf('graph-alert', { ...fullGraphAlert, detectorId: null }).detectorId).toBe('policy-1');
    const { threatFamily, file, indicator } = eventOf('detection', {
      AlertId: '1',
      ThreatCategory: 'HackTool',
      FileHash: 'f'.repeat(40),
      IocUniqueId: 'u',
    });
    expect([threatFamily, file?.sha1, indicator]).toEqual(['HackTool', 'f'.repeat(40), undefined]);
  });

  test('the user of an alert is completed from the evidence of the same account alone', () => {
    const stranger = { entityType: 'User', accountName: 'eve', userSid: 'S-1-5-21-666' };
    const same = { entityType: 'User', userPrincipalName: 'Liz@contoso.com', userSid: 'S-1-5-21-7' };
    const relatedUser = { userName: 'liz', domainName: 'CONTOSO' };
    const userOf = (fields: object) => eventOf('alert', { id: '1', ...fields }).user;
    expect(userOf({ relatedUser, evidence: [stranger] })).toMatchObject({ name: 'liz', sid: undefined });
    expect(userOf({ relatedUser, evidence: [stranger, same] })).toMatchObject({
      name: 'liz',
      sid: 'S-1-5-21-7',
    });
    expect(userOf({ evidence: [stranger] })).toMatchObject({ name: 'eve', sid: 'S-1-5-21-666' });
  });
});

describe('normalise is total', () => {
  const kinds = fc.constantFrom<RecordKind[]>(...recordTypes.map((type) => type.kind));
  const identity = { id: 'id', version: 'version' };

  function expectEvent(kind: RecordKind, json: string): void {
    const event = normalise({ kind, ...identity, json }, { tenantId: 't' });
    expect(event).toMatchObject({ kind, version: 'version', json });
    expect(typeof event.id).toBe('string');
    for (const text of [
      event.title,
      event.description,
      event.created,
      event.process?.pid,
      event.user?.name,
    ]) {
      expect(['string', 'undefined']).toContain(typeof text);
    }
    for (const list of [
      event.techniques,
      event.tags,
      event.device?.tags ?? [],
      event.device?.ipAddresses ?? [],
    ]) {
      expect(new Set(list).size).toBe(list.length);
    }
  }

  test('for any JSON object', () => {
    fc.assert(
      fc.property(kinds, fc.dictionary(fc.string(), fc.jsonValue()), (kind, object) =>
        expectEvent(kind, JSON.stringify(object)),
      ),
    );
  });

  test('for text that is no JSON at all', () => {
    fc.assert(fc.property(kinds, fc.string(), expectEvent));
  });

  test('for real records with a value of any type in any place', () => {
    const records = [
      ...fixtures,
      { kind: 'detection' as const, json: JSON.stringify(fullDetection) },
      { kind: 'alert' as const, json: JSON.stringify(fullAlert) },
      { kind: 'graph-alert' as const, json: JSON.stringify(fullGraphAlert) },
    ];
    const mutation = fc.record({ at: fc.nat(), value: fc.jsonValue({ maxDepth: 2 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...records),
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        (record, mutations) => {
          expectEvent(record.kind, mutated(record.json, mutations));
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each(['null', '0', '"x"', 'true', '[]', '{}', '[null]', '[{}]', '[[1e999]]'])(
    'with %s in every field',
    (value) => {
      for (const [kind, full] of [
        ['detection', fullDetection],
        ['alert', fullAlert],
        ['graph-alert', fullGraphAlert],
      ] as const) {
        const fields = Object.keys(full).map((name) => `${JSON.stringify(name)}:${value}`);
        expectEvent(kind, `{${fields.join(',')}}`);
      }
    },
  );

  test('for a record nested deeper than a recursive visit takes, with a number that needs one', () => {
    const deep = `${'['.repeat(50_000)}12345678901234567890${']'.repeat(50_000)}`;
    expectEvent('alert', `{"id":"1","title":"deep","additionalData":${deep}}`);
    expect(normalise({ kind: 'alert', ...identity, json: `{"title":"deep","x":${deep}}` }, {}).title).toBe(
      'deep',
    );
  });
});

/** Puts values into places of a record: each place is one value, counted through the whole tree. */
function mutated(
  json: string,
  mutations: readonly { readonly at: number; readonly value: unknown }[],
): string {
  let places = 0;
  JSON.parse(json, () => {
    places++;
  });
  const values = new Map(mutations.map(({ at, value }) => [at % Math.max(places - 1, 1), value]));
  let place = 0;
  return JSON.stringify(
    JSON.parse(json, (_key, value: unknown) => {
      const replacement = values.get(place);
      return values.has(place++) ? replacement : value;
    }),
  );
}
