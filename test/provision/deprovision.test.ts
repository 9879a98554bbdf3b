import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draftRemoval, noteRemoval, type RemovalRequest } from '../../src/provision/deprovision.ts';
import { ProvisionBench } from '../support/provision-bench.ts';

async function draft(bench: ProvisionBench, changes: Partial<RemovalRequest> = {}) {
  const request: RemovalRequest = {
    tenant: bench.tenant,
    auth: undefined,
    clientId: undefined,
    connector: undefined,
    folder: bench.folder,
    ...changes,
  };
  const lines: string[] = [];
  const parts = {
    directory: await bench.directory(),
    clock: bench.clock,
    tell: (line: string) => void lines.push(line),
    signal: new AbortController().signal,
  };
  return { request, lines, removal: await draftRemoval(request, parts) };
}

test('only the application of this connector is to be removed, with its own files', async () => {
  const bench = await ProvisionBench.start();
  const ours = await bench.provision(bench.request());
  await bench.provision(bench.request({ connector: 'lab', tenant: { ...bench.tenant, name: 'lab' } }));
  await (await bench.directory()).createApplication({ displayName: 'defender-siem', tags: ['other'] });
  writeFileSync(join(bench.folder, 'contoso.pem'), 'no certificate of ours');
  bench.settle();

  // The tag alone does not tell that it is not at work elsewhere.
  await expect(draft(bench)).rejects.toThrow(/contoso .* which another host may use.*--name default/);
  const gone = '99999999-0000-4000-8000-000000000009';
  await expect(draft(bench, { clientId: gone })).rejects.toThrow('--name default');
  expect((await draft(bench, { connector: 'default' })).removal.application?.appId).toBe(
    ours.done.application.appId,
  );
  const { removal } = await draft(bench, { clientId: ours.done.application.appId });
  expect(removal.plan.application?.appId).toBe(ours.done.application.appId);
  expect(removal.plan.steps).toEqual([{ kind: 'delete-service-principal' }, { kind: 'delete-application' }]);
  expect(removal.files).toEqual(
    ['contoso.secret', 'contoso.secret.note'].map((file) => join(bench.folder, file)),
  );
  expect(removal.endsAuth).toBe(true);
});

test('an application without the tag is refused, even where the configuration names it', async () => {
  const bench = await ProvisionBench.start();
  const theirs = await (await bench.directory()).createApplication({ displayName: 'theirs' });
  bench.settle();
  await expect(draft(bench, { clientId: theirs.appId })).rejects.toMatchObject({
    code: 'ARGUMENTS_INVALID',
    message: expect.stringMatching(/theirs .* has no tag defender-siem/),
  });
});

test('a removal that was cut off is finished: the identity of what is gone is set aside too', async () => {
  const bench = await ProvisionBench.start();
  const { done } = await bench.provision(bench.request());
  bench.settle();
  const { appId: clientId } = done.application;
  const begun = await draft(bench, { clientId });
  await noteRemoval(begun.request, begun.removal, bench.clock.now());
  bench.simulator.control.directory.deleteApplication(clientId);

  const { removal, lines } = await draft(bench, { clientId });
  expect(lines).toEqual([expect.stringContaining('an earlier run was cut off a moment ago')]);
  expect(removal).toMatchObject({ application: undefined, endsAuth: true, plan: { steps: [] } });
  expect(removal.files.filter((file) => existsSync(file))).toContain(join(bench.folder, 'contoso.secret'));
});

test('an identity whose application is not of this directory is not ended', async () => {
  const bench = await ProvisionBench.start();
  const clientId = '99999999-0000-0000-0000-000000000001';
  expect((await draft(bench, { clientId })).removal).toMatchObject({ endsAuth: false, files: [] });
});

test('an application of another connector than the one named is left alone', async () => {
  const bench = await ProvisionBench.start();
  const { done } = await bench.provision(bench.request({ connector: 'soc' }));
  bench.settle();
  const clientId = done.application.appId;
  await expect(draft(bench, { clientId, connector: 'lab' })).rejects.toThrow(
    'which is not that of the connector lab',
  );
  expect((await draft(bench, { clientId })).removal.plan.application?.appId).toBe(clientId);
});
