import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, ids, type Reply, values } from './support.ts';

let bench: Bench;
let token: string;
const path = '/v1.0/security/alerts_v2';

beforeEach(async () => {
  bench = await Bench.start();
  token = await bench.graphToken();
});
afterEach(() => bench[Symbol.asyncDispose]());

function get(query = '', headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const url = query.startsWith('https://') ? query : `${bench.simulator.endpoints.graph}${path}${query}`;
  return bench.call('GET', url, { authorization: `Bearer ${token}`, ...headers });
}

const link = (reply: Reply) => reply.json()['@odata.nextLink'] as string | undefined;
const message = (reply: Reply) => (reply.json().error as { message: string }).message;

async function walk(query: string): Promise<string[]> {
  const seen: string[] = [];
  for (let next: string | undefined = query; next !== undefined; ) {
    const reply: Reply = await get(next);
    expect(reply.status).toBe(200);
    seen.push(...ids(reply));
    next = link(reply);
  }
  return seen;
}

describe('the list', () => {
  test('shows every published alert, newest first', async () => {
    const reply = await get();
    const created = values(reply).map((alert) => String(alert.createdDateTime).slice(0, 23));
    expect(created).toEqual(created.toSorted().reverse());
    const published = bench.simulator.control.published()['graph-alert'];
    expect(new Map(values(reply).map((alert) => [alert.id, alert.lastUpdateDateTime]))).toEqual(
      new Map(published.map(({ id, version }) => [id, version])),
    );
    expect(link(reply)).toBeUndefined();
  });

  test('is read completely by following next links', async () => {
    const seen = await walk('?$top=70&$count=true');
    expect(seen).toHaveLength(300);
    expect(new Set(seen).size).toBe(300);
    expect((await get('?$top=1&$count=true')).json()['@odata.count']).toBe(300);
  });

  test('is read completely by next links of the $skip flavour', async () => {
    bench.simulator.control.habits.nextLink = 'skip';
    expect(link(await get('?$top=70'))).toContain('$skip=70');
    expect(new Set(await walk('?$top=70')).size).toBe(300);
  });

  test('is live: a record that leaves the window between two pages moves the next ones up', async () => {
    const filter = `$filter=lastUpdateDateTime%20le%20${new Date(bench.clock.now()).toISOString()}`;
    const first = await get(`?${filter}&$top=100`);
    const [gone = ''] = ids(first);
    bench.clock.move(1000);
    bench.simulator.control.bulkUpdate({ ids: [gone] }, { status: 'resolved' });
    const second = await get(link(first));
    const whole = await walk(`?${filter}`);
    expect(whole).not.toContain(gone);
    expect(new Set([...ids(first), ...ids(second)])).not.toContain(whole[99]);
  });

  test('takes $top above 1,000 as 1,000 and refuses $skip above 500', async () => {
    expect((await get('?$top=5000')).status).toBe(200);
    expect((await get('?$skip=500')).status).toBe(200);
    const refused = await get('?$skip=501');
    expect([refused.status, message(refused)]).toEqual([400, expect.stringContaining("'500' for Skip")]);
  });

  test.each([
    '?$filter=title%20eq%20%27x%27',
    '?$filter=LastUpdateDateTime%20ge%202026-01-01T00:00:00Z',
    '?$select=id',
    '?$expand=evidence',
    '?$top=many',
    '?$skiptoken=invented',
    '?$orderby=title',
  ])('refuses %s with BadRequest', async (query) => {
    const reply = await get(query);
    expect(reply.status).toBe(400);
    expect(reply.json().error).toMatchObject({
      code: 'BadRequest',
      innerError: {
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
        'request-id': expect.any(String),
      },
    });
  });

  test('filters by every listed property', async () => {
    const reply = await get(
      '?$filter=severity%20eq%20%27high%27+and+serviceSource%20in%20(%27microsoftDefenderForEndpoint%27)',
    );
    expect(values(reply).length).toBeGreaterThan(0);
    for (const alert of values(reply)) {
      expect(alert).toMatchObject({ severity: 'high', serviceSource: 'microsoftDefenderForEndpoint' });
    }
  });

  test('honours $orderby, or refuses it', async () => {
    const ordered = values(await get('?$orderby=lastUpdateDateTime%20asc')).map((alert) =>
      String(alert.lastUpdateDateTime).slice(0, 21),
    );
    expect(ordered).toEqual(ordered.toSorted());
    bench.simulator.control.habits.orderBy = 'refused';
    expect((await get('?$orderby=lastUpdateDateTime%20asc')).status).toBe(400);
  });

  test('names later enumeration members only when they are preferred', async () => {
    const sources = (reply: Reply) => new Set(values(reply).map((alert) => alert.serviceSource));
    expect(sources(await get())).toContain('unknownFutureValue');
    const preferred = await get('', { prefer: 'include-unknown-enum-members' });
    expect(sources(preferred)).toContain('microsoftSentinel');
    expect(sources(preferred)).not.toContain('unknownFutureValue');
    expect(preferred.headers['preference-applied']).toBe('include-unknown-enum-members');
  });

  test('comes gzipped when asked, with the caller’s correlation id', async () => {
    const reply = await get('?$top=5', { 'accept-encoding': 'gzip', 'client-request-id': 'mine' });
    expect(reply.headers).toMatchObject({ 'content-encoding': 'gzip', 'client-request-id': 'mine' });
    expect(JSON.parse(gunzipSync(reply.bytes).toString())).toHaveProperty('value.length', 5);
  });

  test('has update times in steps of 1/300 s, without trailing zeros', async () => {
    for (const alert of values(await get())) {
      expect(alert.lastUpdateDateTime).toMatch(
        /:\d\d(?:\.\d{1,2}|\.\d\d(?:3333333|6666667)|\.\d\d[36]\d+)?Z$/,
      );
      expect(alert.createdDateTime).not.toMatch(/0Z$/);
    }
  });
});

test('one alert is found by its id, another is not', async () => {
  const [id = ''] = ids(await get('?$top=1'));
  expect((await get(`/${id}`)).json().id).toBe(id);
  expect((await get('/da00')).status).toBe(404);
});

describe('authorisation', () => {
  test('an expired token is refused with InvalidAuthenticationToken', async () => {
    bench.clock.move(3_600_000);
    const reply = await get();
    expect(reply.status).toBe(401);
    expect(reply.json().error).toMatchObject({
      code: 'InvalidAuthenticationToken',
      message: 'Lifetime validation failed, the token is expired.',
    });
  });

  test.each(['', 'not.a.token', 'a'])('the token %j is refused', async (wrong) => {
    token = wrong;
    expect((await get()).status).toBe(401);
  });

  test('a token of another audience is refused', async () => {
    token = await bench.defenderToken();
    expect((await get()).status).toBe(401);
  });

  test('a token without roles names the missing ones, one of which would do', async () => {
    bench.simulator.control.registration.roles.graph = [];
    token = await bench.graphToken();
    const reply = await get();
    expect(reply.status).toBe(403);
    expect(message(reply)).toContain('SecurityAlert.Read.All,SecurityAlert.ReadWrite.All');
    expect(message(reply)).toMatch(/application roles: \.$/);
    bench.simulator.control.registration.roles.graph = ['SecurityIncident.Read.All'];
    token = await bench.graphToken();
    expect((await get()).status).toBe(200);
  });
});

test('the 151st call of a minute is refused until the next', async () => {
  const statuses = await Promise.all(Array.from({ length: 151 }, () => get('?$top=1')));
  expect(statuses.filter((reply) => reply.status === 429)).toHaveLength(1);
  const refused = await get('?$top=1');
  expect(refused.json().error).toMatchObject({ code: 'TooManyRequests' });
  expect(refused.headers['retry-after']).toBe('60');
  bench.clock.move(60_000);
  expect((await get('?$top=1')).status).toBe(200);
});
