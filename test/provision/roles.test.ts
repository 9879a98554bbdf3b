import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { Secret } from '../../src/fields/secret.ts';
import { adminConsentUrl } from '../../src/provision/consent.ts';
import { createGraphDirectory } from '../../src/provision/graph-directory.ts';
import { carryOut, draftProvision } from '../../src/provision/provision.ts';
import { ProvisionBench, twoPermissions } from '../support/provision-bench.ts';

const all = twoPermissions.map(({ resource, value }) => ({ resource, value }));
const [ofGraph, ofDefender] = all;

async function benchFor(...roles: ProvisionBench['simulator']['control']['person']['roles']) {
  const bench = await ProvisionBench.start();
  bench.simulator.control.person.roles = roles;
  return bench;
}

describe('what a person may provision, by role', () => {
  test('a Privileged Role Administrator who may register consents to all', async () => {
    const bench = await benchFor('Privileged Role Administrator', 'Cloud Application Administrator');
    const { done } = await bench.provision(bench.request());
    expect(done.denied).toEqual([]);
    expect(bench.applications()[0]?.granted).toEqual(all);
  });

  test.each(['Application Administrator', 'Cloud Application Administrator'] as const)(
    'an %s makes all but the consent to Graph, which is left for who may; then nothing is left',
    async (role) => {
      const bench = await benchFor(role);
      const { done, lines } = await bench.provision(bench.request());
      expect(bench.applications()[0]).toMatchObject({ granted: [ofDefender], secrets: [{}] });
      expect(lines).toContain('may not grant SecurityAlert.Read.All of Microsoft Graph (for source alerts)');
      expect(done.denied.map(({ error }) => error.message)).toEqual([
        expect.stringMatching(
          /may not do this; it takes .*Privileged Role Administrator.*Authorization_RequestDenied/,
        ),
      ]);
      expect(adminConsentUrl(bench.endpoints, bench.tenant.id, done.application.appId)).toBe(
        `${bench.endpoints.authority}/${bench.tenant.id}/adminconsent?client_id=${done.application.appId}`,
      );

      bench.simulator.control.directory.grant(done.application.appId, 'graph', 'SecurityAlert.Read.All');
      bench.settle();
      const next = await bench.provision(bench.request());
      expect(next.draft.plan.steps).toEqual([]);
      expect(next.done.denied).toEqual([]);
    },
  );

  test('who may consent, but not make applications, is told which role that takes, and nothing is made', async () => {
    const bench = await benchFor('Privileged Role Administrator');
    bench.simulator.control.directory.policies.usersMayRegister = false;
    const failure = await bench.provision(bench.request()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject({
      code: 'PERMISSION_MISSING',
      message: expect.stringMatching(
        /^cannot create the app registration defender-siem: .*may not do this; it takes .*Application Administrator/,
      ),
    });
    expect(bench.applications()).toEqual([]);
  });

  test.each([['Application Developer'], []] as const)(
    '%s is told at the sign-in who may',
    async (...roles) => {
      const bench = await benchFor(...roles);
      await expect(bench.provision(bench.request())).rejects.toThrow(
        /sign in as a Cloud Application Administrator and Privileged Role Administrator.*--print.*AADSTS90094/,
      );
    },
  );

  test('where device codes are forbidden, other ways are named', async () => {
    const bench = await benchFor('Global Administrator');
    bench.simulator.control.fault({ kind: 'aadsts', code: 53003, target: 'token', times: 1 });
    await expect(bench.provision(bench.request())).rejects.toThrow(
      /--use-azure-cli.*--admin-client-id.*AADSTS53003/,
    );
  });
});

test('an application with Application.ReadWrite.OwnedBy provisions another by itself', async () => {
  const bench = await ProvisionBench.start({ registered: true });
  const { clientId, clientSecret } = bench.simulator.credentials;
  bench.simulator.control.registration.roles.graph = [
    'Application.ReadWrite.OwnedBy',
    'AppRoleAssignment.ReadWrite.All',
    'Application.Read.All',
  ];
  const token = await bench.token({
    kind: 'application',
    credential: { kind: 'client-secret', clientId, secret: new Secret(clientSecret) },
  });
  const { http, clock, endpoints } = bench;
  const directory = createGraphDirectory({ http, origin: endpoints.origins.graph, token, clock });
  const parts = { directory, clock, tell: () => {}, signal: new AbortController().signal };
  const request = bench.request();
  const done = await carryOut(await draftProvision(request, parts), request, parts);
  expect(done.denied).toEqual([]);
  expect(bench.applications()).toHaveLength(1);
  expect(bench.applications()[0]?.granted).toEqual([ofGraph, ofDefender]);
});
