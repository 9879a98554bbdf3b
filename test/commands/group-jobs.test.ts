import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { stillSimulator, testFolder } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';

test('a job takes the name of a source of several tenants for all of them, and that of one for the one', async () => {
  const simulator = await stillSimulator({ tenants: 2, historyAlerts: 6 });
  const folder = testFolder();
  const path = join(folder, 'defender-siem.yaml');
  const { endpoints, caFile, credentials } = simulator;
  const { clientId, clientSecret } = credentials;
  const customers = simulator.tenants.map(({ tenantId }, index) => ({ name: `c${index}`, id: tenantId }));
  const config = {
    tenants: [{ name: 'msp', customers, endpoints, tls: { ca: caFile }, auth: { clientId, clientSecret } }],
    sources: [{ name: 'alerts', tenant: 'msp', since: '10m' }],
    sinks: [
      { name: 'all', type: 'file', path: './all.ndjson', format: 'json' },
      { name: 'first', type: 'file', path: './first.ndjson', format: 'json' },
    ],
    routes: [{ to: ['all'] }, { to: ['first'], where: { tenant: 'c0' } }],
    watch: { heartbeat: '0s', blindSpots: false },
    log: { level: 'silent' },
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  const run = (...args: string[]) => runInProcess([...args, '--config', path]);
  const delivered = (sink: string) =>
    readFileSync(join(folder, `${sink}.ndjson`), 'utf8').split('\n').length - 1;

  expect(await run('once')).toMatchObject({ code: 0 });
  const backfill = await run('backfill', '--source', 'alerts', '--since', '1d', '--until', '5m');
  expect(backfill).toMatchObject({ code: 0 });
  expect([delivered('all'), delivered('first')]).toEqual([12, 6]);

  const replay = await run('replay', '--sink', 'all', '--source', 'alerts@c1', '--since', '1d');
  expect(replay).toMatchObject({ code: 0 });
  expect(delivered('all')).toBe(18);
  expect(await run('replay', '--sink', 'all', '--source', 'alerts', '--since', '1d')).toMatchObject({
    code: 0,
  });
  expect(delivered('all')).toBe(30);

  const unknown = await run('backfill', '--source', 'alerts@c9', '--since', '1d', '--until', '5m');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean 'alerts@c0'") });
});
