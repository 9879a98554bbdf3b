import { expect, test } from 'vitest';
import { TokenCache } from '../../src/identity/token-cache.ts';
import { readClaims } from '../../src/identity/token-claims.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A cache over an authority that numbers its tokens. */
function cacheOf(lifetimeMs: number) {
  const clock = new FakeClock();
  const failures: { error: unknown; validForMs: number }[] = [];
  const authority = { asked: 0, down: false };
  const cache = new TokenCache({
    clock,
    async acquire() {
      authority.asked++;
      if (authority.down) throw new Error('down');
      return { token: `token-${authority.asked}`, lifetimeMs };
    },
    onRenewalFailed: (error, validForMs) => failures.push({ error, validForMs }),
  });
  return { cache, clock, authority, failures };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['an hour', 3_599_000, 3_599_000 - 300_000],
  ['a day', 86_400_000, 86_400_000 - 300_000],
  ['ten minutes', 600_000, 540_000],
  ['ten seconds', 10_000, 9000],
])(
  'a token of %s is renewed ahead of its end, and nobody waits for it',
  async (_case, lifetimeMs, renewAfterMs) => {
    const { cache, clock, authority } = cacheOf(lifetimeMs);
    expect(await cache.token()).toBe('token-1');
    clock.advance(renewAfterMs - 1);
    expect(await cache.token()).toBe('token-1');
    await settled();
    expect(authority.asked).toBe(1);
    clock.advance(1);
    expect(await cache.token()).toBe('token-1');
    await settled();
    expect(await cache.token()).toBe('token-2');
    expect(authority.asked).toBe(2);
  },
);

test('a token that has ended is never handed out, even while the authority is down', async () => {
  const { cache, clock, authority, failures } = cacheOf(600_000);
  await cache.token();
  authority.down = true;
  clock.advance(590_000);
  expect(await cache.token()).toBe('token-1');
  await settled();
  expect(failures).toEqual([{ error: new Error('down'), validForMs: 10_000 }]);
  clock.advance(10_000);
  await expect(cache.token()).rejects.toThrow('down');
  authority.down = false;
  expect(await cache.token()).toBe('token-4');
});

test('a failed renewal is not repeated at every call', async () => {
  const { cache, clock, authority } = cacheOf(3_600_000);
  await cache.token();
  authority.down = true;
  clock.advance(3_400_000);
  for (let i = 0; i < 5; i++) {
    await cache.token();
    await settled();
  }
  expect(authority.asked).toBe(2);
  clock.advance(30_000);
  await cache.token();
  await settled();
  expect(authority.asked).toBe(3);
});

test('a signal that has aborted asks for nothing', async () => {
  const { cache, authority } = cacheOf(600_000);
  await expect(cache.token(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  expect(authority.asked).toBe(0);
});

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
}

const none = {
  audience: undefined,
  tenantId: undefined,
  clientId: undefined,
  roles: [],
  scopes: [],
  expiresAtMs: undefined,
};

test.each([
  [
    'an application token',
    jwt({ aud: 'a', tid: 't', appid: 'c', roles: ['Alert.Read.All'], exp: 1000 }),
    {
      audience: 'a',
      tenantId: 't',
      clientId: 'c',
      roles: ['Alert.Read.All'],
      scopes: [],
      expiresAtMs: 1_000_000,
    },
  ],
  ['a token without a granted permission', jwt({ azp: 'c' }), { ...none, clientId: 'c' }],
  [
    'a delegated token',
    jwt({ scp: 'Alert.Read Machine.Read' }),
    { ...none, scopes: ['Alert.Read', 'Machine.Read'] },
  ],
  ['claims of the wrong type', jwt({ aud: 7, roles: 'x', exp: 'soon' }), none],
  ['an opaque token', 'opaque', none],
])('the claims of %s', (_case, token, claims) => expect(readClaims(token)).toEqual(claims));
