import { expect, test } from 'vitest';
import { stillSimulator, testFolder, writeConfig } from '../../support/connector-config.ts';
import { runInProcess } from '../../support/in-process.ts';
import { LogsIngestionServer } from '../../support/logs-ingestion-server.ts';
import { rootFile, rule } from './rig.ts';
import { streamColumns } from './stream-columns.ts';

test('`once` writes each alert of a tenant as a row, with the identity of that tenant; `replay` writes it again under its name', async () => {
  const simulator = await stillSimulator({ historyAlerts: 20 });
  const { control, credentials } = simulator;
  await using server = await LogsIngestionServer.listen({
    rule,
    streams: { 'Custom-Defender_CL': streamColumns },
    audience: 'https://monitor.azure.com',
    tenantId: credentials.tenantId,
    publishers: new Set([control.registration.servicePrincipalId ?? '']),
  });
  const tls = { ca: rootFile() };
  const sinks = [
    { name: 'workspace', type: 'sentinel', endpoint: server.endpoint, rule, tenant: 'simulated', tls },
  ];
  const rest = { log: { level: 'silent' } };
  const path = writeConfig(testFolder(), simulator, { sinks, rest });
  expect(await runInProcess(['once', '--config', path])).toMatchObject({ code: 0 });
  const published = control.published()['graph-alert'];
  expect(published.length).toBe(20);
  expect(server.stored.map(({ EventUid }) => EventUid).sort()).toEqual(published.map(({ id }) => id).sort());
  expect(server.losses).toEqual([]);
  expect(
    await runInProcess(['replay', '--sink', 'workspace', '--since', '7d', '--config', path]),
  ).toMatchObject({
    code: 0,
  });
  expect(server.stored).toHaveLength(40);
  expect(new Set(server.stored.map(({ EventUid, EventVersion }) => `${EventUid} ${EventVersion}`)).size).toBe(
    20,
  );
});
