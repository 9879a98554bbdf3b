import { expect, test } from 'vitest';
import { ConnectionError } from '../../src/http/connection-error.ts';
import { signInWithDeviceCode } from '../../src/identity/device-code.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { refusal } from '../support/fake-entra.ts';
import { type ScriptedAnswer, scriptedHttp } from '../support/scripted-http.ts';

const code = {
  user_code: 'A1B2C3D4E',
  device_code: 'a-device-code',
  verification_uri: 'https://microsoft.com/devicelogin',
  expires_in: 900,
  interval: 5,
  message: 'To sign in, open https://microsoft.com/devicelogin and enter A1B2C3D4E.\u001b[2J',
};
const token = {
  token_type: 'Bearer',
  expires_in: 3599,
  access_token: 'an-access-token',
  refresh_token: 'a-refresh-token',
  scope: 'https://graph.microsoft.com/SecurityAlert.Read.All https://graph.microsoft.com/User.Read',
};
const pending = refusal(70016, 'authorization_pending');

/** Signs in at an authority that answers the polls so, in order. */
function signIn(answers: readonly ScriptedAnswer[], given: ScriptedAnswer = { body: code }) {
  const polls = [...answers];
  const clock = new FakeClock();
  const shown: string[] = [];
  const http = scriptedHttp(({ url }) => (url.endsWith('/devicecode') ? given : (polls.shift() ?? pending)));
  const signedIn = signInWithDeviceCode(
    {
      http,
      endpoints: { authority: 'https://login.microsoftonline.com' },
      tenant: 'contoso',
      tenantId: 'contoso.onmicrosoft.com',
      clientId: 'the-client',
      scopes: ['https://graph.microsoft.com/.default', 'offline_access'],
      clock,
      show: (message) => shown.push(message),
    },
    new AbortController().signal,
  );
  return { signedIn, http, clock, shown };
}

test('shows the code, waits until it is confirmed, and brings both tokens', async () => {
  const { signedIn, http, clock, shown } = signIn([pending, pending, { body: token }]);
  expect(await signedIn).toEqual({
    accessToken: 'an-access-token',
    lifetimeMs: 3_599_000,
    refreshToken: 'a-refresh-token',
    scopes: token.scope.split(' '),
  });
  expect(shown).toEqual(['To sign in, open https://microsoft.com/devicelogin and enter A1B2C3D4E. [2J']);
  expect(clock.sleeps).toEqual([5000, 5000, 5000]);
  expect(http.sent.map(({ url }) => url.replace(/.*\/contoso/, '/contoso'))).toEqual([
    '/contoso.onmicrosoft.com/oauth2/v2.0/devicecode',
    ...Array(3).fill('/contoso.onmicrosoft.com/oauth2/v2.0/token'),
  ]);
  expect(http.forms()).toEqual([
    { client_id: 'the-client', scope: 'https://graph.microsoft.com/.default offline_access' },
    ...Array(3).fill({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'the-client',
      device_code: 'a-device-code',
    }),
  ]);
});

test('asks more slowly when it is told to, and goes on when the network was away or the authority in trouble', async () => {
  const { signedIn, clock } = signIn([
    { status: 400, body: { error: 'slow_down' } },
    new ConnectionError('reset', 'the connection was reset'),
    { status: 503, body: '' },
    { status: 429, body: { error: 'temporarily_unavailable' }, headers: { 'retry-after': '60' } },
    { body: token },
  ]);
  await signedIn;
  expect(clock.sleeps).toEqual([5000, 10_000, 10_000, 10_000, 50_000, 10_000]);
});

test.each([
  [refusal(65004, 'authorization_declined'), 'AADSTS65004'],
  [refusal(70020, 'expired_token'), 'start again'],
  [refusal(53003, 'access_denied'), 'Conditional Access'],
])('ends with what to do when it is refused', async (answer, words) => {
  const { signedIn } = signIn([pending, answer]);
  await expect(signedIn).rejects.toMatchObject({
    code: 'IDENTITY_REFUSED',
    message: expect.stringMatching(new RegExp(`^tenant contoso, application the-client: .*${words}`)),
  });
});

test('a code that nobody confirms comes to an end', async () => {
  const { signedIn, clock } = signIn([]);
  const started = clock.now();
  await expect(signedIn).rejects.toThrow('the code was not confirmed in time: start again');
  expect(clock.now() - started).toBe(900_000);
});

test('a client that may not use device codes is told at once', async () => {
  const { signedIn, shown } = signIn([], refusal(7000218));
  await expect(signedIn).rejects.toThrow('AADSTS7000218');
  expect(shown).toEqual([]);
});
