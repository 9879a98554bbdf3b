import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphDirectoryApi } from '../../src/simulator/directory/api.ts';
import { Directory } from '../../src/simulator/directory/directory.ts';
import type { ApiRequest } from '../../src/simulator/exchange.ts';
import type { Caller } from '../../src/simulator/identity/access-token.ts';
import { InjectedRecords } from '../../src/simulator/injected.ts';
import { usualHabits } from '../../src/simulator/tenant.ts';
import { World } from '../../src/simulator/world.ts';

const now = Date.parse('2026-11-02T12:00:00Z');
const caller: Caller = {
  clientId: 'client',
  tenantId: 't',
  audience: 'https://graph.microsoft.com',
  objectId: 'object',
  roles: [
    'Application.ReadWrite.All',
    'AppRoleAssignment.ReadWrite.All',
    'DelegatedPermissionGrant.ReadWrite.All',
    'Organization.Read.All',
  ],
  userId: undefined,
  scopes: [],
  entraRoles: [],
  expires: 0,
};

function tenantOf(settleMs: number) {
  const world = new World({
    seed: 1,
    startMs: now,
    ratePerMinute: 0,
    historyAlerts: 0,
    historySpanMs: 1,
    visibilityLagMs: 0,
    stragglers: { share: 0, lagMs: 0 },
    hostileShare: 0,
  });
  const directory = new Directory({
    seed: 1,
    tenantId: 't',
    displayName: 'Contoso',
    settleMs,
    all: [],
    now: () => now,
  });
  return { tenantId: 't', world, injected: new InjectedRecords(), habits: usualHabits(), directory };
}

function requestOf(method: string, target: string, body: unknown): ApiRequest {
  const [path = '', rawQuery = ''] = target.split('?');
  return {
    method,
    origin: 'https://127.0.0.1',
    path: `/v1.0${path}`,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    now,
    clock: now,
    twist: undefined,
    requestId: 'request',
  };
}

const key = fc.constantFrom(
  "(appId='00000003-0000-0000-c000-000000000000')",
  "(appId='x')",
  '/x',
  "('x')",
  '(',
  '/%',
  '',
);
const rest = fc.constantFrom(
  '',
  '/addPassword',
  '/removePassword',
  '/addKey',
  '/removeKey',
  '/federatedIdentityCredentials',
  '/federatedIdentityCredentials/x',
  '/owners/$ref',
  '/appRoleAssignedTo',
  '/appRoleAssignments/x',
  '/oauth2PermissionGrants',
);
const collection = fc.constantFrom(
  'applications',
  'servicePrincipals',
  'oauth2PermissionGrants',
  'organization',
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('$filter', '$select', '$top', '$skiptoken', '$x'), fc.string())
    .map(([name, value]) => `?${name}=${encodeURIComponent(value)}`),
);
const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT');
const fields = fc.constantFrom(
  'displayName',
  'tags',
  'keyCredentials',
  'requiredResourceAccess',
  'passwordCredential',
  'keyId',
  'proof',
  'keyCredential',
  'appId',
  'name',
  'audiences',
  '@odata.id',
  'principalId',
  'scope',
);
const body = fc.oneof(fc.jsonValue(), fc.dictionary(fields, fc.jsonValue()));

test('whatever is sent is answered, and never with a server error', () => {
  const tenant = tenantOf(10_000);
  fc.assert(
    fc.property(method, collection, key, rest, query, body, (verb, of, one, then, asked, sent) => {
      const request = requestOf(verb, `/${of}${one}${then}${asked}`, sent);
      const { status } = graphDirectoryApi.answer(request, tenant, caller);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 1000 },
  );
});

test('whatever is made and changed reads back the same once it is settled', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ displayName: fc.string({ minLength: 1 }), notes: fc.string() }), {
        minLength: 1,
        maxLength: 6,
      }),
      (changes) => {
        const tenant = tenantOf(10_000);
        const call = (verb: string, path: string, sent: unknown) =>
          graphDirectoryApi.answer(requestOf(verb, path, sent), tenant, caller);
        const { id } = JSON.parse(call('POST', '/applications', changes[0]).body) as { id: string };
        for (const change of changes) {
          while (call('PATCH', `/applications/${id}`, change).status === 404) {}
        }
        tenant.directory.settle();
        expect(JSON.parse(call('GET', `/applications/${id}`, null).body)).toMatchObject(changes.at(-1) ?? {});
      },
    ),
    { numRuns: 50 },
  );
});
