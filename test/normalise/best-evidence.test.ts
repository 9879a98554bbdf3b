import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/normalise/index.ts';

/** A Graph alert with this evidence; `type` without its namespace. */
function eventOf(evidence: readonly { readonly type: string; readonly [field: string]: unknown }[]) {
  const json = JSON.stringify({
    id: '1',
    evidence: evidence.map(({ type, ...fields }) => ({
      '@odata.type': `#microsoft.graph.security.${type}`,
      ...fields,
    })),
  });
  return normalise({ kind: 'graph-alert', id: '1', version: '1', json }, {});
}

const device = (deviceDnsName: string, fields: object = {}) => ({
  type: 'deviceEvidence',
  deviceDnsName,
  ...fields,
});
const user = (accountName: string, fields: object = {}) => ({
  type: 'userEvidence',
  userAccount: { accountName },
  ...fields,
});
const ip = (ipAddress: string, fields: object = {}) => ({ type: 'ipEvidence', ipAddress, ...fields });
const file = (fileName: string, fields: object = {}) => ({
  type: 'fileEvidence',
  fileDetails: { fileName },
  ...fields,
});

describe('the best evidence (§11.4)', () => {
  test.each([
    ['malicious', 'suspicious'],
    ['suspicious', 'unknown'],
    ['unknown', 'noThreatsFound'],
    ['suspicious', undefined],
    [undefined, 'noThreatsFound'],
  ])('verdict %s goes before %s', (worse, better) => {
    expect(eventOf([file('b', { verdict: better }), file('w', { verdict: worse })]).file?.name).toBe('w');
    expect(eventOf([file('w', { verdict: worse }), file('b', { verdict: better })]).file?.name).toBe('w');
  });

  test.each([
    ['compromised', 'attacked'],
    ['attacked', 'source'],
    ['source', 'destination'],
    ['destination', 'contextual'],
    ['loaded', 'contextual'],
  ])('a device whose role is %s goes before one that is %s', (first, second) => {
    expect(eventOf([device('2', { roles: [second] }), device('1', { roles: [first] })]).device?.name).toBe(
      '1',
    );
  });

  test.each([
    ['attacker', 'commandAndControl'],
    ['commandAndControl', 'compromised'],
    ['compromised', 'source'],
    ['source', 'destination'],
    ['destination', 'contextual'],
  ])('a user or address whose role is %s goes before one that is %s', (first, second) => {
    const event = eventOf([
      user('2', { roles: [second] }),
      ip('10.0.0.2', { roles: [second] }),
      user('1', { roles: [first] }),
      ip('10.0.0.1', { roles: [first] }),
    ]);
    expect([event.user?.name, event.network?.remoteIp]).toEqual(['1', '10.0.0.1']);
  });

  test('verdict goes before role, role before position, and among equals the first is taken', () => {
    const worst = device('worst', { verdict: 'malicious', roles: ['contextual'] });
    const telling = device('telling', { roles: ['compromised'] });
    expect(eventOf([telling, worst]).device?.name).toBe('worst');
    expect(eventOf([device('a'), device('b')]).device?.name).toBe('a');
  });

  test('evidence of the kind itself goes before evidence that only carries such a facet', () => {
    const session = { type: 'cloudLogonSessionEvidence', deviceName: 'phone', verdict: 'malicious' };
    expect(eventOf([session, device('pc')]).device?.name).toBe('pc');
    expect(eventOf([session]).device?.name).toBe('phone');
  });

  test.each([
    ['destination', true],
    ['commandAndControl', true],
    ['scanned', true],
    ['attacked', true],
    ['source', false],
    ['attacker', false],
  ])('an address whose role is %s: destination is %s', (role, isDestination) => {
    expect(eventOf([ip('192.0.2.1', { roles: [role] })]).network?.remoteIsDestination).toBe(isDestination);
  });
});

describe('what stands in for missing evidence', () => {
  const process = {
    type: 'processEvidence',
    imageFile: { fileName: 'p.exe' },
    userAccount: { accountName: 'of-process' },
  };
  const mailbox = {
    type: 'mailboxEvidence',
    primaryAddress: 'm@x',
    userAccount: { accountName: 'of-mailbox' },
  };
  const loggedOn = device('pc', { loggedOnUsers: [{ accountName: 'sole', domainName: 'D' }] });

  test('the file is ev:file, else the image of the process', () => {
    expect(eventOf([process, file('f')]).file?.name).toBe('f');
    expect(eventOf([process]).file?.name).toBe('p.exe');
  });

  test('the user is ev:user, else of the process, else of the mailbox, else the sole logged-on user', () => {
    const name = (...evidence: Parameters<typeof eventOf>[0]) => eventOf(evidence).user?.name;
    expect(name(loggedOn, mailbox, process, user('u'))).toBe('u');
    expect(name(loggedOn, mailbox, process)).toBe('of-process');
    expect(name(loggedOn, mailbox)).toBe('of-mailbox');
    expect(eventOf([loggedOn]).user).toMatchObject({ name: 'sole', domain: 'D' });
  });

  test('of two logged-on users neither is the user', () => {
    const two = device('pc', { loggedOnUsers: [{ accountName: 'a' }, { accountName: 'b' }] });
    expect(eventOf([two]).user).toBeUndefined();
  });
});

describe('the outcome (facts 78–80)', () => {
  test.each([
    ['nothing', [], undefined, undefined],
    ['none', [{ remediationStatus: 'none' }], undefined, undefined],
    ['detection alone', [{ detectionStatus: 'detected', remediationStatus: 'none' }], 'detected', undefined],
    [
      'what was done before what was seen',
      [{ detectionStatus: 'detected' }, { detectionStatus: 'blocked' }],
      'blocked',
      undefined,
    ],
    ['remediation', [{ detectionStatus: 'detected', remediationStatus: 'remediated' }], 'remediated', true],
    [
      'a failed remediation',
      [{ remediationStatus: 'unremediated' }, { remediationStatus: 'remediated' }],
      'remediated',
      false,
    ],
    [
      'an unfinished remediation',
      [{ remediationStatus: 'running' }, { remediationStatus: 'remediated' }],
      'remediated',
      undefined,
    ],
    [
      'the worst evidence speaks',
      [
        { verdict: 'malicious', remediationStatus: 'active' },
        { verdict: 'suspicious', remediationStatus: 'remediated' },
      ],
      'active',
      false,
    ],
  ])('%s', (_name, statuses, action, remediationSucceeded) => {
    expect(eventOf(statuses.map((status) => file('f', status)))).toMatchObject({
      action,
      remediationSucceeded,
    });
  });

  test('the verdict is the worst', () => {
    const verdicts = ['noThreatsFound', 'unknown', 'suspicious', 'malicious'];
    const worst = (count: number) =>
      eventOf(verdicts.slice(0, count).map((verdict) => file('f', { verdict }))).verdict;
    expect([0, 1, 2, 3, 4].map(worst)).toEqual([undefined, ...verdicts]);
  });
});
