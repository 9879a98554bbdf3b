import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Secret } from '../../src/fields/secret.ts';
import { resolveEndpoints } from '../../src/identity/clouds.ts';
import type { Credential } from '../../src/identity/credential.ts';
import { createTokenProvider } from '../../src/identity/token-provider.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { testFolder } from '../support/connector-config.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { stubIdentityEndpoint } from '../support/identity-endpoint.ts';
import { scriptedHttp } from '../support/scripted-http.ts';

/** Asks for a token where Entra ID is out of reach; returns why there is none, and who was asked. */
async function refused(credential: Credential) {
  const http = scriptedHttp(() => ({
    status: 400,
    body: { error: 'invalid_request', error_description: 'Identity not found' },
  }));
  const tokens = createTokenProvider({
    tenant: { name: 'contoso', id: '0a0a0a0a-0000-0000-0000-000000000000' },
    credential,
    endpoints: resolveEndpoints('commercial'),
    http,
    clock: new FakeClock(),
    log: silentLog,
  });
  const failure = await tokens.token('graph').catch((error: unknown) => error);
  return { failure, asked: http.sent.map(({ url }) => new URL(url).host) };
}

test('what the platform refuses is told at once: no cloud of the tenant explains it', async () => {
  stubIdentityEndpoint({ IDENTITY_ENDPOINT: 'http://127.0.0.1:9/msi/token', IDENTITY_HEADER: 'header' });
  const { failure, asked } = await refused({ kind: 'managed-identity' });
  expect(failure).toMatchObject({ code: 'IDENTITY_REFUSED', message: expect.stringMatching(/not found/) });
  expect(asked).toEqual(['127.0.0.1:9']);
});

test('that nobody has signed in is told at once, and nobody is asked', async () => {
  const { failure, asked } = await refused({
    kind: 'user',
    clientId: '11111111-1111-1111-1111-111111111111',
    cache: join(testFolder(), 'sign-in'),
    key: new Secret('0123456789abcdef'),
  });
  expect(failure).toMatchObject({ code: 'IDENTITY_REFUSED', message: expect.stringMatching(/nobody has/) });
  expect(asked).toEqual([]);
});
