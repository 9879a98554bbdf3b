import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { type ApiCall, type ApiClientOptions, createApiClient } from '../../src/http/api-client.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/http/client.ts';
import { ConnectionError } from '../../src/http/connection-error.ts';
import { createQuota, type Quota } from '../../src/http/quota.ts';
import { type Api, allowedHosts, resolveEndpoints } from '../../src/identity/clouds.ts';
import { readClaims } from '../../src/identity/token-claims.ts';
import type { TokenProvider } from '../../src/identity/token-provider.ts';
import type { Log } from '../../src/runtime/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { responseOf } from '../support/response.ts';

const signal = new AbortController().signal;
const call: ApiCall = { signal };
const urls: Readonly<Record<Api, string>> = {
  graph: 'https://graph.microsoft.com/v1.0/security/alerts_v2',
  defender: 'https://api.security.microsoft.com/api/alerts',
  xdr: 'https://api.security.microsoft.com/api/incidents',
  siem: 'https://wdatp-alertexporter-us.windows.com/api/alerts',
};

type Given = Partial<HttpResponse> | Error;

let clock: FakeClock;
let answers: Given[];
let sent: HttpRequest[];
let invalidated: string[];
let logged: string[];
let pauses: number[];

beforeEach(() => {
  clock = new FakeClock();
  answers = [];
  sent = [];
  invalidated = [];
  logged = [];
  pauses = [];
});

/** A token that carries its number and these roles; what must never be shown begins with `hidden`. */
function tokenOf(number: number, roles: readonly string[] = []): string {
  return `hidden${number}.${Buffer.from(JSON.stringify({ roles })).toString('base64url')}.sig`;
}

function clientOf(api: Api, options: Partial<ApiClientOptions> = {}, roles?: readonly string[]) {
  let number = 1;
  const tokens: TokenProvider = {
    token: async () => tokenOf(number, roles),
    invalidate(_api, token) {
      invalidated.push(token);
      if (token === tokenOf(number, roles)) number++;
    },
    claims: async () => readClaims(tokenOf(number, roles)),
  };
  const http: HttpClient = {
    async request(request) {
      sent.push(request);
      const given = answers.shift() ?? {};
      if (given instanceof Error) throw given;
      return responseOf({ status: 200, headers: {}, body: '{"value":[]}', ...given });
    },
    close() {},
  };
  const counted = createQuota({ perMinute: 1000, concurrency: 4 }, clock);
  const quota: Quota = {
    ...counted,
    run: counted.run,
    pauseFor(ms) {
      pauses.push(ms);
      counted.pauseFor(ms);
    },
  };
  const remember = (fields: object, message: string) =>
    void logged.push(JSON.stringify({ ...fields, message }));
  const log: Log = { debug: remember, info: remember, warn: remember, error: remember };
  return createApiClient({
    tenant: 'contoso',
    api,
    tokens,
    http,
    quota,
    allowedHosts: allowedHosts(api, resolveEndpoints('commercial')),
    clock,
    log,
    ...options,
  });
}

async function failureOf(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`);
  expect(error.message).toContain('contoso');
  expect(`${error.message}${error.stack}${logged.join()}`.includes('hidden')).toBe(false);
  return error;
}

const json = (status: number, error: object, headers = {}): Given => ({
  status,
  headers,
  body: JSON.stringify({ error }),
});
const coded = (code: string) => Object.assign(new Error('native'), { code });

describe('a call', () => {
  test('carries the token, asks for JSON, and keeps the caller own headers', async () => {
    const answer = await clientOf('defender').get(urls.defender, { signal, headers: { Prefer: 'x' } });
    expect(answer).toMatchObject({ status: 200, headers: {}, body: '{"value":[]}', partial: false });
    expect(sent[0]).toMatchObject({
      method: 'GET',
      url: urls.defender,
      headers: { Authorization: `Bearer ${tokenOf(1)}`, Accept: 'application/json', Prefer: 'x' },
    });
  });

  test('to Graph carries a fresh client-request-id each time', async () => {
    const client = clientOf('graph');
    await client.get(urls.graph, call);
    await client.get(urls.graph, call);
    const ids = sent.map(({ headers }) => headers?.['client-request-id']);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(new Set(ids).size).toBe(2);
  });

  test('by POST carries its JSON', async () => {
    await clientOf('graph').post(urls.graph, '{"Query":"x"}', call);
    expect(sent[0]).toMatchObject({
      method: 'POST',
      body: '{"Query":"x"}',
      headers: { 'Content-Type': 'application/json' },
    });
  });

  test('follows a link verbatim', async () => {
    const link = `${urls.graph}?$skiptoken=a%2Bb+c'd`;
    await clientOf('graph').get(link, call);
    expect(sent[0]?.url).toBe(link);
  });

  test('tells when a provider was missing', async () => {
    answers.push({ status: 206 }, { headers: { warning: '199 - "Microsoft/MCAS/504/10000"' } });
    const client = clientOf('graph');
    expect((await client.get(urls.graph, call)).partial).toBe(true);
    expect((await client.get(urls.graph, call)).partial).toBe(true);
  });

  test('hands back the statuses that its caller deals with', async () => {
    answers.push(json(400, { code: 'BadRequest', message: 'no $orderby' }));
    expect((await clientOf('graph').get(urls.graph, { signal, expect: [400] })).status).toBe(400);
  });
});

describe('no token leaves', () => {
  test.each([
    ['for a foreign host', 'https://evil.test/v1.0/security/alerts_v2', 'https://evil.test'],
    ['for a host that only looks like ours', 'https://graph.microsoft.com.evil.test/', 'evil.test'],
    ['for our host as the user of another', 'https://graph.microsoft.com@evil.test/', 'https://evil.test'],
    ['in the clear', 'http://graph.microsoft.com/v1.0', 'http://graph.microsoft.com'],
    ['for another port', 'https://graph.microsoft.com:444/v1.0', ':444'],
    ['for another API', urls.defender, 'api.security.microsoft.com'],
    ['for what is no URL', 'next', 'no URL'],
  ])('%s', async (_case, url, named) => {
    const error = await failureOf(clientOf('graph').get(url, call));
    expect([error.code, error.message]).toEqual(['API_FAILED', expect.stringContaining(named)]);
    expect(sent).toHaveLength(0);
  });

  test('by a redirect to a foreign host, while one within the API is followed', async () => {
    answers.push({ status: 302, headers: { location: '/moved' } });
    const client = clientOf('graph');
    await client.get(urls.graph, call);
    expect(sent.map(({ url }) => url)).toEqual([urls.graph, 'https://graph.microsoft.com/moved']);
    answers.push({ status: 307, headers: { location: 'https://evil.test/' } });
    expect((await failureOf(client.get(urls.graph, call))).message).toContain('https://evil.test');
    answers.push(...Array.from({ length: 4 }, () => ({ status: 302, headers: { location: '/again' } })));
    expect((await failureOf(client.get(urls.graph, call))).message).toContain('leads nowhere');
  });

  test('an older and a regional host of the same API may be called', async () => {
    const client = clientOf('defender');
    await client.get('https://api-eu.securitycenter.microsoft.com/api/alerts?$skip=10000', call);
    await client.get('https://api.securitycenter.windows.com/api/alerts', call);
    expect(sent).toHaveLength(2);
  });
});

describe('401', () => {
  test('renews the token once, and the call goes on', async () => {
    answers.push(json(401, { code: 'Unauthorized', message: 'expired' }));
    expect((await clientOf('defender').get(urls.defender, call)).status).toBe(200);
    expect(sent.map(({ headers }) => headers?.Authorization)).toEqual([
      `Bearer ${tokenOf(1)}`,
      `Bearer ${tokenOf(2)}`,
    ]);
  });

  test('with a fresh token is a refusal', async () => {
    const refused = json(401, { code: 'Unauthorized', message: 'bad audience', target: 'c-1' });
    answers.push(refused, refused);
    const error = await failureOf(clientOf('defender').get(urls.defender, call));
    expect([error.code, sent.length]).toEqual(['IDENTITY_REFUSED', 2]);
    expect(error.message).toContain('request id c-1');
  });

  test.each(['Account mode is inactive', 'No Tvm license'])(
    'for want of a licence (%s) asks once',
    async (reason) => {
      answers.push(
        json(401, { code: 'Unauthorized', message: `Unauthorized request - reason of failure: ${reason}` }),
      );
      const error = await failureOf(clientOf('defender').get(urls.defender, call));
      expect([error.code, sent.length]).toEqual(['PERMISSION_MISSING', 1]);
      expect(error.message).toContain('licence');
    },
  );
});

describe('403', () => {
  test('names what is missing and what the answer says the token has', async () => {
    const message =
      'Missing application roles. API required roles: SecurityAlert.Read.All,SecurityIncident.Read.All, application roles: User.Read.All.';
    answers.push(json(403, { code: 'Forbidden', message, innerError: { 'request-id': 'r-1' } }));
    const error = await failureOf(
      clientOf('graph').get(urls.graph, { signal, permission: 'SecurityAlert.Read.All' }),
    );
    expect([error.code, error.exitCode]).toEqual(['PERMISSION_MISSING', 4]);
    expect(error.message).toContain(
      'permission SecurityAlert.Read.All is missing (the token has User.Read.All)',
    );
    expect(error.message).toContain('r-1');
  });

  test('reads what the token has from its roles when the answer does not say', async () => {
    const message =
      'The application does not have any of the required application permissions (Machine.Read.All, Machine.ReadWrite.All) to access the resource.';
    answers.push(json(403, { code: 'Forbidden', message }));
    const error = await failureOf(clientOf('defender', {}, ['Alert.Read.All']).get(urls.defender, call));
    expect(error.message).toContain(
      'Machine.Read.All or Machine.ReadWrite.All is missing (the token has Alert.Read.All)',
    );
  });

  test('of a tenant without Defender says so', async () => {
    answers.push(
      json(403, { code: 'Forbidden', message: 'Unauthorized request - Account is not provisioned.' }),
    );
    const error = await failureOf(clientOf('graph').get(urls.graph, call));
    expect([error.code, error.message]).toEqual([
      'PERMISSION_MISSING',
      expect.stringContaining('not set up'),
    ]);
  });

  test('renews the token for the next call, but at most every five minutes', async () => {
    const client = clientOf('graph');
    for (let i = 0; i < 3; i++) {
      answers.push(json(403, { code: 'Forbidden', message: '' }));
      await failureOf(client.get(urls.graph, call));
    }
    expect(invalidated).toEqual([tokenOf(1)]);
    clock.advance(300_000);
    answers.push(json(403, { code: 'Forbidden', message: '' }));
    await failureOf(client.get(urls.graph, call));
    expect(invalidated).toEqual([tokenOf(1), tokenOf(2)]);
  });

  test('that is no JSON is asked again once', async () => {
    answers.push({ status: 403, body: '<html>' });
    const client = clientOf('graph');
    expect((await client.get(urls.graph, call)).status).toBe(200);
    answers.push({ status: 403, body: '<html>' }, { status: 403, body: '<html>' });
    const error = await failureOf(client.get(urls.graph, call));
    expect([error.code, error.message]).toEqual([
      'API_FAILED',
      expect.stringContaining('gateway or a proxy'),
    ]);
  });
});

describe('429', () => {
  test('pauses all callers for its Retry-After, and the call goes on after it', async () => {
    answers.push({ status: 429, headers: { 'retry-after': '17' }, body: '{}' });
    expect((await clientOf('graph').get(urls.graph, call)).status).toBe(200);
    expect([pauses, clock.sleeps]).toEqual([[17_000], [17_000]]);
    expect(logged.join()).toContain('slow down');
  });

  test('waits for the next minute when the body names the quota by the minute', async () => {
    clock.advance(20_000);
    answers.push(
      json(429, { code: '429', message: 'API calls quota exceeded! maximum allowed 45 per 00:01:00' }),
    );
    await clientOf('defender').get(urls.defender, call);
    expect(pauses).toEqual([40_000]);
  });

  test('without end is told', async () => {
    answers.push(...Array.from({ length: 6 }, () => ({ status: 429, body: '{}' })));
    const error = await failureOf(clientOf('graph').get(urls.graph, call));
    expect([error.code, error.message]).toEqual(['API_FAILED', expect.stringContaining('throttled 6 times')]);
    expect(pauses).toHaveLength(6);
    expect([error.status, logged.filter((line) => line.includes('its callers wait')).length]).toEqual([
      429, 1,
    ]);
  });
});

describe('trouble that passes', () => {
  test.each<[string, Given]>([
    ['500', json(500, { code: 'InternalServerError', message: '' })],
    ['503 of a gateway', { status: 503, body: '<html>' }],
    ['an empty 200', { body: '' }],
    ['HTML with 200', { body: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['a 200 that was cut short', { body: '{"value":[' }],
    ['a connection that was reset', coded('ECONNRESET')],
    ['a timeout', coded('ETIMEDOUT')],
    ['DNS that does not answer', coded('EAI_AGAIN')],
  ])('%s is asked again', async (_case, given) => {
    answers.push(given, given);
    expect((await clientOf('graph').get(urls.graph, call)).status).toBe(200);
    expect(clock.sleeps).toEqual([500, 1000]);
  });

  test('is waited out as its Retry-After asks', async () => {
    answers.push({ status: 503, headers: { 'retry-after': '30' }, body: '' });
    await clientOf('graph').get(urls.graph, call);
    expect(clock.sleeps).toEqual([30_000]);
  });

  test.each<[string, Given, string, string]>([
    ['answers', json(500, { code: 'InternalServerError', message: 'x', target: 'c-9' }), 'API_FAILED', 'c-9'],
    ['answers that are no JSON', { body: '<html>' }, 'API_FAILED', 'in place of JSON'],
    ['lost connections', coded('ECONNRESET'), 'API_UNREACHABLE', 'reset'],
  ])('%s without end are told with the last reason', async (_case, given, code, words) => {
    answers.push(...Array.from({ length: 5 }, () => given));
    const error = await failureOf(clientOf('graph').get(urls.graph, call));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
    expect([sent.length, clock.sleeps.length]).toEqual([5, 4]);
  });

  test('is asked again once where a brief word will do, and each attempt has a short time', async () => {
    answers.push(json(500, {}), json(500, {}));
    const error = await failureOf(clientOf('graph').get(urls.graph, { signal, brief: true }));
    expect([sent.length, error.status]).toEqual([2, 500]);
    expect(sent.every(({ timeoutMs }) => timeoutMs === 15_000)).toBe(true);
  });

  test('that takes all of its time is not waited for as often', async () => {
    answers.push(...Array.from({ length: 5 }, () => new ConnectionError('timeout', 'no whole answer')));
    const error = await failureOf(clientOf('graph').get(urls.graph, call));
    expect([sent.length, error.status, error.code]).toEqual([3, undefined, 'API_UNREACHABLE']);
  });

  test('ends with the reason of the signal when that aborts', async () => {
    const stop = new AbortController();
    answers.push(coded('ECONNRESET'));
    const sleeping = { ...clockOf(clock), sleep: async () => stop.abort(new Error('shutting down')) };
    const client = clientOf('graph', { clock: sleeping });
    await expect(client.get(urls.graph, { signal: stop.signal })).rejects.toThrow('shutting down');
  });
});

function clockOf(fake: FakeClock) {
  return { now: () => fake.now(), random: () => fake.random() };
}

describe('what does not pass is told at once', () => {
  test.each<[string, Api, Given, string, string]>([
    [
      'a bad request',
      'graph',
      json(400, { code: 'BadRequest', message: 'Invalid filter' }),
      'API_FAILED',
      'Invalid filter',
    ],
    ['what is not there', 'defender', json(404, { code: 'NotFound', message: 'x' }), 'API_FAILED', '404'],
    ['an untrusted certificate', 'graph', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'API_UNREACHABLE', '`tls.ca`'],
    ['a SIEM API that is not found', 'siem', { status: 404, body: '' }, 'API_RETIRED', 'graph-alerts'],
    ['a SIEM API that is gone', 'siem', { status: 410, body: '' }, 'API_RETIRED', 'graph-alerts'],
    ['a SIEM host that is gone', 'siem', coded('ENOTFOUND'), 'API_RETIRED', 'graph-alerts'],
    ['a SIEM host that refuses', 'siem', coded('ECONNREFUSED'), 'API_RETIRED', 'graph-alerts'],
  ])('%s', async (_case, api, given, code, words) => {
    answers.push(given);
    const error = await failureOf(clientOf(api).get(urls[api], call));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
    expect(sent).toHaveLength(1);
  });

  test('an answer that echoes the token does not show it', async () => {
    answers.push(json(400, { code: 'BadRequest', message: `you sent ${tokenOf(1)}` }));
    const error = await failureOf(clientOf('graph').get(urls.graph, call));
    expect(error.message).toContain('you sent [secret]');
  });

  test('a refusal of the identity is handed on as it is', async () => {
    const refused = new ConnectorError('IDENTITY_REFUSED', 'tenant contoso: AADSTS7000222');
    const tokens: TokenProvider = {
      token: () => Promise.reject(refused),
      invalidate() {},
      claims: () => Promise.reject(refused),
    };
    await expect(clientOf('graph', { tokens }).get(urls.graph, call)).rejects.toBe(refused);
    expect(sent).toHaveLength(0);
  });
});
