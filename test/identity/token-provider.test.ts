import { constants, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConnectorError, messageOf } from '../../src/errors.ts';
import { Secret } from '../../src/fields/secret.ts';
import { secretFile } from '../../src/fields/secret-file.ts';
import { createHttpClient, type HttpClient } from '../../src/http/client.ts';
import { resolveEndpoints } from '../../src/identity/clouds.ts';
import type { Credential } from '../../src/identity/credential.ts';
import { createTokenProvider, type TokenProvider } from '../../src/identity/token-provider.ts';
import type { Log } from '../../src/runtime/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type FakeEntra, refusal, serveEntra } from '../support/fake-entra.ts';
import { serveHttp, serveProxy, testRoot } from '../support/https-server.ts';
import { stubIdentityEndpoint } from '../support/identity-endpoint.ts';
import { responseOf } from '../support/response.ts';

const tenant = { name: 'contoso', id: '0a0a0a0a-0000-0000-0000-000000000000' };
const clientId = '11111111-1111-1111-1111-111111111111';
const hidden = 'hidden~Secret/value+1';
const folder = mkdtempSync(join(tmpdir(), 'identity-'));
const ca = join(folder, 'root.pem');
writeFileSync(ca, testRoot.cert);
const client = testRoot.issue('defender-siem');
const other = testRoot.issue('someone-else');

let entra: FakeEntra;
let http: HttpClient;
let clock: FakeClock;
let logged: string[];

function remember(fields: object, message: string): void {
  logged.push(JSON.stringify({ ...fields, message }));
}
const log: Log = { debug: remember, info: remember, warn: remember, error: remember };

function httpClient(proxy?: string): HttpClient {
  return createHttpClient({
    tls: { ca, verify: true },
    proxy,
    timeoutMs: 10_000,
    maxResponseBytes: 1_000_000,
    userAgent: 'defender-siem/0.0.0',
  });
}

function provider(credential: Partial<Credential> = {}, using: HttpClient = http): TokenProvider {
  return createTokenProvider({
    tenant,
    credential: { kind: 'client-secret', clientId, secret: new Secret(hidden), ...credential } as Credential,
    endpoints: resolveEndpoints('commercial', undefined, { authority: entra.origin }),
    http: using,
    clock,
    log,
  });
}

async function refusalOf(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectorError) return error;
  throw new Error(`expected a ConnectorError, got ${String(error)}`);
}

/** Reads an assertion, its signature verified with the certificate. */
function verified(assertion: string | undefined, certificate: string) {
  const [head = '', claims = '', signature = ''] = (assertion ?? '').split('.');
  const key = {
    key: new X509Certificate(certificate).publicKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
  const read = (part: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return { header: read(head), claims: read(claims) };
}

beforeEach(async () => {
  entra = await serveEntra();
  http = httpClient();
  clock = new FakeClock();
  logged = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  http.close();
  await entra[Symbol.asyncDispose]();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a client secret', () => {
  test.each([
    ['graph', 'https://graph.microsoft.com/.default'],
    ['defender', 'https://api.securitycenter.microsoft.com/.default'],
    ['xdr', 'https://api.security.microsoft.com/.default'],
  ] as const)('gets a token for %s with its scope from the v2 endpoint', async (api, scope) => {
    expect(await provider().token(api)).toBe('token-1');
    expect(entra.requests).toHaveLength(1);
    expect(entra.requests[0]?.path).toBe(`/${tenant.id}/oauth2/v2.0/token`);
    expect(entra.requests[0]?.form).toMatchObject({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: hidden,
      scope,
    });
  });

  test('gets a token for the SIEM API from the v1 endpoint, whose numbers are text', async () => {
    expect(await provider().token('siem')).toBe('token-1');
    expect(entra.requests[0]?.path).toBe(`/${tenant.id}/oauth2/token`);
    expect(entra.requests[0]?.form).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: hidden,
      resource: 'https://graph.windows.net',
    });
  });

  test('is read anew for each token, so that a rotated one is used', async () => {
    let current = 'first';
    const tokens = provider({ kind: 'client-secret', secret: new Secret(() => current) });
    await tokens.token('graph');
    current = 'second';
    clock.advance(3_600_000);
    await tokens.token('graph');
    expect(entra.requests.map(({ form }) => form.client_secret)).toEqual(['first', 'second']);
  });
});

describe('a credential that was replaced a moment ago', () => {
  const path = join(folder, 'rotated');

  test.each([7000215, 7000222])(
    'is read anew once when the one before is refused with AADSTS%i',
    async (code) => {
      writeFileSync(path, 'first');
      const tokens = provider({ kind: 'client-secret', secret: new Secret(secretFile(path, clock), path) });
      writeFileSync(path, 'second');
      entra.answers.push(refusal(code));
      expect(await tokens.token('graph')).toBe('token-1');
      expect(entra.requests.map(({ form }) => form.client_secret)).toEqual(['first', 'second']);
    },
  );

  test('that is refused too is told, and so is one that did not change, after one request', async () => {
    writeFileSync(path, 'first');
    const tokens = provider({ kind: 'client-secret', secret: new Secret(secretFile(path, clock), path) });
    entra.answers.push(refusal(7000215), refusal(7000215), refusal(7000215));
    await refusalOf(tokens.token('graph'));
    expect(entra.requests).toHaveLength(1);
    writeFileSync(path, 'second');
    clock.advance(1000);
    expect((await refusalOf(tokens.token('graph'))).message).toContain('AADSTS7000215');
    expect(entra.requests.map(({ form }) => form.client_secret)).toEqual(['first', 'first', 'second']);
  });

  test('is used for the next token, and the token at hand goes on until then', async () => {
    writeFileSync(path, `${client.cert}${client.key}`);
    const tokens = provider({ kind: 'certificate', path });
    expect(await tokens.token('siem')).toBe('token-1');
    writeFileSync(path, `${other.cert}${other.key}`);
    expect(await tokens.token('siem')).toBe('token-1');
    expect(entra.requests).toHaveLength(1);
  });
});

describe('a certificate', () => {
  const path = join(folder, 'client.pem');
  const keyPath = join(folder, 'client.key');

  test.each([
    ['graph', '/oauth2/v2.0/token'],
    ['siem', '/oauth2/token'],
  ] as const)('signs the assertion for %s that the authority can verify', async (api, endpoint) => {
    writeFileSync(path, client.cert);
    writeFileSync(keyPath, client.key);
    await provider({ kind: 'certificate', path, keyPath }).token(api);
    const form = entra.requests[0]?.form;
    expect(form?.client_assertion_type).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const { header, claims } = verified(form?.client_assertion, client.cert);
    const fingerprint = new X509Certificate(client.cert).fingerprint256.replaceAll(':', '');
    expect(header).toMatchObject({
      alg: 'PS256',
      'x5t#S256': Buffer.from(fingerprint, 'hex').toString('base64url'),
    });
    expect(claims).toMatchObject({
      aud: `${entra.origin}/${tenant.id}${endpoint}`,
      iss: clientId,
      sub: clientId,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(600);
  });

  test('is read anew for each token, key and certificate from one file if it holds both', async () => {
    writeFileSync(path, `${client.cert}${client.key}`);
    const tokens = provider({ kind: 'certificate', path });
    await tokens.token('siem');
    writeFileSync(path, `${other.cert}${other.key}`);
    clock.advance(3_600_000);
    await tokens.token('siem');
    verified(entra.requests[1]?.form.client_assertion, other.cert);
  });

  test.each([
    ['a missing file', undefined, client.key, 'cannot read'],
    ['a file without a certificate', 'nonsense', client.key, 'holds no PEM certificate'],
    ['a file without a key', client.cert, client.cert, 'holds no PEM unencrypted private key'],
    ['the key of another certificate', client.cert, other.key, 'does not belong to'],
  ])('%s is told before anything is sent', async (_case, cert, key, words) => {
    if (cert === undefined) rmSync(path, { force: true });
    else writeFileSync(path, cert);
    writeFileSync(keyPath, key);
    const error = await refusalOf(provider({ kind: 'certificate', path, keyPath }).token('graph'));
    expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining(words)]);
    expect(error.message).not.toContain('PRIVATE KEY');
    expect(entra.requests).toHaveLength(0);
  });
});

describe('a workload identity', () => {
  const tokenFile = join(folder, 'federated');

  test.each(['graph', 'siem'] as const)(
    'sends the token file verbatim and anew for each token of %s',
    async (api) => {
      writeFileSync(tokenFile, 'external.token.1\n');
      const tokens = provider({ kind: 'workload-identity', tokenFile });
      await tokens.token(api);
      writeFileSync(tokenFile, 'external.token.2');
      clock.advance(3_600_000);
      await tokens.token(api);
      expect(entra.requests.map(({ form }) => form.client_assertion)).toEqual([
        'external.token.1',
        'external.token.2',
      ]);
    },
  );

  test('an empty token file is told', async () => {
    writeFileSync(tokenFile, '');
    const error = await refusalOf(provider({ kind: 'workload-identity', tokenFile }).token('graph'));
    expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining(tokenFile)]);
  });
});

describe('a managed identity', () => {
  test('asks the platform past the proxy, again while it starts, for Defender with the audience that has roles', async () => {
    const seen: (readonly (string | null)[])[] = [];
    const statuses = [404, 410];
    await using platform = await serveHttp((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://platform.test');
      seen.push([searchParams.get('resource'), searchParams.get('client_id')]);
      const expires_on = String(Math.floor(Date.now() / 1000) + 86_000);
      const token = { access_token: `platform-${seen.length}`, expires_on, token_type: 'Bearer' };
      response.writeHead(statuses.shift() ?? 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(token));
    });
    await using proxy = await serveProxy(403);
    stubIdentityEndpoint({
      IDENTITY_ENDPOINT: `${platform.origin}/msi/token`,
      IDENTITY_HEADER: 'header-value',
    });
    const proxied = httpClient(proxy.origin);
    const tokens = provider({ kind: 'managed-identity', clientId }, proxied);
    const defender = 'https://securitycenter.onmicrosoft.com/windowsatpservice';
    expect(await tokens.token('defender')).toBe('platform-3');
    expect(await tokens.token('graph')).toBe('platform-4');
    expect(seen).toEqual([
      [defender, clientId],
      [defender, clientId],
      [defender, clientId],
      ['https://graph.microsoft.com', clientId],
    ]);
    expect([clock.sleeps.length, proxy.connects]).toEqual([2, []]);
    proxied.close();

    statuses.push(400);
    const systemAssigned = { kind: 'managed-identity' as const, clientId: undefined };
    const refused = await refusalOf(provider(systemAssigned).token('siem'));
    expect([refused.code, refused.message]).toEqual([
      'IDENTITY_REFUSED',
      expect.stringContaining('tenant contoso, managed identity: the token endpoint answered 400'),
    ]);
    expect(seen.at(-1)).toEqual(['https://graph.windows.net', null]);
  });
});

test('token requests go through the proxy and trust the private root', async () => {
  await using proxy = await serveProxy();
  const proxied = httpClient(proxy.origin);
  expect(await provider({}, proxied).token('graph')).toBe('token-1');
  proxied.close();
  expect(proxy.connects[0]).toBe(`127.0.0.1:${entra.port}`);
});

describe('the cache', () => {
  test('asks once however many wait, and keeps one token for each API', async () => {
    const tokens = provider();
    const got = await Promise.all([tokens.token('siem'), tokens.token('siem'), tokens.token('siem')]);
    expect(new Set(got).size).toBe(1);
    await tokens.token('siem');
    expect(entra.requests).toHaveLength(1);
    expect(await tokens.token('graph')).toBe('token-2');
  });

  test('gets a fresh token after it was invalidated, once for all who saw the same 401', async () => {
    const tokens = provider();
    const old = await tokens.token('siem');
    tokens.invalidate('siem', old);
    const fresh = await tokens.token('siem');
    tokens.invalidate('siem', old);
    expect(await tokens.token('siem')).toBe(fresh);
    expect([old, fresh]).toEqual(['token-1', 'token-2']);
  });

  test('whoever stops waiting does not disturb the others', async () => {
    const tokens = provider();
    const stop = new AbortController();
    const first = tokens.token('siem', stop.signal);
    const second = tokens.token('siem');
    const refused = expect(first).rejects.toThrow('stopped');
    stop.abort(new Error('stopped'));
    await refused;
    expect(await second).toBe('token-1');
  });
});

describe('trouble with the authority', () => {
  test.each(['graph', 'siem'] as const)(
    'that passes is retried for %s, after its Retry-After or a back-off',
    async (api) => {
      entra.answers.push(
        { status: 429, body: '{}', headers: { 'Retry-After': '7' } },
        { status: 503, body: '<html>busy</html>' },
        refusal(90033, 'temporarily_unavailable'),
      );
      expect(await provider().token(api)).toBe('token-1');
      expect(clock.sleeps).toEqual([7000, 2000, 4000]);
    },
  );

  test('that lasts is told as such', async () => {
    for (let i = 0; i < 4; i++) entra.answers.push({ status: 503, body: '' });
    const error = await refusalOf(provider().token('graph'));
    expect([error.code, error.message]).toEqual(['IDENTITY_UNAVAILABLE', expect.stringContaining('503')]);
  });

  test.each([
    [
      'asks for a wait',
      { ...refusal(90024, 'temporarily_unavailable'), headers: { 'Retry-After': '600' } },
      600_000,
    ],
    ['has seen a loop', refusal(50196, 'invalid_grant'), 300_000],
  ])('an authority that %s is left alone for so long, whoever asks', async (_, answer, waitMs) => {
    entra.answers.push(answer, answer);
    const tokens = provider();
    const first = await refusalOf(tokens.token('graph'));
    clock.advance(waitMs - 1000);
    expect(await refusalOf(tokens.token('graph'))).toBe(first);
    expect(await refusalOf(tokens.token('siem'))).toBe(first);
    expect(entra.requests).toHaveLength(1);
    clock.advance(2000);
    expect((await refusalOf(tokens.token('graph'))).message).toBe(first.message);
    expect(await refusalOf(tokens.token('siem'))).not.toBe(first);
    clock.advance(waitMs + 1000);
    expect(await tokens.token('graph')).toBe('token-1');
  });

  test.each(['graph', 'siem'] as const)('an authority that is not there is told for %s', async (api) => {
    const tokens = provider();
    await entra[Symbol.asyncDispose]();
    const error = await refusalOf(tokens.token(api));
    expect(error.code).toBe('IDENTITY_UNAVAILABLE');
    expect(error.message).toContain('tenant contoso');
    expect(error.message).toContain('refused');
    expect(clock.sleeps).toHaveLength(3);
  });

  test('the last good token is kept while renewal fails, and the failure is logged', async () => {
    const tokens = provider();
    await tokens.token('siem');
    entra.answers.push(refusal(7000222));
    clock.advance(3_599_000 - 200_000);
    expect(await tokens.token('siem')).toBe('token-1');
    await vi.waitFor(() => expect(logged.join()).toContain('AADSTS7000222'), 20_000);
    expect(await tokens.token('siem')).toBe('token-1');
    expect(entra.requests).toHaveLength(2);
    clock.advance(31_000);
    expect(await tokens.token('siem')).toBe('token-1');
    await vi.waitFor(async () => expect(await tokens.token('siem')).toBe('token-2'), 20_000);
  });
});

describe('a refusal', () => {
  test.each(['graph', 'siem'] as const)(
    'names tenant, application, code, cure and ids for %s, and is not retried',
    async (api) => {
      entra.answers.push(refusal(7000215));
      const error = await refusalOf(provider().token(api));
      expect(error.code).toBe('IDENTITY_REFUSED');
      for (const part of ['contoso', clientId, 'AADSTS7000215', 'not its id', 'trace-1', 'correlation-1']) {
        expect(error.message).toContain(part);
      }
      expect(entra.requests).toHaveLength(1);
    },
  );

  test.each(['graph', 'siem'] as const)(
    'never shows the secret for %s, even when the authority echoes it',
    async (api) => {
      entra.answers.push(refusal(123456, 'invalid_client', `no ${hidden} here.`));
      const error = await refusalOf(provider().token(api));
      expect(error.message).toContain('AADSTS123456');
      expect(`${messageOf(error)}${error.stack}${JSON.stringify(error)}${logged.join()}`).not.toContain(
        hidden,
      );
    },
  );
});

test('no credential is posted to another host than the authority', async () => {
  const foreign: HttpClient = {
    async request({ method, url }) {
      if (method === 'POST') throw new Error('a credential left');
      const body = {
        issuer: url,
        token_endpoint: 'https://evil.test/token',
        authorization_endpoint: url,
        jwks_uri: url,
      };
      return responseOf({ status: 200, headers: {}, body: JSON.stringify(body) });
    },
    close() {},
  };
  const error = await refusalOf(provider({}, foreign).token('graph'));
  expect(error.code).toBe('IDENTITY_REFUSED');
  expect(error.message).not.toContain('a credential left');
});
