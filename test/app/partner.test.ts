import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { stillSimulator, testFolder } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';

test("a partner's person signs in once, and is let into each customer's tenant; one that does not let them in fails alone", async () => {
  const simulator = await stillSimulator({ approveDeviceCodes: true, tenants: 3, historyAlerts: 4 });
  for (const { control } of simulator.tenants.slice(0, 2)) {
    control.registration.publicClient = true;
    control.registration.scopes = { ...control.registration.scopes, graph: ['SecurityAlert.Read.All'] };
  }
  // Each customer's token spends the one sign-in that all share, and leaves a new one.
  simulator.control.refreshTokens.singleUse = true;
  const folder = testFolder();
  const path = join(folder, 'defender-siem.yaml');
  const names = ['contoso', 'fabrikam', 'northwind'];
  const customers = simulator.tenants.map(({ tenantId }, index) => ({ name: names[index], id: tenantId }));
  const { endpoints, caFile, credentials } = simulator;
  const config = {
    tenants: [
      {
        name: 'msp',
        customers,
        endpoints,
        tls: { ca: caFile },
        auth: { clientId: credentials.clientId, user: { cache: './person.token', key: '0123456789abcdef' } },
      },
    ],
    sources: [{ name: 'alerts', tenant: 'msp', since: '24h' }],
    sinks: [{ name: 'out', type: 'file', path: './out.ndjson', format: 'json' }],
    watch: { heartbeat: '0s', blindSpots: false },
    log: { level: 'silent' },
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });

  expect(await runInProcess(['login', '--config', path, '--tenant', 'msp'])).toMatchObject({ code: 0 });
  await runInProcess(['once', '--config', path]);

  const delivered = readFileSync(join(folder, 'out.ndjson'), 'utf8').trim().split('\n');
  expect(delivered).toHaveLength(8);
  const [one, two, three] = simulator.tenants.map(({ control }) => control.requests());
  expect([one?.['graph-alerts'], two?.['graph-alerts']]).not.toContain(undefined);
  expect(three?.['graph-alerts']).toBeUndefined();
  const status = await runInProcess(['status', '--config', path]);
  expect(status.stdout).toMatch(/alerts@northwind: NOT OK/);
  expect(status.stdout).toMatch(/alerts@contoso: ok[\s\S]*alerts@fabrikam: ok/);
});
