import { expect, test } from 'vitest';
import { parts as everyPart } from '../../src/parts.ts';
import { createGraphDirectory } from '../../src/provision/graph-directory.ts';
import { carryOut, draftProvision, type ProvisionRequest } from '../../src/provision/provision.ts';
import { signIn } from '../../src/provision/sign-in.ts';
import { verifyAccess } from '../../src/provision/verify.ts';
import { ProvisionBench, twoPermissions } from '../support/provision-bench.ts';

test("a customer's tenant gets the service principal of the group's application and its grants, and nothing else", async () => {
  const bench = await ProvisionBench.start({ tenants: 1 });
  const home = await bench.provision(bench.request({ multiTenant: true, permissions: [] }));
  bench.settle();
  expect(bench.applications()[0]?.signInAudience).toBe('AzureADMultipleOrgs');

  const { http, clock, endpoints } = bench;
  const [customer] = bench.simulator.tenants;
  if (customer === undefined) throw new Error('there is no second tenant');
  const tenant = { name: 'adatum', id: customer.tenantId };
  const { signal } = new AbortController();
  const token = await signIn({ kind: 'device-code' }, false, {
    tenant,
    endpoints,
    http,
    clock,
    show: () => {},
    signal,
  });
  const lines: string[] = [];
  const parts = {
    directory: createGraphDirectory({ http, origin: endpoints.origins.graph, token, clock }),
    clock,
    tell: (line: string) => void lines.push(line),
    signal,
  };
  const auth = home.done.access.credential;
  const request: ProvisionRequest = bench.request({ tenant, auth, customer: true });
  const provision = async () => {
    const draft = await draftProvision(request, parts);
    const done = await carryOut(draft, request, parts);
    await done.finish();
    return { draft, done };
  };

  const { draft, done } = await provision();
  expect(draft.plan.steps.map(({ kind }) => kind)).toEqual(['create-service-principal', 'grant', 'grant']);
  expect(done.access).toEqual({ credential: auth, written: { clientId: auth.clientId } });
  customer.control.directory.settle();
  bench.settle();
  expect((await provision()).draft.plan.steps).toEqual([]);
  expect(customer.control.directory.applications()).toEqual([]);
  expect(bench.applications()).toHaveLength(1);

  await verifyAccess({
    tenant,
    endpoints,
    credential: done.access.credential,
    permissions: twoPermissions,
    sources: [],
    sourceTypes: everyPart.sourceTypes,
    http,
    clock,
    tell: parts.tell,
    signal,
  });
  expect(lines.at(-1)).toBe('got a token for WindowsDefenderATP with Alert.Read.All');
});

test('a customer of a group without an application is told what comes first', async () => {
  const bench = await ProvisionBench.start();
  await expect(bench.provision(bench.request({ customer: true }))).rejects.toThrow(
    'is a customer of a group that has no application yet: provision that in its home tenant',
  );
});
