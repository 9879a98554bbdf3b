import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Changes } from '../../src/event.ts';
import { type GoesThere, normalise, recordOf } from '../../src/normalise/index.ts';
import { readTracked } from '../../src/normalise/tracked-state.ts';

type Fields = Readonly<Record<string, unknown>>;

function graphAlert(fields: Fields): string {
  return JSON.stringify({ id: 'a1', title: 'x', severity: 'low', status: 'new', evidence: [], ...fields });
}

function trackedOf(json: string, kind: 'graph-alert' | 'alert' = 'graph-alert'): string {
  const { tracked } = recordOf(kind, json);
  if (tracked === undefined) throw new Error('nothing tracked');
  return tracked;
}

/** What the last of these states changed. */
function changesOf(states: readonly Fields[], goesThere?: GoesThere): Changes | undefined {
  const texts = states.map(graphAlert);
  const last = texts.at(-1) ?? '';
  const record = {
    ...recordOf('graph-alert', last),
    earlier: texts.slice(0, -1).map((json) => trackedOf(json)),
  };
  return normalise(record, {}, goesThere).changes;
}

const file = (sha1: string, verdict = 'unknown') => ({
  '@odata.type': '#microsoft.graph.security.fileEvidence',
  createdDateTime: new Date(sha1.length * 1e9).toISOString(),
  verdict,
  fileDetails: { sha1, fileName: 'a.exe', filePath: 'C:\\' },
});

describe('changes', () => {
  test('are none of the first state', () => {
    expect(changesOf([{}])).toBeUndefined();
  });

  test('are empty when nothing that is followed changed', () => {
    expect(changesOf([{}, { title: 'another', lastUpdateDateTime: '2026-11-03T08:00:00Z' }])).toEqual({
      newEvidence: 0,
    });
  });

  test('name each value before and now, as sent', () => {
    const now = {
      severity: 'high',
      status: 'resolved',
      classification: 'truePositive',
      determination: 'malware',
      assignedTo: 'liz@contoso.com',
    };
    expect(changesOf([{ classification: 'unknown', assignedTo: null }, now])).toEqual({
      severity: { from: 'low', to: 'high' },
      status: { from: 'new', to: 'resolved' },
      classification: { from: undefined, to: 'truePositive' },
      determination: { from: undefined, to: 'malware' },
      assignedTo: { from: undefined, to: 'liz@contoso.com' },
      newEvidence: 0,
    });
  });

  test('count evidence by what it is, whatever its verdict, times and order', () => {
    const before = { evidence: [file('aa'), file('bb')] };
    const now = { evidence: [file('cc'), file('bb', 'malicious'), file('aa', 'suspicious'), file('cc')] };
    expect(changesOf([before, now])).toEqual({ newEvidence: 1 });
  });

  test('are against the latest earlier state', () => {
    expect(changesOf([{ severity: 'low' }, { severity: 'high' }, { severity: 'medium' }])).toEqual({
      severity: { from: 'high', to: 'medium' },
      newEvidence: 0,
    });
  });

  test('are against the latest that went to this receiver, where some did not', () => {
    const states = [{ severity: 'high' }, { severity: 'low' }, { severity: 'high', status: 'resolved' }];
    const changes = changesOf(states, ({ severity }) => severity === 'high');
    expect(changes).toEqual({ status: { from: 'new', to: 'resolved' }, newEvidence: 0 });
  });

  test('are against the latest at all, where none went to this receiver: a raise is told', () => {
    const changes = changesOf(
      [{ severity: 'low' }, { severity: 'high' }],
      ({ severity }) => severity === 'high',
    );
    expect(changes).toMatchObject({ severity: { from: 'low', to: 'high' } });
  });

  test('are told of a Defender for Endpoint alert too', () => {
    const alert = (fields: Fields) =>
      JSON.stringify({ id: 'a', title: 'x', lastUpdateTime: '2026-11-03T08:00:00Z', ...fields });
    const ip = (ipAddress: string) => ({
      entityType: 'Ip',
      evidenceCreationTime: '2026-11-03T08:00:00Z',
      ipAddress,
    });
    const earlier = [trackedOf(alert({ severity: 'Low', evidence: [ip('10.0.0.1')] }), 'alert')];
    const now = recordOf('alert', alert({ severity: 'High', evidence: [ip('10.0.0.1'), ip('10.0.0.2')] }));
    expect(normalise({ ...now, earlier }, {}).changes).toEqual({
      severity: { from: 'Low', to: 'High' },
      newEvidence: 1,
    });
  });

  test('ignore an earlier state that is damaged', () => {
    const record = recordOf('graph-alert', graphAlert({}));
    expect(normalise({ ...record, earlier: ['', '{}', '[1,2]'] }, {}).changes).toBeUndefined();
  });
});

test.each([
  ['the same', 200, 200, 0],
  ['three more', 200, 203, 3],
  ['the first 65', 64, 65, 1],
])('evidence beyond what is kept is told from its number: %s', (_name, before, now, expected) => {
  const many = (count: number) => ({ evidence: Array.from({ length: count }, (_, i) => file(`sha-${i}`)) });
  expect(changesOf([many(before), many(now)])).toEqual({ newEvidence: expected });
  expect(trackedOf(graphAlert(many(now))).length).toBeLessThan(1024);
});

test('devices and users are known by the ids that Microsoft gives them, else by whatever tells them apart', () => {
  const device = (mdeDeviceId: string | null, deviceDnsName: string) => ({
    '@odata.type': '#microsoft.graph.security.deviceEvidence',
    mdeDeviceId,
    deviceDnsName,
  });
  const user = (azureAdUserId: string, domainName: string | null) => ({
    '@odata.type': '#microsoft.graph.security.userEvidence',
    userAccount: { azureAdUserId, domainName, accountName: 'liz' },
  });
  const id = '0'.repeat(39);
  const guid = '-a3ff-4ede-83d2-f976d793810c';
  const evidence = [device(`1${id}`, 'a'), device(null, 'b'), user(`e24f5a03${guid}`, null)];
  const same = [device(`1${id}`, 'renamed'), device(null, 'b'), user(`e24f5a03${guid}`, 'CONTOSO')];
  const others = [
    device(`2${id}`, 'a'),
    device(null, 'c'),
    device('no id', 'b'),
    user(`e24f5a04${guid}`, null),
  ];
  expect(changesOf([{ evidence }, { evidence: same }])).toEqual({ newEvidence: 0 });
  expect(changesOf([{ evidence }, { evidence: [...same, ...others] }])).toEqual({ newEvidence: 4 });
});

test('evidence of a kind that nobody knows is told apart by what stands in it, but for what passes', () => {
  const thing = (fields: Fields) => ({ '@odata.type': '#microsoft.graph.security.newEvidence', ...fields });
  const evidence = [thing({ name: 'a', in: { cluster: { name: 'x' } } })];
  const later = [
    thing({ name: 'a', in: { cluster: { name: 'x' } }, verdict: 'malicious', createdDateTime: 'now' }),
    thing({ name: 'a', in: { cluster: { name: 'y' } } }),
  ];
  expect(changesOf([{ evidence }, { evidence: later }])).toEqual({ newEvidence: 1 });
});

test('a state is kept in bounded space, and read back whatever its texts hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.json(), (text, evidence) => {
      const tracked = trackedOf(
        graphAlert({ assignedTo: text, evidence: [JSON.parse(evidence), file(text)] }),
      );
      const kept = readTracked(tracked);
      expect(kept?.evidence.length).toBe(kept?.pieces);
      expect([...(kept?.assignedTo ?? '')].length).toBeLessThanOrEqual(256);
    }),
  );
});
