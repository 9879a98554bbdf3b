import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, ids, type Reply, values } from './support.ts';

let bench: Bench;
let token: string;

beforeEach(async () => {
  bench = await Bench.start();
  token = await bench.defenderToken();
});
afterEach(() => bench[Symbol.asyncDispose]());

function get(pathAndQuery = '/api/alerts'): Promise<Reply> {
  const url = pathAndQuery.startsWith('https://')
    ? pathAndQuery
    : `${bench.simulator.endpoints.defender}${pathAndQuery}`;
  return bench.call('GET', url, { authorization: `Bearer ${token}` });
}

const published = () => bench.simulator.control.published().alert;

describe('the list', () => {
  test('shows endpoint alerts only, newest first, without evidence', async () => {
    const reply = await get();
    expect(new Set(ids(reply))).toEqual(new Set(published().map(({ id }) => id)));
    expect(ids(reply).length).toBeLessThan(bench.simulator.control.published()['graph-alert'].length);
    const created = values(reply).map((alert) => String(alert.alertCreationTime).slice(0, 23));
    expect(created).toEqual(created.toSorted().reverse());
    expect(values(reply).every((alert) => (alert.evidence as unknown[]).length === 0)).toBe(true);
  });

  test.each(['/API/Alerts', '/api/v1.0/alerts', '/api/V1.0/ALERTS/'])('%s is the same', async (path) => {
    expect(ids(await get(path))).toEqual(ids(await get()));
  });

  test('has evidence with all keys when it is expanded', async () => {
    const [alert] = values(await get('/api/alerts?$expand=evidence&$top=1'));
    const [first] = (alert?.evidence ?? []) as Record<string, unknown>[];
    expect(Object.keys(first ?? {})).toEqual(
      expect.arrayContaining([
        'entityType',
        'sha256',
        'registryValueName',
        'userPrincipalName',
        'detectionStatus',
      ]),
    );
  });

  test('is paged by $skip, and has no next link when $top is given', async () => {
    const seen: string[] = [];
    for (let skip = 0; ; skip += 50) {
      const reply = await get(`/api/alerts?$top=50&$skip=${skip}`);
      expect(reply.json()).not.toHaveProperty('@odata.nextLink');
      seen.push(...ids(reply));
      if (ids(reply).length < 50) break;
    }
    expect(new Set(seen)).toEqual(new Set(published().map(({ id }) => id)));
    expect(seen).toHaveLength(published().length);
  });

  test('refuses $top above 10,000', async () => {
    expect((await get('/api/alerts?$top=10000')).status).toBe(200);
    const refused = await get('/api/alerts?$top=10001');
    expect([refused.status, refused.json().error]).toEqual([
      400,
      expect.objectContaining({ code: 'ODataError' }),
    ]);
  });

  test.each(['$filter=nonsense%20eq%201', '$filter=severity', '$expand=domains'])(
    'refuses %s with ODataError',
    async (query) => {
      const reply = await get(`/api/alerts?${query}`);
      expect(reply.status).toBe(400);
      expect(reply.json().error).toMatchObject({ code: 'ODataError', target: expect.any(String) });
    },
  );

  test('filters at 100 ns, by names in any case', async () => {
    const [alert] = values(await get('/api/alerts?$top=1'));
    const created = String(alert?.alertCreationTime);
    const count = async (operator: string) =>
      ids(await get(`/api/alerts?$filter=ALERTCREATIONTIME+${operator}+${created}`)).length;
    expect([await count('gt'), await count('ge')]).toEqual([0, 1]);
  });

  test('counts as plain text', async () => {
    expect((await get('/api/alerts/$count')).text).toBe(String(published().length));
  });
});

test('a page of 10,000 without $top has a next link, and is read completely', async () => {
  for (let number = 0; number < 10_000; number += 1) {
    bench.simulator.control.inject('alert', { id: `da${number}`, alertCreationTime: '2026-11-02T11:00:00Z' });
  }
  const first = await get();
  const link = String(first.json()['@odata.nextLink']);
  expect([ids(first).length, link]).toEqual([10_000, expect.stringMatching(/\$skip=10000$/)]);
  const second = await get(link);
  expect(second.json()).not.toHaveProperty('@odata.nextLink');
  expect(new Set([...ids(first), ...ids(second)]).size).toBe(published().length);
});

test('one alert is found by its id; another is ResourceNotFound', async () => {
  const [id = ''] = ids(await get('/api/alerts?$top=1'));
  expect((await get(`/api/alerts/${id}`)).json().id).toBe(id);
  const missing = await get('/api/alerts/da0');
  expect([missing.status, missing.json().error]).toEqual([
    404,
    expect.objectContaining({ code: 'ResourceNotFound' }),
  ]);
});

test('a missing role is refused in both forms that were seen', async () => {
  bench.simulator.control.registration.roles.defender = ['Machine.Read.All'];
  token = await bench.defenderToken();
  const messages = new Set<string>();
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const reply = await get();
    expect(reply.status).toBe(403);
    messages.add((reply.json().error as { message: string }).message);
  }
  expect([...messages].toSorted()).toEqual([
    'Missing application roles. API required roles: Alert.Read.All, Alert.ReadWrite.All, application roles: Machine.Read.All.',
    'The application does not have any of the required application permissions (Alert.Read.All, Alert.ReadWrite.All) to access the resource.',
  ]);
});

test('a tenant without a licence is refused with 401', async () => {
  bench.simulator.control.habits.licensed = false;
  const reply = await get();
  expect([reply.status, reply.text]).toEqual([401, expect.stringContaining('Account mode is inactive')]);
});

describe('the quota', () => {
  test('of a minute says so in the body, with Retry-After by habit', async () => {
    await Promise.all(Array.from({ length: 100 }, () => get('/api/alerts?$top=1')));
    const refused = await get();
    expect([refused.status, refused.json().error]).toEqual([
      429,
      {
        code: '429',
        message: 'API calls quota exceeded! maximum allowed 100 per 00:01:00',
        target: expect.any(String),
      },
    ]);
    expect(refused.headers['retry-after']).toBe('60');
    bench.simulator.control.habits.retryAfter = 'date';
    expect((await get()).headers['retry-after']).toBe('Mon, 02 Nov 2026 12:01:00 GMT');
    bench.simulator.control.habits.retryAfter = 'absent';
    expect((await get()).headers).not.toHaveProperty('retry-after');
  });

  test('of an hour counts refused calls too', async () => {
    await using strict = await Bench.start({ quotas: { 'defender-alerts': { perHour: 2 } } });
    const authorization = `Bearer ${await strict.defenderToken()}`;
    const call = () =>
      strict.call('GET', `${strict.simulator.endpoints.defender}/api/alerts?$top=1`, { authorization });
    expect([(await call()).status, (await call()).status, (await call()).status]).toEqual([200, 200, 429]);
    strict.clock.move(59 * 60_000);
    expect((await call()).text).toContain('maximum allowed 2 per 01:00:00');
  });
});
