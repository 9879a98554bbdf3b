import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, type Reply, values } from './support.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start({ historyAlerts: 50 });
});
afterEach(() => bench[Symbol.asyncDispose]());

const control = (method: string, path: string, body: unknown = ''): Promise<Reply> =>
  bench.call(
    method,
    `${bench.simulator.endpoints.graph}/_control/${path}`,
    {},
    typeof body === 'string' ? body : JSON.stringify(body),
  );

async function graph(query: string): Promise<Reply> {
  return bench.call('GET', `${bench.simulator.endpoints.graph}/v1.0/security/alerts_v2${query}`, {
    authorization: `Bearer ${await bench.graphToken()}`,
  });
}

describe('records put in', () => {
  const record =
    '{"id":"daX",  "createdDateTime":"2026-11-02T11:59:00Z","lastUpdateDateTime":"2026-11-02T12:00:00.5Z","severity":"high","n":9007199254740993,"t":"\\ud800|=\\\\"}';

  test('are shown character for character, filtered and published', async () => {
    expect((await control('POST', 'records?kind=graph-alert', `${record}\n`)).json()).toEqual({ records: 1 });
    const reply = await graph('?$filter=lastUpdateDateTime%20ge%202026-11-02T12:00:00.4999999Z');
    expect(reply.text).toContain(record);
    expect(values(reply)).toHaveLength(1);
    expect((await graph('/daX')).status).toBe(200);
    expect(bench.simulator.control.published()['graph-alert']).toContainEqual({
      id: 'daX',
      version: '2026-11-02T12:00:00.5Z',
      versions: ['2026-11-02T12:00:00.5Z'],
    });
  });

  test('take the place of their earlier state', async () => {
    bench.simulator.control.inject('graph-alert', record);
    bench.simulator.control.inject('graph-alert', record.replace('00.5Z', '01Z'));
    expect(values(await graph('')).filter((alert) => alert.id === 'daX')).toHaveLength(1);
    expect(bench.simulator.control.published()['graph-alert'].at(-1)?.versions).toEqual([
      '2026-11-02T12:00:00.5Z',
      '2026-11-02T12:00:01Z',
    ]);
  });

  test.each(['nonsense', '[]', '{}'])('are refused: %s', async (body) => {
    expect((await control('POST', 'records?kind=alert', body)).status).toBe(400);
  });
});

test('a bulk update gives alerts one update time', async () => {
  bench.clock.move(10_000);
  const reply = await control('POST', 'bulk-update', { count: 20, change: { status: 'resolved' } });
  const changed = new Set(reply.json().ids as string[]);
  expect(changed.size).toBe(20);
  const updated = values(await graph('')).filter((alert) => changed.has(String(alert.id)));
  expect(new Set(updated.map((alert) => alert.lastUpdateDateTime))).toEqual(
    new Set(['2026-11-02T12:00:10Z']),
  );
  expect(new Set(updated.map((alert) => alert.status))).toEqual(new Set(['resolved']));
});

test('the world can be moved ahead, while tokens stay with the clock', async () => {
  await using lively = await Bench.start({ historyAlerts: 0, ratePerMinute: 10 });
  const authorization = `Bearer ${await lively.graphToken()}`;
  lively.simulator.control.advance(4 * 3_600_000);
  const reply = await lively.call(
    'GET',
    `${lively.simulator.endpoints.graph}/v1.0/security/alerts_v2?$count=true&$top=1`,
    { authorization },
  );
  const alerts = Number(reply.json()['@odata.count']);
  expect(alerts).toBeGreaterThan(2000);
  expect(alerts).toBeLessThan(2800);
});

test('faults, habits, registration and counts are reached over HTTP', async () => {
  expect(
    (await control('POST', 'faults', { target: 'token', kind: 'aadsts', code: 50196, times: 1 })).status,
  ).toBe(200);
  expect(JSON.parse((await control('GET', 'faults')).text)).toHaveLength(1);
  expect((await bench.tokenReply('https://graph.microsoft.com/.default')).text).toContain('AADSTS50196');
  await control('POST', 'faults', [{ target: '*', kind: 'status', status: 500 }]);
  await control('DELETE', 'faults');
  await control('POST', 'habits', { siem: 'gone' });
  expect(bench.simulator.control.habits).toMatchObject({ siem: 'gone', orderBy: 'honoured' });
  await control('POST', 'registration', { secrets: ['another'], roles: { graph: [] } });
  expect(bench.simulator.control.registration).toMatchObject({
    secrets: ['another'],
    roles: { graph: [], defender: expect.arrayContaining(['Alert.Read.All']) },
  });
  expect((await control('GET', 'requests')).json().token).toEqual({ 400: 1 });
  await control('POST', 'reset');
  expect((await control('GET', 'requests')).json()).not.toHaveProperty('token');
});

test.each([
  ['POST', 'faults', { target: 'nobody', kind: 'status', status: 500 }, 400],
  ['POST', 'habits', { unknown: true }, 400],
  ['POST', 'advance', 'nonsense', 400],
  ['GET', 'nowhere', '', 404],
])('%s %s %j is refused with %d', async (method, path, body, status) => {
  expect((await control(method, path, body)).status).toBe(status);
});

test('the server’s key is for its owner alone, and the CA is in its file', () => {
  const { caFile, caPem } = bench.simulator;
  expect(statSync(join(dirname(caFile), 'server.key')).mode & 0o777).toBe(0o600);
  expect(readFileSync(caFile, 'utf8')).toBe(caPem);
});

test('a temporary folder is gone after the close, a given one is kept', async () => {
  const kept = mkdtempSync(join(tmpdir(), 'simulator-test-'));
  const given = await Bench.start({ historyAlerts: 0, tlsDirectory: kept });
  const temporary = await Bench.start({ historyAlerts: 0 });
  await Promise.all([given[Symbol.asyncDispose](), temporary[Symbol.asyncDispose]()]);
  expect([given.simulator.caFile, temporary.simulator.caFile].map((file) => existsSync(file))).toEqual([
    true,
    false,
  ]);
  rmSync(kept, { recursive: true });
});

test('the SIEM API listens on the next port', () => {
  const { graph: main, siem } = bench.simulator.endpoints;
  expect(Number(new URL(siem).port)).toBe(Number(new URL(main).port) + 1);
});
