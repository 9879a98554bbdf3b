import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { azureCli, graphCommandLine } from '../../src/simulator/identity/public-clients.ts';
import { readJwt } from '../../src/simulator/jwt.ts';
import { Bench, type Json, type Reply } from './support.ts';

const alerts = 'https://graph.microsoft.com/SecurityAlert.Read.All';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start({ historyAlerts: 3 });
});
afterEach(() => bench[Symbol.asyncDispose]());

const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];
const problem = (reply: Reply) => [reply.status, reply.json().error, codeOf(reply)];
const scopesOf = (reply: Reply) => readJwt(String(reply.json().access_token))?.claims.scp;

function post(path: string, form: Readonly<Record<string, string>>, tenant?: string): Promise<Reply> {
  const { endpoints, credentials } = bench.simulator;
  const url = `${endpoints.authority}/${tenant ?? credentials.tenantId}/oauth2/${path}`;
  return bench.call('POST', url, {}, new URLSearchParams(form).toString());
}

async function begin(scope = `${alerts} offline_access`, client = graphCommandLine): Promise<Json> {
  const reply = await post('v2.0/devicecode', { client_id: client, scope });
  expect(reply.status).toBe(200);
  return reply.json();
}

function poll(code: Json, client = graphCommandLine): Promise<Reply> {
  bench.clock.move(5000);
  const form = { grant_type: deviceGrant, client_id: client, device_code: String(code.device_code) };
  return post('v2.0/token', form);
}

async function signIn(scope?: string, client?: string): Promise<Reply> {
  const code = await begin(scope, client);
  bench.simulator.control.approveDeviceCode(String(code.user_code));
  return poll(code, client);
}

describe('a device code', () => {
  test('is shown, waited for, and brings a token with scopes, the person and their roles', async () => {
    const code = await begin();
    expect(code).toEqual({
      user_code: expect.stringMatching(/^[A-Z0-9]{9}$/),
      device_code: expect.stringMatching(/^[\w-]{100,}$/),
      verification_uri: 'https://microsoft.com/devicelogin',
      expires_in: 900,
      interval: 5,
      message: `To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ${code.user_code} to authenticate.`,
    });
    expect(problem(await poll(code))).toEqual([400, 'authorization_pending', 70016]);
    bench.simulator.control.approveDeviceCode();
    const reply = await poll(code);
    const { access_token, refresh_token, ...rest } = reply.json();
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3598, ext_expires_in: 3598, scope: alerts });
    expect(refresh_token).toMatch(/^1\./);
    const claims = readJwt(String(access_token))?.claims;
    expect(claims).toMatchObject({
      appid: graphCommandLine,
      appidacr: '0',
      scp: 'SecurityAlert.Read.All',
      oid: bench.simulator.control.person.objectId,
      wids: expect.arrayContaining(['62e90394-69f5-4237-9190-012177145e10']),
    });
    expect(claims).not.toHaveProperty('roles');
    expect(problem(await poll(code))).toEqual([400, 'invalid_grant', 7000014]);
  });

  test('brings an id token when openid is asked for, and no refresh token without offline_access', async () => {
    const reply = (await signIn('openid User.Read')).json();
    expect(reply).not.toHaveProperty('refresh_token');
    expect(readJwt(String(reply.id_token))?.claims).toMatchObject({ aud: graphCommandLine, ver: '2.0' });
  });

  test('is polled too fast: the client is slowed down, and from then on for longer', async () => {
    const code = await begin();
    await poll(code);
    const form = {
      grant_type: deviceGrant,
      client_id: graphCommandLine,
      device_code: String(code.device_code),
    };
    expect((await post('v2.0/token', form)).json()).toMatchObject({ error: 'slow_down', error_codes: [] });
    expect((await poll(code)).json().error).toBe('slow_down');
  });

  test('is declined, expires, or is not known', async () => {
    const [declined, late] = [await begin(), await begin()];
    bench.simulator.control.declineDeviceCode(String(declined.user_code));
    expect(problem(await poll(declined))).toEqual([400, 'authorization_declined', 65004]);
    bench.clock.move(890_000);
    expect(problem(await poll(late))).toEqual([400, 'expired_token', 70020]);
    expect(problem(await poll({ device_code: 'nonsense' }))).toEqual([400, 'bad_verification_code', 70018]);
    expect(problem(await poll(late, azureCli))).toEqual([400, 'invalid_grant', 7000014]);
    expect(() => bench.simulator.control.approveDeviceCode('NOBODYS')).toThrow('no device code NOBODYS');
  });

  test('is blocked by Conditional Access, at the end or at once', async () => {
    bench.simulator.control.person.refusal = 53003;
    expect(problem(await signIn())).toEqual([400, 'invalid_grant', 53003]);
    bench.simulator.control.fault({ target: 'token', kind: 'aadsts', code: 50105, onlyCall: 'devicecode' });
    expect(codeOf(await post('v2.0/devicecode', { client_id: graphCommandLine, scope: alerts }))).toBe(50105);
  });

  test('is confirmed at once where the simulator is told so', async () => {
    await using demo = await Bench.start({ historyAlerts: 0, approveDeviceCodes: true });
    const base = `${demo.simulator.endpoints.authority}/organizations/oauth2/v2.0`;
    const asked = `client_id=${graphCommandLine}&scope=${encodeURIComponent(alerts)}`;
    const code = (await demo.call('POST', `${base}/devicecode`, {}, asked)).json();
    const form = `grant_type=${deviceGrant}&client_id=${graphCommandLine}&device_code=${code.device_code}`;
    expect((await demo.call('POST', `${base}/token`, {}, form)).status).toBe(200);
  });

  test.each([
    [{ client_id: '', scope: alerts }, 900144],
    [{ client_id: graphCommandLine, scope: '' }, 900144],
    [{ client_id: '11111111-1111-4111-8111-111111111111', scope: alerts }, 700016],
    [{ client_id: graphCommandLine, scope: 'https://nobody.example/Alert.Read' }, 500011],
    [{ client_id: graphCommandLine, scope: 'Nonsense.Read' }, 650053],
    [
      { client_id: graphCommandLine, scope: `${alerts} https://api.securitycenter.microsoft.com/Alert.Read` },
      28000,
    ],
    [{ client_id: graphCommandLine, scope: `${alerts} https://graph.microsoft.com/.default` }, 70011],
  ])('for %j is refused with %d', async (form, code) => {
    expect(codeOf(await post('v2.0/devicecode', form))).toBe(code);
  });
});

describe('consent', () => {
  test('to more than one’s own data takes an administrator, and the person’s will', async () => {
    const { person } = bench.simulator.control;
    person.roles = ['Security Reader'];
    expect(problem(await signIn())).toEqual([400, 'access_denied', 90094]);
    expect((await signIn('User.Read')).status).toBe(200);
    person.roles = ['Cloud Application Administrator'];
    person.consents = false;
    expect(problem(await signIn())).toEqual([400, 'access_denied', 65004]);
    person.consents = true;
    expect((await signIn()).status).toBe(200);
    person.roles = [];
    expect((await signIn()).status).toBe(200);
  });

  test('was never given where all that is granted is asked for', async () => {
    const all = 'https://graph.microsoft.com/.default';
    expect(problem(await signIn(all))).toEqual([400, 'invalid_grant', 65001]);
    const { registration, person } = bench.simulator.control;
    Object.assign(registration, { publicClient: true });
    registration.requestedScopes.graph = ['SecurityAlert.Read.All'];
    person.roles = [];
    expect(problem(await signIn(all, registration.clientId))).toEqual([400, 'access_denied', 90094]);
    person.roles = ['Global Administrator'];
    expect(scopesOf(await signIn(all, registration.clientId))).toBe('SecurityAlert.Read.All');
    expect(scopesOf(await signIn(all, azureCli))).toContain('Application.ReadWrite.All');
    expect(problem(await signIn(alerts, azureCli))).toEqual([400, 'invalid_grant', 65002]);
  });
});

describe('an application of one’s own', () => {
  const defender = 'https://api.securitycenter.microsoft.com';

  test('that is no public client needs its credential', async () => {
    const { clientId, clientSecret } = bench.simulator.credentials;
    const code = await begin(alerts, clientId);
    bench.simulator.control.approveDeviceCode();
    expect(codeOf(await poll(code, clientId))).toBe(7000218);
    bench.simulator.control.registration.publicClient = true;
    const form = { grant_type: deviceGrant, client_id: clientId, device_code: String(code.device_code) };
    expect(codeOf(await post('v2.0/token', { ...form, client_secret: clientSecret }))).toBe(700025);
    expect((await poll(code, clientId)).status).toBe(200);
  });

  test('reads what its scopes and the person’s role allow', async () => {
    const { control, credentials, endpoints } = bench.simulator;
    control.registration.publicClient = true;
    const graph = `${endpoints.graph}/v1.0/security/alerts_v2`;
    const read = async (scope: string, url: string) => {
      const token = (await signIn(scope, credentials.clientId)).json().access_token;
      return bench.call('GET', url, { authorization: `Bearer ${token}` });
    };
    expect((await read(alerts, graph)).status).toBe(200);
    expect((await read(`${defender}/Alert.Read`, `${endpoints.defender}/api/alerts`)).status).toBe(200);
    control.person.roles = ['Application Administrator'];
    expect((await read(alerts, graph)).text).toContain('The user does not have sufficient permissions');
  });

  test('is refused where its scopes are others', async () => {
    const { control, credentials, endpoints } = bench.simulator;
    control.registration.publicClient = true;
    const { access_token } = (await signIn(`${defender}/Machine.Read`, credentials.clientId)).json();
    const headers = { authorization: `Bearer ${access_token}` };
    const reply = await bench.call('GET', `${endpoints.defender}/api/alerts`, headers);
    expect(reply.status).toBe(403);
    expect(reply.text).toMatch(/delegated permissions \(Alert.Read|API required scopes: Alert.Read/);
  });
});

describe('a refresh token', () => {
  function refresh(token: unknown, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const form = { grant_type: 'refresh_token', client_id: graphCommandLine, refresh_token: String(token) };
    return post('v2.0/token', { ...form, ...more });
  }

  test('brings a token and the next refresh token, also for another resource that was consented to', async () => {
    const first = (await signIn()).json().refresh_token;
    const reply = await refresh(first);
    expect(scopesOf(reply)).toBe('SecurityAlert.Read.All');
    expect(reply.json().refresh_token).not.toBe(first);
    const other = { scope: 'https://api.securitycenter.microsoft.com/Alert.Read' };
    expect(problem(await refresh(first, other))).toEqual([400, 'invalid_grant', 65001]);
    await signIn(other.scope);
    expect(scopesOf(await refresh(first, other))).toBe('Alert.Read');
  });

  test('ends: after 90 days, idle, revoked, spent, or with the person’s account', async () => {
    const { control } = bench.simulator;
    const next = async () => (await signIn()).json().refresh_token;
    const one = await next();
    control.refreshTokens.lifetimeSeconds = 60;
    bench.clock.move(60_000);
    expect(problem(await refresh(one))).toEqual([400, 'invalid_grant', 70008]);
    Object.assign(control.refreshTokens, { lifetimeSeconds: 1e9, idleSeconds: 60 });
    expect(codeOf(await refresh(one))).toBe(700082);
    Object.assign(control.refreshTokens, { idleSeconds: 1e9, singleUse: true });
    const spent = await next();
    expect((await refresh(spent)).status).toBe(200);
    expect(codeOf(await refresh(spent))).toBe(70000);
    const revoked = await next();
    control.endRefreshTokens();
    expect(codeOf(await refresh(revoked))).toBe(50173);
    const good = await next();
    control.person.refusal = 50057;
    expect(codeOf(await refresh(good))).toBe(50057);
    expect(codeOf(await refresh(good, { client_id: azureCli }))).toBe(50057);
    control.person.refusal = undefined;
    expect(codeOf(await refresh(good, { client_id: azureCli }))).toBe(70000);
  });

  test('of the portal opens the SIEM API through the v1 endpoint', async () => {
    const { control, credentials, endpoints } = bench.simulator;
    const form = {
      grant_type: 'refresh_token',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      refresh_token: control.issueRefreshToken(),
      resource: 'https://graph.windows.net',
    };
    expect(codeOf(await post('token', { ...form, client_secret: 'wrong' }))).toBe(7000215);
    const reply = await post('token', form);
    expect(reply.json()).toMatchObject({
      expires_in: '3598',
      scope: expect.stringContaining('user_impersonation'),
    });
    expect(reply.json().refresh_token).not.toBe(form.refresh_token);
    const headers = { authorization: `Bearer ${reply.json().access_token}` };
    expect((await bench.call('GET', `${endpoints.siem}/api/alerts`, headers)).status).toBe(200);
  });
});

test('sign-ins are steered over HTTP', async () => {
  const control = async (method: string, path: string, body?: object) => {
    const url = `${bench.simulator.endpoints.graph}/_control/${path}`;
    return bench.call(method, url, {}, body === undefined ? '' : JSON.stringify(body));
  };
  const code = await begin();
  expect(JSON.parse((await control('GET', 'device-codes')).text)).toEqual([
    {
      userCode: code.user_code,
      clientId: graphCommandLine,
      audience: 'https://graph.microsoft.com',
      scopes: ['SecurityAlert.Read.All'],
      state: 'pending',
    },
  ]);
  await control('POST', 'person', { roles: ['Global Reader'], displayName: 'Somebody' });
  expect(bench.simulator.control.person).toMatchObject({ roles: ['Global Reader'], consents: true });
  expect((await control('POST', 'device-codes', { approve: true })).json()).toEqual({ state: 'approved' });
  expect(codeOf(await poll(code))).toBe(90094);
  await control('POST', 'person', { refusal: 53003 });
  expect(codeOf(await poll(code))).toBe(53003);
  await control('POST', 'person', { refusal: null, roles: ['Global Administrator'] });
  const { refresh_token } = (await poll(code)).json();
  await control('POST', 'refresh-tokens/policy', { singleUse: true });
  await control('POST', 'refresh-tokens/end', { code: 70043 });
  const form = {
    grant_type: 'refresh_token',
    client_id: graphCommandLine,
    refresh_token: String(refresh_token),
  };
  expect(codeOf(await post('v2.0/token', form))).toBe(70043);
  const issued = (await control('POST', 'refresh-tokens')).json();
  expect(issued.refreshToken).toMatch(/^1\./);
  const registration = {
    publicClient: true,
    scopes: { graph: ['User.Read'] },
    secrets: [{ text: 'x', endsAtMs: 1 }],
  };
  expect((await control('POST', 'registration', registration)).status).toBe(200);
  expect(bench.simulator.control.registration).toMatchObject(registration);
  expect((await control('POST', 'device-codes', { approve: false })).status).toBe(400);
  expect((await control('POST', 'registration', { publicClient: 'x' })).status).toBe(400);
});

test('each tenant has a person and codes of its own', async () => {
  await using two = await Bench.start({ historyAlerts: 3, tenants: 1 });
  const [further] = two.simulator.tenants;
  if (further === undefined) throw new Error('no further tenant');
  const post = (path: string, form: Readonly<Record<string, string>>) => {
    const url = `${two.simulator.endpoints.authority}/${further.tenantId}/oauth2/v2.0/${path}`;
    return two.call('POST', url, {}, new URLSearchParams(form).toString());
  };
  const code = (await post('devicecode', { client_id: graphCommandLine, scope: alerts })).json();
  expect(() => two.simulator.control.approveDeviceCode()).toThrow('no device code is waiting');
  further.control.approveDeviceCode(String(code.user_code));
  const form = {
    grant_type: deviceGrant,
    client_id: graphCommandLine,
    device_code: String(code.device_code),
  };
  const { access_token } = (await post('token', form)).json();
  expect(readJwt(String(access_token))?.claims.tid).toBe(further.tenantId);
  const url = `${two.simulator.endpoints.graph}/v1.0/security/alerts_v2`;
  const reply = await two.call('GET', url, { authorization: `Bearer ${access_token}` });
  expect(reply.status).toBe(200);
  expect(further.control.requests()['graph-alerts']).toEqual({ 200: 1 });
});
