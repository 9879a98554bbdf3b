import { expect, test } from 'vitest';
import { createSharedClients } from '../../src/http/shared-clients.ts';

test('tenants with one way share a client, and those with another proxy do not', () => {
  const clients = createSharedClients({ timeoutMs: 1000, maxResponseBytes: 1000, userAgent: 'test' });
  const direct = clients.clientFor(undefined, undefined);
  expect(clients.clientFor(undefined, undefined)).toBe(direct);
  expect(clients.clientFor({ verify: true }, undefined)).not.toBe(direct);
  const proxied = clients.clientFor(undefined, 'http://proxy.test:3128');
  expect(proxied).not.toBe(direct);
  expect(clients.clientFor(undefined, 'http://proxy.test:3128')).toBe(proxied);
  clients.close();
});
