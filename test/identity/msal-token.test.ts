import { expect, test } from 'vitest';
import type { HttpClient, HttpRequest } from '../../src/http/client.ts';
import { cloudNames, resolveEndpoints } from '../../src/identity/clouds.ts';
import { requestMsalToken } from '../../src/identity/msal-token.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { responseOf } from '../support/response.ts';
import { scriptedHttp } from '../support/scripted-http.ts';

/** An authority that is wherever it is asked, and knows all clouds. */
function authority(sent: HttpRequest[]): HttpClient {
  return {
    async request(request) {
      sent.push(request);
      const url = new URL(request.url);
      const base = `${url.origin}/${url.pathname.split('/')[1]}`;
      const body =
        request.method === 'POST'
          ? { access_token: 'token', expires_in: 3599, token_type: 'Bearer' }
          : {
              issuer: `${base}/v2.0`,
              token_endpoint: `${base}/oauth2/v2.0/token`,
              authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
              jwks_uri: `${base}/keys`,
            };
      const headers = { 'content-type': 'application/json' };
      return responseOf({ status: 200, headers, body: JSON.stringify(body) });
    },
    close() {},
  };
}

test.each(cloudNames)(
  'in the cloud %s the credential is posted to that cloud authority, and nothing goes elsewhere',
  async (cloud) => {
    const sent: HttpRequest[] = [];
    const endpoints = resolveEndpoints(cloud);
    const issued = await requestMsalToken(
      {
        tenant: 'contoso',
        tenantId: '0a0a0a0a-0000-0000-0000-000000000000',
        clientId: 'client',
        proof: { kind: 'secret', secret: 'hidden' },
        endpoints,
        http: authority(sent),
        clock: new FakeClock(),
      },
      endpoints.audiences.graph,
      new AbortController().signal,
    );
    expect(issued.token).toBe('token');
    expect(Math.abs(issued.lifetimeMs - 3_599_000)).toBeLessThan(60_000);
    expect(new Set(sent.map(({ url }) => new URL(url).origin))).toEqual(new Set([endpoints.authority]));
    const posted = sent.filter(({ method }) => method === 'POST');
    expect(posted.map(({ url }) => new URL(url).pathname)).toEqual([
      '/0a0a0a0a-0000-0000-0000-000000000000/oauth2/v2.0/token',
    ]);
    const form = new URLSearchParams(String(posted[0]?.body));
    expect(form.get('scope')).toBe(`${endpoints.audiences.graph}/.default`);
  },
);

test.each([
  ['ahead of', -7_200_000],
  ['behind', 7_200_000],
])('a token of the platform holds as long as it says, where this clock is %s its own', async (_, byMs) => {
  const platformMs = Math.floor(Date.now() / 1000) * 1000 + byMs;
  const expiresOn = String(platformMs / 1000 + 3600);
  const headers = { date: new Date(platformMs).toUTCString() };
  const issued = await requestMsalToken(
    {
      tenant: 'contoso',
      tenantId: '0a0a0a0a-0000-0000-0000-000000000000',
      identity: { kind: 'managed-identity' },
      endpoints: resolveEndpoints('commercial'),
      http: scriptedHttp(() => ({
        headers,
        body: { access_token: 'token', expires_on: expiresOn, token_type: 'Bearer' },
      })),
      clock: new FakeClock(),
    },
    'https://graph.microsoft.com',
    new AbortController().signal,
  );
  // Whole seconds, and one may pass meanwhile.
  expect(Math.abs(issued.lifetimeMs - 3_600_000)).toBeLessThan(60_000);
});
