import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectTenant } from '../../src/app/tenant-connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { Secret } from '../../src/fields/secret.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { HeldClock } from '../support/held-clock.ts';

test('closing a tenant ends a token request that nobody answers, and makes no other', async () => {
  let connections = 0;
  const server = createServer(() => {
    connections++;
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const tenant = {
    name: 'contoso',
    id: '00000000-0000-0000-0000-000000000000',
    cloud: 'commercial',
    auth: { kind: 'client-secret', clientId: 'app', secret: new Secret('x') },
    endpoints: { authority: `https://127.0.0.1:${port}` },
  } as unknown as Config['tenants'][number];
  const clock = new HeldClock(() => true);
  const connection = connectTenant(tenant, { quotas: createQuotas(clock), clock, log: silentLog });

  const stop = new AbortController();
  const asked = connection.tokens.token('siem', stop.signal);
  asked.catch(() => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const hungUp = once(socket.on('error', () => {}).resume(), 'close');
  stop.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
  connection.close();
  await hungUp;
  for (let turn = 0; turn < 50; turn++) await nextTurn();
  expect(connections).toBe(1);
});

/** A tenant that lives in GCC High, and is said to live in the commercial cloud. */
async function misplaced() {
  const simulator = await stillSimulator({ cloud: 'gcc-high' });
  const path = writeConfig(testFolder(), simulator, { sinks: [{ name: 'out', type: 'stdout' }] });
  const [tenant] = loadConfig(path, parts).tenants;
  if (tenant === undefined) throw new Error('the configuration has no tenant');
  const warn = vi.fn();
  const log = { ...silentLog, warn };
  const connection = connectTenant(tenant, { quotas: createQuotas(systemClock), clock: systemClock, log });
  onTestFinished(() => connection.close());
  return { simulator, warn, tokens: connection.tokens };
}

test('tokens of a tenant in another cloud are told of once, with the cloud to set', async () => {
  const { warn, tokens } = await misplaced();
  await Promise.all([tokens.token('graph'), tokens.token('defender'), tokens.token('siem')]);
  await vi.waitFor(() => expect(warn).toHaveBeenCalled());
  tokens.invalidate('siem', await tokens.token('siem'));
  await tokens.token('siem');
  expect(warn.mock.calls).toEqual([
    [
      expect.objectContaining({ reason: expect.stringContaining('set `cloud: gcc-high`') }),
      expect.any(String),
    ],
  ]);
});

test('an authority that does not serve a tenant is refused with the cloud to set', async () => {
  const { simulator, warn, tokens } = await misplaced();
  simulator.control.cloud.authority = 'commercial';
  for (const api of ['graph', 'siem'] as const) {
    await expect(tokens.token(api)).rejects.toThrow(/GCC High.*set `cloud: gcc-high`/);
  }
  expect(warn).not.toHaveBeenCalled();
});
