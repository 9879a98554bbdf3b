import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, ids, type Reply } from './support.ts';

let bench: Bench;
let token: string;

beforeEach(async () => {
  bench = await Bench.start();
  token = await bench.graphToken();
});
afterEach(() => bench[Symbol.asyncDispose]());

function get(url = `${bench.simulator.endpoints.graph}/v1.0/security/alerts_v2?$top=100`): Promise<Reply> {
  return bench.call('GET', url, { authorization: `Bearer ${token}` });
}
const target = 'graph-alerts';
const link = (reply: Reply) => String(reply.json()['@odata.nextLink']);
const fault: Bench['simulator']['control']['fault'] = (...faults) => bench.simulator.control.fault(...faults);

describe('a fault of the answer', () => {
  test.each([500, 502, 503, 504])('%d, then all is well', async (status) => {
    fault({ target, kind: 'status', status, times: 1 });
    expect([(await get()).status, (await get()).status]).toEqual([status, 200]);
  });

  test('429 with Retry-After', async () => {
    fault({ target, kind: 'throttle', retryAfterSeconds: 7, times: 1 });
    const reply = await get();
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '7']);
  });

  test('206 with a Warning', async () => {
    fault({ target, kind: 'partial', times: 1 });
    const reply = await get();
    expect([reply.status, reply.headers.warning]).toEqual([206, '199 - "Microsoft/MDATP/504/10000"']);
  });

  test('truncated JSON, empty body, HTML in its place', async () => {
    fault(
      { target, kind: 'truncated-json', times: 1 },
      { target, kind: 'empty-body', times: 1 },
      { target, kind: 'html', status: 200, times: 1 },
      { target, kind: 'html', status: 403, times: 1 },
    );
    const truncated = await get();
    expect(truncated.status).toBe(200);
    expect(() => truncated.json()).toThrow(SyntaxError);
    expect((await get()).text).toBe('');
    for (const status of [200, 403]) {
      const page = await get();
      expect([page.status, page.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    }
    expect((await get()).json()).toHaveProperty('value');
  });

  test('200 with a Warning, and a page of which one record is no JSON', async () => {
    const [, second = ''] = ids(await get());
    fault(
      { target, kind: 'warning', times: 1 },
      { target, kind: 'broken-json', onlyAlert: second, times: 1 },
    );
    const warned = await get();
    expect([warned.status, warned.headers.warning]).toEqual([200, '199 - "Microsoft/MDATP/504/10000"']);
    const broken = await get();
    expect([broken.text.startsWith('{'), broken.text.endsWith('}')]).toEqual([true, true]);
    expect(() => broken.json()).toThrow(SyntaxError);
    expect((await get()).json()).toHaveProperty('value');
  });

  test('only for what shows one alert, or asks for too many', async () => {
    const all = ids(await get());
    const at = (query: string) =>
      get(`${bench.simulator.endpoints.graph}/v1.0/security/alerts_v2${query}`).then(({ status }) => status);
    fault({ target, kind: 'status', status: 500, onlyAlert: all[2] ?? '' });
    expect([
      await at('?$top=2'),
      await at('?$top=3'),
      await at(`/${all[2]}`),
      await at('?$top=1&$skip=3'),
    ]).toEqual([200, 500, 500, 200]);
    bench.simulator.control.clearFaults();
    fault({ target, kind: 'status', status: 500, onlyTopAbove: 10 });
    expect([await at('?$top=10'), await at('?$top=11'), await at(''), await at(`/${all[2]}`)]).toEqual([
      200, 500, 500, 200,
    ]);
  });

  test('a slow body is complete in the end', async () => {
    fault({ target, kind: 'slow-body', pauseMs: 1000, times: 1 });
    const before = bench.clock.now();
    expect(ids(await get())).toHaveLength(100);
    expect(bench.clock.now() - before).toBe(5000);
  });
});

describe('a fault of the connection', () => {
  test.each([
    { target, kind: 'reset', when: 'before-headers', times: 1 },
    { target, kind: 'reset', when: 'after-headers', times: 1 },
    { target, kind: 'wrong-length', times: 1 },
  ] as const)('$kind $when', async (what) => {
    fault(what);
    await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await get()).status).toBe(200);
  });
});

describe('a fault of paging', () => {
  test('401 in the middle', async () => {
    fault({ target, kind: 'unauthorized', whilePaging: true, times: 1 });
    const first = await get();
    expect(first.status).toBe(200);
    expect((await get(link(first))).status).toBe(401);
    expect((await get(link(first))).status).toBe(200);
  });

  test('a next link to a foreign host', async () => {
    fault({ target, kind: 'foreign-next-link', times: 1 });
    expect(new URL(link(await get())).host).toBe('graph.attacker.example');
  });

  test('a next link that has expired', async () => {
    fault({ target, kind: 'expired-next-link', times: 1 });
    const first = await get();
    expect((await get(link(first))).status).toBe(400);
  });

  test('the last record of a page again on the next', async () => {
    fault({ target, kind: 'duplicate-across-pages', times: 1 });
    const first = await get();
    expect(ids(await get(link(first)))[0]).toBe(ids(first).at(-1));
  });

  test('an empty page with a next link', async () => {
    fault({ target, kind: 'empty-page', times: 1 });
    const first = await get();
    expect(ids(first)).toEqual([]);
    expect(ids(await get(link(first)))).toEqual(ids(await get()));
  });
});

test('a probability strikes the same calls for the same seed', async () => {
  const struck = async () => {
    await using one = await Bench.start({ historyAlerts: 0, seed: 5 });
    one.simulator.control.fault({ target: '*', kind: 'status', status: 503, probability: 0.3 });
    const statuses: number[] = [];
    for (let call = 0; call < 30; call += 1) {
      statuses.push((await one.tokenReply('https://graph.microsoft.com/.default')).status);
    }
    return statuses;
  };
  const statuses = await struck();
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(await struck()).toEqual(statuses);
});
