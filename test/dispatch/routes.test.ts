import { describe, expect, test } from 'vitest';
import type { ConnectorFacts } from '../../src/connector-facts.ts';
import { compileRoutes, type RouteConditions } from '../../src/dispatch/routes.ts';
import type { Device, Evidence, SecurityEvent } from '../../src/event.ts';
import { anEvent } from '../support/event.ts';

const device = (group: string): Device => ({ ...noDevice, group });
const noDevice: Device = {
  name: undefined,
  shortName: undefined,
  domain: undefined,
  ntDomain: undefined,
  id: undefined,
  entraId: undefined,
  ipAddresses: [],
  externalIp: undefined,
  os: undefined,
  osVersion: undefined,
  osBuild: undefined,
  group: undefined,
  tags: [],
  riskScore: undefined,
  healthStatus: undefined,
  onboardingStatus: undefined,
  antivirusStatus: undefined,
  loggedOnUsers: [],
  vmId: undefined,
  cloudProvider: undefined,
  subscriptionId: undefined,
  firstSeen: undefined,
};
const noFacts: ConnectorFacts = {
  number: undefined,
  tenant: undefined,
  source: undefined,
  sink: undefined,
  watermark: undefined,
  lagSeconds: undefined,
  accepted: undefined,
  repeated: undefined,
  lastSuccess: undefined,
  connectorVersion: undefined,
};
const evidence = (group: string): Evidence => ({
  type: 'deviceEvidence',
  created: undefined,
  verdict: undefined,
  remediationStatus: undefined,
  remediationDetails: undefined,
  detectionStatus: undefined,
  roles: [],
  detailedRoles: [],
  tags: [],
  device: device(group),
});

describe('where an event goes', () => {
  test.each([
    ['without routes, everywhere', undefined, true],
    ['with an empty list of routes, everywhere', [], true],
    ['along a route that names both', [{ from: ['alerts'], to: ['other', 'siem'] }], true],
    ['along a route for every source', [{ to: ['siem'] }], true],
    ['not along a route of another source', [{ from: ['incidents'], to: ['siem'] }], false],
    ['not along a route to another sink', [{ from: ['alerts'], to: ['other'] }], false],
    [
      'along any one of several',
      [
        { from: ['incidents'], to: ['siem'] },
        { from: ['alerts'], to: ['siem'] },
      ],
      true,
    ],
  ])('%s', (_rule, configs, goes) => {
    const routes = compileRoutes(configs);
    expect(routes.reach('alerts', 'siem')).toBe(goes);
    expect(routes.send('alerts', anEvent(), 'siem')).toBe(goes);
  });

  test('is any sink that one route names and whose conditions hold, though another route reaches it too', () => {
    const routes = compileRoutes([
      { from: ['alerts'], to: ['siem'], where: { severity: ['high'] } },
      { from: ['alerts'], to: ['siem'], where: { category: ['Malware'] } },
    ]);
    expect(routes.send('alerts', anEvent({ severity: 'low', category: 'Malware' }), 'siem')).toBe(true);
    expect(routes.send('alerts', anEvent({ severity: 'low', category: 'Other' }), 'siem')).toBe(false);
    expect(routes.reach('alerts', 'siem')).toBe(true);
  });
});

describe('a condition', () => {
  const cases: readonly (readonly [string, RouteConditions, Partial<SecurityEvent>, boolean])[] = [
    ['severity: one of the list', { severity: ['medium', 'high'] }, { severity: 'high' }, true],
    ['severity: none of the list', { severity: ['medium', 'high'] }, { severity: 'unknown' }, false],
    ['status without case', { status: ['new', 'inProgress'] }, { status: 'InProgress' }, true],
    ['status that the event does not say', { status: ['new', '*'] }, { status: undefined }, false],
    ['category', { category: ['malware'] }, { category: 'Malware' }, true],
    ['category: the whole of it', { category: ['malware'] }, { category: 'Malware2' }, false],
    [
      'service source',
      { serviceSource: ['*identity*'] },
      { serviceSource: 'microsoftDefenderForIdentity' },
      true,
    ],
    ['title', { title: ['*credential*'] }, { title: 'Suspicious Credential access' }, true],
    ['device group of the best device', { deviceGroup: ['EMEA*'] }, { device: device('emea-servers') }, true],
    [
      'device group of other evidence',
      { deviceGroup: ['EMEA*'] },
      { evidence: [evidence('APAC'), evidence('EMEA')] },
      true,
    ],
    [
      'device group of none',
      { deviceGroup: ['EMEA*'] },
      { device: device('APAC-EMEA'), evidence: [] },
      false,
    ],
    ['no device, no group', { deviceGroup: ['*'] }, { device: noDevice }, false],
    ['all of several', { status: ['new'], severity: ['high'] }, { status: 'new', severity: 'high' }, true],
    [
      'not only some of several',
      { status: ['new'], severity: ['high'] },
      { status: 'new', severity: 'low' },
      false,
    ],
    ['an empty list matches nothing', { status: [] }, { status: 'new' }, false],
  ];
  test.each(cases)('%s', (_rule, where, facts, holds) => {
    const routes = compileRoutes([{ from: ['alerts'], to: ['siem'], where }]);
    expect(routes.send('alerts', anEvent(facts), 'siem')).toBe(holds);
  });

  test.each([
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*', 'anything', true],
    ['*b*b*', 'aabab', true],
    ['*bc', 'abcbc', true],
    ['a*b', 'ab', true],
    ['a*b', 'abc', false],
    ['a.c', 'abc', false],
    ['[a]+', '[a]+', true],
    [`${'*a'.repeat(40)}b`, 'a'.repeat(20_000), false],
  ])('pattern %s against %.20s: %s', (pattern, title, holds) => {
    const routes = compileRoutes([{ from: ['alerts'], to: ['siem'], where: { title: [pattern] } }]);
    expect(routes.send('alerts', anEvent({ title }), 'siem')).toBe(holds);
  });
});

describe('the tenant of a source', () => {
  const tenants: Readonly<Record<string, string>> = { 'a@one': 'one', 'a@two': 'two', 'b@one': 'one' };
  const routes = compileRoutes(
    [
      { to: ['first'], where: { tenant: ['ONE'] } },
      { from: ['a@one', 'a@two'], to: ['both'], where: { tenant: ['t*', 'one'], severity: ['high'] } },
    ],
    (source) => tenants[source],
  );
  const about = (tenant: string | undefined) => anEvent({ connector: { ...noFacts, tenant } });

  test('decides which way its events go, in which letters it is written', () => {
    const ways = ['a@one', 'a@two', 'b@one', 'gone'].map((source) =>
      ['first', 'both'].filter((sink) => routes.send(source, anEvent({ severity: 'high' }), sink)),
    );
    expect(ways).toEqual([['first', 'both'], ['both'], ['first'], []]);
  });

  test('leads nowhere without an event being read', () => {
    expect(routes.reach('a@two', 'first')).toBe(false);
    expect(routes.reach('a@two', 'both')).toBe(true);
  });

  test("of the connector's own events is the one that they are about", () => {
    expect(routes.reach('connector', 'first')).toBe(true);
    const sent = ['one', 'two', undefined].map((tenant) => routes.send('connector', about(tenant), 'first'));
    expect(sent).toEqual([true, false, false]);
  });
});
