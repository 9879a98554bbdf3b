import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { assessCredential } from '../../src/app/credential-health.ts';
import { Secret } from '../../src/fields/secret.ts';
import type { HttpRequest } from '../../src/http/client.ts';
import { type Api, resolveEndpoints } from '../../src/identity/clouds.ts';
import type { UserCredential } from '../../src/identity/credential.ts';
import { readSignIn, withSignIn } from '../../src/identity/sign-in-file.ts';
import type { StoredSignIn } from '../../src/identity/sign-in-seal.ts';
import { createUserRequester } from '../../src/identity/user-token.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { testFolder } from '../support/connector-config.ts';
import { refusal } from '../support/fake-entra.ts';
import { HeldClock } from '../support/held-clock.ts';
import { type ScriptedAnswer, scriptedHttp } from '../support/scripted-http.ts';

const signal = new AbortController().signal;
const clientId = '11111111-1111-1111-1111-111111111111';
const tenantId = 'contoso.onmicrosoft.com';
const signIn: StoredSignIn = {
  refreshToken: 'refresh-0',
  clientId,
  account: 'ada@contoso.com',
  signedInAtMs: 1000,
};

/** An authority whose refresh tokens are good once, and a person who has signed in there. */
async function person(
  answer?: (request: HttpRequest) => Promise<ScriptedAnswer> | ScriptedAnswer | undefined,
) {
  const credential: UserCredential = {
    kind: 'user',
    clientId,
    cache: join(testFolder(), 'contoso.token'),
    key: new Secret('a key of 16 and more'),
  };
  let good = 'refresh-0';
  let issued = 0;
  const http = scriptedHttp(async (request) => {
    const given = answer?.(request);
    if (given !== undefined) return given;
    const form = new URLSearchParams(String(request.body));
    if (form.get('refresh_token') !== good) return refusal(70000, 'invalid_grant');
    good = `refresh-${++issued}`;
    const audience = form.get('resource') ?? form.get('scope') ?? '';
    return {
      body: { access_token: `token-${issued}`, expires_in: 3599, refresh_token: good, scope: audience },
    };
  });
  const requester = (tenant = 'contoso', id = tenantId, clock: Clock = systemClock) =>
    createUserRequester(
      {
        tenant,
        tenantId: id,
        endpoints: resolveEndpoints('commercial'),
        http,
        clock,
      },
      credential,
    );
  await put(credential, signIn);
  return { credential, http, requester, ask: requester() };
}

function put(credential: UserCredential, value: StoredSignIn): Promise<void> {
  return withSignIn(credential, { clock: systemClock, signal }, (held) => held.write(value));
}

async function failureOf(promise: Promise<unknown>) {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test.each([
  ['graph', '/oauth2/v2.0/token', { scope: 'https://graph.microsoft.com/.default offline_access' }],
  [
    'defender',
    '/oauth2/v2.0/token',
    { scope: 'https://api.securitycenter.microsoft.com/.default offline_access' },
  ],
  ['xdr', '/oauth2/v2.0/token', { scope: 'https://api.security.microsoft.com/.default offline_access' }],
  ['siem', '/oauth2/token', { resource: 'https://graph.windows.net' }],
] as const)('a token for %s comes by the refresh token, from %s', async (api, path, wanted) => {
  const { ask, http } = await person();
  expect(await ask(api, signal)).toEqual({ token: 'token-1', lifetimeMs: 3_599_000 });
  expect(http.sent[0]?.url).toBe(`https://login.microsoftonline.com/contoso.onmicrosoft.com${path}`);
  expect(http.forms()).toEqual([
    { grant_type: 'refresh_token', client_id: clientId, refresh_token: 'refresh-0', ...wanted },
  ]);
});

test('each new refresh token is in the file before its access token is used, whoever asks at the same time', async () => {
  const { credential, http, ask, requester } = await person();
  const beside = requester();
  const apis: readonly Api[] = ['graph', 'defender', 'xdr', 'siem'];
  const tokens = await Promise.all(apis.flatMap((api) => [ask(api, signal), beside(api, signal)]));
  expect(new Set(tokens.map(({ token }) => token)).size).toBe(8);
  expect(new Set(http.forms().map((form) => form.refresh_token)).size).toBe(8);
  expect(await readSignIn(credential)).toEqual({ ...signIn, refreshToken: 'refresh-8' });
});

test("the file tells nothing without the key, is its owner's alone, and never the same twice", async () => {
  const { credential } = await person();
  const { cache } = credential;
  const before = readFileSync(cache, 'utf8');
  expect(before).not.toContain('refresh-0');
  expect(before).not.toContain('ada@contoso.com');
  expect(statSync(cache).mode & 0o777).toBe(0o600);
  await put(credential, signIn);
  expect(readFileSync(cache, 'utf8')).not.toBe(before);
  const other = { ...credential, key: new Secret('another key of its own') };
  await expect(readSignIn(other)).rejects.toThrow(`cannot open ${cache}: \`auth.user.key\` is not the one`);
  const forged = JSON.parse(before);
  const content = Buffer.from(forged.content, 'base64');
  content[0] = (content[0] ?? 0) ^ 1;
  writeFileSync(cache, JSON.stringify({ ...forged, content: content.toString('base64') }));
  await expect(readSignIn(credential)).rejects.toThrow('it is damaged');
  writeFileSync(cache, 'something else');
  await expect(readSignIn(credential)).rejects.toThrow('it is no sign-in of this program');
});

test.each([70008, 700082, 50173, 50076])(
  'a sign-in that is over (AADSTS%i) is told with the command, noted once, and forgotten when it works again',
  async (code) => {
    const answers: ScriptedAnswer[] = [refusal(code, 'invalid_grant'), refusal(code, 'invalid_grant')];
    const { credential, ask } = await person(() => answers.shift());
    const failure = await failureOf(ask('graph', signal));
    expect(failure).toMatchObject({
      code: 'IDENTITY_REFUSED',
      entraCode: code,
      message: expect.stringContaining('run `defender-siem login --tenant contoso`'),
    });
    const noted = await readSignIn(credential);
    expect(noted).toMatchObject({
      refreshToken: 'refresh-0',
      refusals: { [tenantId]: { reason: expect.stringContaining(`AADSTS${code}`) } },
    });
    await failureOf(ask('graph', signal));
    expect(await readSignIn(credential)).toEqual(noted);
    await ask('graph', signal);
    expect(await readSignIn(credential)).toEqual({ ...signIn, refreshToken: 'refresh-1', refusals: {} });
  },
);

test('a passing trouble notes nothing', async () => {
  const { credential, ask } = await person(() => ({ status: 503, body: '' }));
  expect(await failureOf(ask('graph', signal))).toMatchObject({
    code: 'IDENTITY_UNAVAILABLE',
    retryable: true,
  });
  expect(await readSignIn(credential)).toEqual(signIn);
});

test('a person who has not signed in, or at another application, is told to', async () => {
  const { credential, ask } = await person();
  await put(credential, { ...signIn, clientId: '22222222-2222-2222-2222-222222222222' });
  await expect(ask('graph', signal)).rejects.toThrow('that of the application 22222222');
  rmSync(credential.cache);
  await expect(ask('graph', signal)).rejects.toThrow(
    'nobody has signed in: run `defender-siem login --tenant contoso`',
  );
});

test('a new refresh token that the disk does not take is kept in memory, and used for the next try', async () => {
  let away = (): void => {};
  const { credential, http, ask } = await person(() => {
    away();
    return undefined;
  });
  const folder = dirname(credential.cache);
  away = () => renameSync(folder, `${folder}-away`);
  expect(await failureOf(ask('graph', signal))).toMatchObject({
    code: 'IDENTITY_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining(
      `the new sign-in cannot be kept, which the next token needs: ${credential.cache} is gone`,
    ),
  });
  away = () => {};
  renameSync(`${folder}-away`, folder);
  expect(await readSignIn(credential)).toEqual(signIn);
  expect(await ask('graph', signal)).toMatchObject({ token: 'token-2' });
  expect(http.forms().map((form) => form.refresh_token)).toEqual(['refresh-0', 'refresh-1']);
  expect(await readSignIn(credential)).toEqual({ ...signIn, refreshToken: 'refresh-2' });
});

test("a customer whose token request hangs holds up no other's, and writes over no newer sign-in", async () => {
  const hanging: ((answer: ScriptedAnswer) => void)[] = [];
  const { credential, ask, requester } = await person(({ url }) =>
    url.includes('fabrikam') ? new Promise((resolve) => hanging.push(resolve)) : undefined,
  );
  const impatient = new HeldClock((ms) => ms === 2000);
  const fabrikam = requester('fabrikam', 'fabrikam.onmicrosoft.com', impatient);
  const first = fabrikam('graph', signal);
  const second = fabrikam('defender', signal);
  const others = [ask('graph', signal), ask('defender', signal)];
  expect(await Promise.all(others)).toMatchObject([{ token: 'token-1' }, { token: 'token-2' }]);
  await expect.poll(() => hanging.length).toBe(2);
  expect(await ask('xdr', signal)).toMatchObject({ token: 'token-3' });
  const late = { access_token: 'late', expires_in: 3599, refresh_token: 'late-refresh' };
  for (const answer of hanging) answer({ body: late });
  expect(await Promise.all([first, second])).toMatchObject([{ token: 'late' }, { token: 'late' }]);
  expect(await readSignIn(credential)).toEqual({ ...signIn, refreshToken: 'refresh-3' });
});

test('what a tenant has against a sign-in is told of that tenant alone, whatever the others say', async () => {
  const { credential, ask, requester } = await person(({ url }) =>
    url.includes('fabrikam') ? refusal(50076, 'interaction_required') : undefined,
  );
  const fabrikam = requester('fabrikam', 'fabrikam.onmicrosoft.com');
  await failureOf(fabrikam('graph', signal));
  await ask('graph', signal);
  const healthWith = await assessCredential(credential, 0);
  expect(healthWith({ name: 'contoso', id: tenantId })).toMatchObject({ healthy: true });
  expect(healthWith({ name: 'fabrikam', id: 'fabrikam.onmicrosoft.com' })).toMatchObject({
    healthy: false,
    problem: expect.stringContaining('AADSTS50076'),
  });
});

test('a refresh token that another process has spent meanwhile is no refusal: the newer one is taken', async () => {
  const { credential, http, requester } = await person((request) => {
    const form = new URLSearchParams(String(request.body));
    if (form.get('refresh_token') !== 'stale') return undefined;
    return put({ ...credential }, signIn).then(() => refusal(70000, 'invalid_grant'));
  });
  await put(credential, { ...signIn, refreshToken: 'stale' });
  const ask = requester('contoso', tenantId, new HeldClock((ms) => ms === 2000));
  expect(await ask('graph', signal)).toMatchObject({ token: 'token-1' });
  expect(http.forms().map((form) => form.refresh_token)).toEqual(['stale', 'refresh-0']);
  expect(await readSignIn(credential)).toEqual({ ...signIn, refreshToken: 'refresh-1' });
});
