import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication, type Configuration } from '@azure/msal-node';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClientCertificate, type Identity } from '../../src/simulator/certificates.ts';
import { readJwt } from '../../src/simulator/jwt.ts';
import { Bench, manualClock, type Reply } from './support.ts';

const graphScope = 'https://graph.microsoft.com/.default';
let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start({ historyAlerts: 0 });
});
afterEach(() => bench[Symbol.asyncDispose]());

const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];

describe('a token by secret', () => {
  test('says who it is for and what is granted', async () => {
    const reply = await bench.tokenReply(graphScope);
    const { access_token, ...rest } = reply.json();
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3598, ext_expires_in: 3598 });
    const seconds = bench.clock.now() / 1000;
    expect(readJwt(String(access_token))?.claims).toMatchObject({
      aud: 'https://graph.microsoft.com',
      tid: bench.simulator.credentials.tenantId,
      appid: bench.simulator.credentials.clientId,
      appidacr: '1',
      exp: seconds + 3599,
      roles: expect.arrayContaining(['SecurityAlert.Read.All']),
    });
  });

  test('of the v1 endpoint has its numbers as text, and no roles for the SIEM API', async () => {
    const reply = (await bench.siemTokenReply()).json();
    expect(reply).toMatchObject({ expires_in: '3598', resource: 'https://graph.windows.net' });
    expect(readJwt(String(reply.access_token))?.claims).not.toHaveProperty('roles');
  });

  test('is given to a tenant by its domain, too', async () => {
    const reply = await bench.tokenReply(graphScope, {}, 'Contoso.example');
    const { tenantId } = bench.simulator.credentials;
    expect(readJwt(String(reply.json().access_token))?.claims.tid).toBe(tenantId);
  });

  test('lives as long as the simulator was told', async () => {
    await using short = await Bench.start({ historyAlerts: 0, tokenLifetimeSeconds: 3 });
    expect((await short.tokenReply(graphScope)).json().expires_in).toBe(2);
  });
});

describe('a refusal', () => {
  test.each([
    ['a wrong secret', { client_secret: 'wrong' }, 7000215, 401, 'invalid_client'],
    ['no credential', { client_secret: '' }, 7000218, 401, 'invalid_client'],
    ['an unknown application', { client_id: randomUUID() }, 700016, 400, 'unauthorized_client'],
    ['two scopes', { scope: 'a/.default b/.default' }, 70011, 400, 'invalid_scope'],
    ['a scope without /.default', { scope: 'https://graph.microsoft.com/x' }, 1002012, 400, 'invalid_scope'],
    ['an unknown resource', { scope: 'https://nobody.example/.default' }, 500011, 400, 'invalid_resource'],
    ['no scope', { scope: '' }, 900144, 400, 'invalid_request'],
    ['another grant', { grant_type: 'password' }, 70003, 400, 'unsupported_grant_type'],
  ])('%s', async (_what, changes, code, status, error) => {
    const reply = await bench.tokenReply(graphScope, changes);
    expect([reply.status, codeOf(reply), reply.json().error]).toEqual([status, code, error]);
    expect(reply.json().error_description).toMatch(new RegExp(`^AADSTS${code}: .* Trace ID: `, 's'));
    expect(reply.text).not.toContain(bench.simulator.credentials.clientSecret);
  });

  test.each([
    [randomUUID(), 90002],
    ['nobody.example', 90002],
    ['nonsense', 900023],
    ['common', 50059],
  ])('the tenant %s', async (tenant, code) => {
    expect(codeOf(await bench.tokenReply(graphScope, {}, tenant))).toBe(code);
  });

  test('an expired secret, a disabled application, a missing resource', async () => {
    const { registration } = bench.simulator.control;
    registration.missingResources = ['graph'];
    expect(codeOf(await bench.tokenReply(graphScope))).toBe(500011);
    registration.expiredSecrets = registration.secrets.splice(0).map(String);
    expect(codeOf(await bench.tokenReply(graphScope))).toBe(7000222);
    registration.enabled = false;
    expect(codeOf(await bench.tokenReply(graphScope))).toBe(7000112);
  });

  // API reference §2.1, "Token errors".
  test.each([
    ['invalid_client', [7000215, 7000222, 7000216, 7000218, 7000219, 700027, 700024, 700023, 700021]],
    ['invalid_client', [1000502, 700030]],
    ['unauthorized_client', [700016, 7000229, 7000112, 50194]],
    ['invalid_request', [90002, 900023, 50059, 50128, 90019, 90051, 50049, 700211, 700212, 700213]],
    ['invalid_request', [50011, 90013, 90014, 900144]],
    ['invalid_resource', [500011, 50001]],
    ['invalid_scope', [70011, 1002012]],
    ['access_denied', [90094, 65004, 530032, 530034]],
    ['invalid_grant', [65001, 50013, 50027, 53003, 50105, 50034, 50020, 90072, 50126, 50055, 50053, 50057]],
    ['invalid_grant', [70008, 700082, 70043, 50173, 7000014, 50196]],
    ['interaction_required', [50076, 50079, 50072, 50158]],
    ['authorization_pending', [70016]],
    ['bad_verification_code', [70018]],
    ['expired_token', [70019, 70020]],
    ['temporarily_unavailable', [90033, 90090, 90024]],
  ] as const)(
    '%s comes with any of its codes on demand, for a token and for a device code',
    async (error, codes) => {
      const { control, endpoints, credentials } = bench.simulator;
      for (const code of codes) {
        control.fault({ target: 'token', kind: 'aadsts', code, times: 2 });
        const deviceCode = `${endpoints.authority}/${credentials.tenantId}/oauth2/v2.0/devicecode`;
        for (const reply of [await bench.tokenReply(graphScope), await bench.call('POST', deviceCode)]) {
          expect([codeOf(reply), reply.json().error]).toEqual([code, error]);
          expect(reply.json().error_description).not.toContain('An error occurred');
        }
      }
      expect((await bench.tokenReply(graphScope)).status).toBe(200);
    },
  );
});

describe('a client assertion', () => {
  let identity: Identity;

  beforeAll(async () => {
    identity = await createClientCertificate(manualClock().now());
  });
  beforeEach(() => {
    bench.simulator.control.registerCertificate(identity.certificate);
  });

  function assertion(header: object = {}, claims: object = {}, key = identity.key): string {
    const { clientId, tenantId } = bench.simulator.credentials;
    const seconds = bench.clock.now() / 1000;
    const der = new X509Certificate(identity.certificate).raw;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({
      alg: 'RS256',
      typ: 'JWT',
      'x5t#S256': createHash('sha256').update(der).digest('base64url'),
      ...header,
    })}.${encode({
      aud: `${bench.simulator.endpoints.authority}/${tenantId}/oauth2/v2.0/token`,
      iss: clientId,
      sub: clientId,
      jti: randomUUID(),
      nbf: seconds,
      exp: seconds + 600,
      ...claims,
    })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), createPrivateKey(key)).toString('base64url')}`;
  }

  const present = (text: string) =>
    bench.tokenReply(graphScope, {
      client_secret: '',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: text,
    });

  test('that is good is taken once', async () => {
    const text = assertion();
    const reply = await present(text);
    expect(readJwt(String(reply.json().access_token))?.claims).toMatchObject({ appidacr: '2' });
    expect(codeOf(await present(text))).toBe(50027);
  });

  test.each([
    ['of an unregistered certificate', { 'x5t#S256': 'AAAA' }, {}, 700027],
    ['with an algorithm that is not signed with', { alg: 'PS256' }, {}, 700027],
    ['with no algorithm', { alg: 'none' }, {}, 700027],
    ['for another audience', {}, { aud: 'https://elsewhere.example/token' }, 700023],
    ['of another client', {}, { iss: randomUUID() }, 700021],
    ['that is over', {}, { exp: 1 }, 700024],
    ['that is valid for hours', {}, { exp: 4e9 }, 700024],
    ['that is not valid yet', {}, { nbf: 4e9 }, 700024],
    ['without an identifier', {}, { jti: undefined }, 50027],
  ])('%s is refused', async (_what, header, claims, code) => {
    expect(codeOf(await present(assertion(header, claims)))).toBe(code);
  });

  test('signed by another key, malformed, or of an expired certificate is refused', async () => {
    const other = await createClientCertificate(bench.clock.now());
    expect(codeOf(await present(assertion({}, {}, other.key)))).toBe(700027);
    expect(codeOf(await present('no.token'))).toBe(50027);
    bench.clock.move(31 * 86_400_000);
    expect(codeOf(await present(assertion()))).toBe(1000502);
  });
});

describe('Microsoft’s own library', () => {
  function application(auth: object): ConfidentialClientApplication {
    const { endpoints, credentials } = bench.simulator;
    const authority = `${endpoints.authority}/${credentials.tenantId}`;
    const send = async <T>(method: string, url: string, options?: { headers?: object; body?: string }) => {
      const headers = { ...options?.headers } as Record<string, string>;
      const reply = await bench.call(method, url, headers, options?.body);
      return { status: reply.status, headers: {}, body: reply.json() as T };
    };
    const configuration: Configuration = {
      auth: {
        clientId: credentials.clientId,
        authority,
        knownAuthorities: [new URL(endpoints.authority).host],
        ...auth,
      },
      system: {
        networkClient: {
          sendGetRequestAsync: (url, options) => send('GET', url, options),
          sendPostRequestAsync: (url, options) => send('POST', url, options),
        },
      },
    };
    return new ConfidentialClientApplication(configuration);
  }

  test('gets a token by secret', async () => {
    const client = application({ clientSecret: bench.simulator.credentials.clientSecret });
    const result = await client.acquireTokenByClientCredential({ scopes: [graphScope] });
    expect(readJwt(result?.accessToken ?? '')?.claims).toMatchObject({ appidacr: '1' });
  });

  test('learns why it gets none', async () => {
    const client = application({ clientSecret: 'wrong' });
    await expect(client.acquireTokenByClientCredential({ scopes: [graphScope] })).rejects.toMatchObject({
      errorCode: 'invalid_client',
      errorMessage: expect.stringContaining('AADSTS7000215'),
    });
  });

  test('gets a token by certificate', async () => {
    // The library dates its assertions by the host's clock.
    bench.clock.move(Date.now() - bench.clock.now());
    const identity = await createClientCertificate(bench.clock.now());
    bench.simulator.control.registerCertificate(identity.certificate);
    const thumbprintSha256 = new X509Certificate(identity.certificate).fingerprint256.replaceAll(':', '');
    const client = application({
      clientCertificate: { thumbprintSha256, privateKey: identity.key },
    });
    const result = await client.acquireTokenByClientCredential({ scopes: [graphScope] });
    expect(readJwt(result?.accessToken ?? '')?.claims).toMatchObject({ appidacr: '2' });
  });
});
