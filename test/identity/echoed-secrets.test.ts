import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { Secret } from '../../src/fields/secret.ts';
import { type Api, resolveEndpoints } from '../../src/identity/clouds.ts';
import type { Credential } from '../../src/identity/credential.ts';
import { makeSealKey, sealSignIn } from '../../src/identity/sign-in-seal.ts';
import { createTokenRequester } from '../../src/identity/token-requester.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testRoot } from '../support/https-server.ts';
import { stubIdentityEndpoint } from '../support/identity-endpoint.ts';
import { scriptedHttp } from '../support/scripted-http.ts';

const clientId = '11111111-1111-1111-1111-111111111111';
/** With what must be written otherwise in a form and in a URL. */
const hidden = 'S3~hidden/value+1 "x"';
const sealKey = 'a key of some thirty-two characters';
const folder = mkdtempSync(join(tmpdir(), 'echo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"system:serviceaccount"}').toString('base64url')}.c2lnbmF0dXJl`;

const credentials: Readonly<Record<string, () => Promise<Credential>>> = {
  'client secret': async () => ({ kind: 'client-secret', clientId, secret: new Secret(hidden) }),
  certificate: async () => {
    const { cert, key } = testRoot.issue('connector');
    return { kind: 'certificate', clientId, path: file('app.pem', `${cert}\n${key}`) };
  },
  'workload identity': async () => ({
    kind: 'workload-identity',
    clientId,
    tokenFile: file('token', jwt),
  }),
  person: async () => {
    const signIn = { refreshToken: hidden, clientId, signedInAtMs: 0 };
    const cache = file('sign-in', sealSignIn(signIn, await makeSealKey(sealKey)));
    return { kind: 'user', clientId, cache, key: new Secret(sealKey) };
  },
  'managed identity': async () => {
    stubIdentityEndpoint({ IDENTITY_ENDPOINT: 'http://127.0.0.1:9/msi/token', IDENTITY_HEADER: hidden });
    onTestFinished(() => void vi.unstubAllEnvs());
    return { kind: 'managed-identity' };
  },
};

const cases = Object.keys(credentials).flatMap((kind) =>
  (kind === 'managed identity' ? ['graph'] : ['graph', 'siem']).map((api) => [kind, api as Api] as const),
);

test.each(cases)('what an endpoint repeats of a %s (%s) is in no message', async (kind, api) => {
  let repeated = '';
  const http = scriptedHttp(({ method, url, headers, body }) => {
    if (url.includes('.well-known')) return { status: 404, body: {} };
    repeated = `\u001b[2J ${method} ${url} ${JSON.stringify(headers)} ${body ?? ''} ${decodeURIComponent(String(body ?? ''))}`;
    // Of no code that is known, so that its own words are shown.
    return {
      status: 400,
      body: { error: repeated, error_description: `AADSTS987654: You sent ${repeated}`, trace_id: repeated },
    };
  });
  const request = createTokenRequester({
    tenant: 'contoso',
    tenantId: '0a0a0a0a-0000-0000-0000-000000000000',
    credential: (await credentials[kind]?.()) ?? { kind: 'managed-identity' },
    endpoints: resolveEndpoints('commercial'),
    http,
    clock: new FakeClock(),
  });
  const error = await request(api, new AbortController().signal).catch((thrown: unknown) => thrown);
  const message = messageOf(error);
  expect(message.length).toBeLessThan(5_000);
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message).toContain('You sent');
  expect(repeated).not.toBe('');
  const inForm = new URLSearchParams({ a: hidden }).toString().slice(2);
  const writings = [hidden, encodeURIComponent(hidden), inForm, JSON.stringify(hidden).slice(1, -1)];
  expect(writings.filter((writing) => message.includes(writing))).toEqual([]);
  expect(/eyJ[\w-]{8,}\.[\w-]{8,}/.exec(message)).toBeNull();
});
