import { expect, onTestFinished, test, vi } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import { resolveEndpoints } from '../../src/identity/clouds.ts';
import { createTokenProvider } from '../../src/identity/token-provider.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

test('a managed identity gets its tokens in App Service and in Container Apps, with all of its roles', async () => {
  const simulator = await startSimulator({ seed: 1, ratePerMinute: 0, clock: systemClock });
  onTestFinished(() => simulator.close());
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  for (const [name, value] of Object.entries(simulator.managedIdentity.environment.appService)) {
    vi.stubEnv(name, value);
  }
  const [, assigned] = simulator.control.managedIdentities;
  const tokens = createTokenProvider({
    tenant: { name: 'contoso', id: simulator.credentials.tenantId },
    credential: { kind: 'managed-identity', resourceId: assigned?.resourceId },
    endpoints: resolveEndpoints('commercial'),
    http: createHttpClient({
      tls: undefined,
      proxy: undefined,
      timeoutMs: 10_000,
      maxResponseBytes: 1_000_000,
      userAgent: 'defender-siem/0.0.0',
    }),
    clock: systemClock,
    log: silentLog,
  });
  const { signal } = new AbortController();
  expect(await tokens.claims('defender', signal)).toMatchObject({
    clientId: assigned?.clientId,
    audience: 'https://securitycenter.onmicrosoft.com/windowsatpservice',
    roles: expect.arrayContaining(['Alert.Read.All']),
  });
});
