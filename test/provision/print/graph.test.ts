import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { graph } from '../../../src/provision/print/graph.ts';
import { DirectoryClient, settledBench } from '../../simulator/directory-bench.ts';
import type { Bench, Json } from '../../simulator/support.ts';
import { createSelfSigned } from '../../support/certificates.ts';
import { context, hostileName, permissions, planFromNothing, plans } from './plans.ts';

const { certificate } = {
  certificate: new X509Certificate(createSelfSigned('app', []).cert).raw.toString('base64'),
};
let bench: Bench;
let directory: DirectoryClient;
beforeEach(async () => {
  bench = await settledBench();
  directory = await DirectoryClient.withRoles(
    bench,
    'Application.ReadWrite.All',
    'AppRoleAssignment.ReadWrite.All',
    'DelegatedPermissionGrant.ReadWrite.All',
  );
});
afterEach(() => bench[Symbol.asyncDispose]());

interface Call {
  readonly keeps: readonly (readonly [name: string, field: string])[];
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Reads the text as a person does: one call after the other, with what is to be kept of its answer. */
function callsOf(text: string): readonly Call[] {
  return text
    .split(/^### .*$/m)
    .slice(1)
    .map((part) => {
      const [head = '', ...rest] = part.trim().split('\n\n');
      const lines = head.split('\n');
      const request = lines.find((line) => /^(GET|POST|PATCH|DELETE) /.test(line)) ?? '';
      const [method = '', url = ''] = request.split(' ');
      expect(lines).toContain('Authorization: Bearer {{token}}');
      const keeps = lines.flatMap((line) => {
        const [, name, field] = /^# keep ([\w.]+): (\w+)$/.exec(line) ?? [];
        return name === undefined || field === undefined ? [] : [[name, field] as const];
      });
      return {
        keeps,
        method,
        path: url.replace('https://graph.microsoft.com/v1.0', ''),
        body: rest.join('\n\n'),
      };
    });
}

/** Makes the calls, with the placeholders filled in from the answers before. */
async function follow(text: string): Promise<readonly number[]> {
  const kept = new Map<string, string>([['certificate', certificate]]);
  const statuses: number[] = [];
  const filled = (part: string) =>
    part.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
      const value = kept.get(name);
      if (value === undefined) throw new Error(`nothing has told {{${name}}}`);
      return value;
    });
  for (const call of callsOf(text)) {
    const body = call.body === '' ? undefined : JSON.parse(filled(call.body));
    const reply = await directory.send(call.method, filled(call.path), body);
    statuses.push(reply.status);
    if (reply.text === '') continue;
    const answer = reply.json();
    for (const [name, field] of call.keeps) kept.set(name, String(answer[field]));
    for (const [list, short] of [
      ['appRoles', 'appRoles'],
      ['oauth2PermissionScopes', 'scopes'],
    ] as const) {
      const owner = call.keeps[0]?.[0].split('.')[0];
      for (const { value, id } of (answer[list] as Json[] | undefined) ?? []) {
        kept.set(`${owner}.${short}.${value}`, String(id));
      }
    }
  }
  return statuses;
}

describe('the calls of Graph', () => {
  test('make what provisioning makes, one after the other', async () => {
    const statuses = await follow(graph.print(planFromNothing({ displayName: hostileName }), context));
    expect(
      statuses.filter((status) => status >= 300).every((status) => status === 409 || status === 400),
    ).toBe(true);
    const [application] = bench.simulator.control.directory.applications();
    expect(application).toMatchObject({ displayName: hostileName });
    const token = await directory.get(`/applications(appId='${application?.appId}')?$select=keyCredentials`);
    expect((token.json().keyCredentials as Json[])[0]).toMatchObject({ key: certificate });
    const id = await directory.principalId(String(application?.appId));
    const granted = (await directory.get(`/servicePrincipals/${id}/appRoleAssignments`)).json()
      .value as Json[];
    expect(granted).toHaveLength(permissions.length);
  });

  test('grant delegated permissions to persons', async () => {
    await follow(graph.print(plans.person ?? planFromNothing(), context));
    const [application] = bench.simulator.control.directory.applications();
    const grants = (await directory.get('/oauth2PermissionGrants')).json().value as Json[];
    expect(grants.map(({ scope }) => scope)).toEqual(['SecurityAlert.Read.All', 'Alert.Read']);
    expect(application).toBeDefined();
  });
});
