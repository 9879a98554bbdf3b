import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Secret } from '../../src/fields/secret.ts';
import { createApiClient } from '../../src/http/api-client.ts';
import { createHttpClient } from '../../src/http/client.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import { allowedHosts, resolveEndpoints } from '../../src/identity/clouds.ts';
import { createTokenProvider } from '../../src/identity/token-provider.ts';
import { createLog } from '../../src/runtime/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { serveEntra } from '../support/fake-entra.ts';
import { serveHttps, testRoot } from '../support/https-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'api-client-'));
const ca = join(folder, 'root.pem');
writeFileSync(ca, testRoot.cert);
afterAll(() => rmSync(folder, { recursive: true }));

test('over real sockets: token, expiry, throttling, a lost connection and a page, with nothing secret in the log', async () => {
  const bearers: (string | undefined)[] = [];
  await using entra = await serveEntra();
  await using graph = await serveHttps((request, response) => {
    bearers.push(request.headers.authorization);
    if (bearers.length === 1) response.writeHead(401).end('{"error":{"code":"InvalidAuthenticationToken"}}');
    else if (bearers.length === 2) response.writeHead(429, { 'Retry-After': '30' }).end('{}');
    else if (bearers.length === 3) request.socket.destroy();
    else response.end('{"value":[1]}');
  });
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLog('debug', false, (line) => void lines.push(line));
  const http = createHttpClient({
    tls: { ca, verify: true },
    timeoutMs: 20_000,
    maxResponseBytes: 1_000_000,
    userAgent: 'defender-siem/0.0.0',
  });
  const endpoints = resolveEndpoints('commercial', undefined, {
    authority: entra.origin,
    graph: graph.origin,
  });
  const owner = { tenantId: '0a0a0a0a-0000-0000-0000-000000000000', clientId: 'client' };
  const tokens = createTokenProvider({
    tenant: { name: 'contoso', id: owner.tenantId },
    credential: { kind: 'client-secret', clientId: owner.clientId, secret: new Secret('hidden-secret') },
    endpoints,
    http,
    clock,
    log,
  });
  const client = createApiClient({
    tenant: 'contoso',
    api: 'graph',
    tokens,
    http,
    quota: createQuotas(clock).quotaFor(owner, 'graph'),
    allowedHosts: allowedHosts('graph', endpoints),
    clock,
    log,
  });
  const answer = await client.get(`${graph.origin}/v1.0/security/alerts_v2`, {
    signal: new AbortController().signal,
  });
  http.close();
  expect(answer).toMatchObject({ status: 200, body: '{"value":[1]}', partial: false });
  expect(bearers).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-2']);
  expect(clock.sleeps[0]).toBe(30_000);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join()).not.toMatch(/hidden|token-\d/);
});
