import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { connectTenant } from '../../src/app/tenant-connection.ts';
import type { Config } from '../../src/config/schema.ts';
import { Secret } from '../../src/fields/secret.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import { silentLog } from '../../src/runtime/log.ts';
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
