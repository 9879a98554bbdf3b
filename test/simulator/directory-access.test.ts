import { describe, expect, test } from 'vitest';
import {
  type Actor,
  actorOf,
  becomesOwner,
  mustConsent,
  mustCreateApplications,
  mustGrantDelegated,
  mustManage,
  mustReadApplications,
  mustReadOrganization,
} from '../../src/simulator/directory/access.ts';
import type { DirectoryPolicies } from '../../src/simulator/directory/directory.ts';
import type { StoredApplication } from '../../src/simulator/directory/objects.ts';
import { type EntraRole, entraRoles } from '../../src/simulator/identity/roles.ts';
import { DirectoryClient, refusal, settledBench } from './directory-bench.ts';

const all = ['Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'];
const person = (permissions: readonly string[], ...personRoles: readonly EntraRole[]): Actor => ({
  clientId: 'client',
  objectId: 'person',
  permissions: new Set(permissions),
  personRoles,
});
const app = (...permissions: readonly string[]): Actor => ({
  clientId: 'client',
  objectId: 'principal',
  permissions: new Set(permissions),
  personRoles: undefined,
});
const owned = { appId: 'any', owners: ['person', 'principal'] } as unknown as StoredApplication;
const foreign = { appId: 'any', owners: ['somebody'] } as unknown as StoredApplication;
const closed = { usersMayRegister: false } as DirectoryPolicies;
const open = { usersMayRegister: true } as DirectoryPolicies;

const calls = {
  'reads applications': mustReadApplications,
  'makes an application where users may': (actor: Actor) => mustCreateApplications(actor, open),
  'makes an application where only administrators may': (actor: Actor) =>
    mustCreateApplications(actor, closed),
  'manages its own': (actor: Actor) => mustManage(actor, owned),
  "manages another's": (actor: Actor) => mustManage(actor, foreign),
  'consents to Graph': (actor: Actor) => mustConsent(actor, true),
  'consents to others': (actor: Actor) => mustConsent(actor, false),
  'grants delegated permissions': mustGrantDelegated,
  'reads the organisation': mustReadOrganization,
} as const;
type What = keyof typeof calls;

function allowed(actor: Actor): What[] {
  return (Object.keys(calls) as What[]).filter((what) => {
    try {
      calls[what](actor);
      return true;
    } catch {
      return false;
    }
  });
}

describe('who may (API reference §11.1)', () => {
  const managing: What[] = [
    'reads applications',
    'makes an application where users may',
    'makes an application where only administrators may',
    'manages its own',
    "manages another's",
  ];
  test.each<[string, Actor, What[]]>([
    [
      'a Global Administrator',
      person(all, 'Global Administrator'),
      [...managing, 'consents to Graph', 'consents to others'],
    ],
    [
      'an Application Administrator',
      person(all, 'Application Administrator'),
      [...managing, 'consents to others'],
    ],
    [
      'a Privileged Role Administrator',
      person(all, 'Privileged Role Administrator'),
      [
        'reads applications',
        'makes an application where users may',
        'manages its own',
        'consents to Graph',
        'consents to others',
      ],
    ],
    [
      'an Application Developer',
      person(all, 'Application Developer'),
      [
        'reads applications',
        'makes an application where users may',
        'makes an application where only administrators may',
        'manages its own',
      ],
    ],
    [
      'a person without a role',
      person(all),
      ['reads applications', 'makes an application where users may', 'manages its own'],
    ],
    ['a person whose client asked for nothing', person([], 'Global Administrator'), []],
    [
      'a Cloud Application Administrator with delegated grants',
      person(['DelegatedPermissionGrant.ReadWrite.All'], 'Cloud Application Administrator'),
      ['grants delegated permissions'],
    ],
    [
      'an application for its own ones',
      app('Application.ReadWrite.OwnedBy'),
      [
        'reads applications',
        'makes an application where users may',
        'makes an application where only administrators may',
        'manages its own',
      ],
    ],
    ['an application with all', app(...all), [...managing, 'consents to Graph', 'consents to others']],
    ['an application that cannot read', app('AppRoleAssignment.ReadWrite.All'), []],
    ['a reader', app('Directory.Read.All'), ['reads applications', 'reads the organisation']],
  ])('%s', (_who, actor, may) => {
    expect(allowed(actor)).toEqual(may);
  });

  test('a token speaks for a person with the delegated permissions, else for the application with its roles', () => {
    const token = {
      clientId: 'client',
      tenantId: 'tenant',
      audience: 'https://graph.microsoft.com',
      roles: ['Application.Read.All'],
      objectId: 'object',
      scopes: ['User.Read'],
      entraRoles: [entraRoles['Application Developer'], 'unknown'],
      expires: 0,
    };
    expect(actorOf({ ...token, userId: 'object' })).toMatchObject({
      permissions: new Set(['User.Read']),
      personRoles: ['Application Developer'],
    });
    expect(actorOf({ ...token, userId: undefined })).toMatchObject({
      permissions: new Set(['Application.Read.All']),
      personRoles: undefined,
    });
  });

  test('what an application makes that may manage only its own belongs to it', () => {
    expect(becomesOwner(app('Application.ReadWrite.OwnedBy'))).toBe(true);
    expect(becomesOwner(app('Application.ReadWrite.All'))).toBe(false);
    expect(becomesOwner(person(all, 'Application Administrator'))).toBe(false);
    expect(becomesOwner(person(all))).toBe(true);
  });
});

test('an application without the permission is refused in Graph’s words, one with it manages its own alone', async () => {
  await using bench = await settledBench();
  const { registration } = bench.simulator.control;
  const nobody = await DirectoryClient.withRoles(bench, 'SecurityAlert.Read.All');
  for (const path of ['/applications', '/servicePrincipals', '/oauth2PermissionGrants', '/organization']) {
    expect([path, ...refusal(await nobody.get(path))]).toEqual([path, 403, 'Authorization_RequestDenied']);
  }
  const administrator = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.All');
  const foreignApp = await administrator.application();
  const owner = await DirectoryClient.withRoles(bench, 'Application.ReadWrite.OwnedBy');
  const own = await owner.application();
  expect(bench.simulator.control.directory.applications().at(-1)?.owners).toEqual([
    registration.servicePrincipalId,
  ]);
  expect((await owner.post(`/applications/${own.id}/addPassword`, {})).status).toBe(200);
  const denied = await owner.post(`/applications/${foreignApp.id}/addPassword`, {});
  expect(refusal(denied)).toEqual([403, 'Authorization_RequestDenied']);
  expect(refusal(await new DirectoryClient(bench, 'nonsense').get('/applications'))).toEqual([
    401,
    'InvalidAuthenticationToken',
  ]);
});
