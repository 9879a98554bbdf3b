import { expect, test } from 'vitest';
import { type CheckResult, checkLive } from '../../src/app/live-check.ts';
import type { Config } from '../../src/config/schema.ts';
import { Secret } from '../../src/fields/secret.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';

test('what the time of the check was too short for is told with what to do next', async () => {
  const config = {
    tenants: [
      {
        name: 'contoso',
        id: '00000000-0000-0000-0000-000000000000',
        cloud: 'commercial',
        auth: { kind: 'client-secret', clientId: 'app', secret: new Secret('x') },
        endpoints: {},
      },
    ],
    sources: [
      { name: 'alerts', type: 'graph-alerts', tenant: 'contoso', sinceMs: 1000, options: { filter: {} } },
    ],
    sinks: [],
  } as unknown as Config;
  const signal = AbortSignal.abort(new DOMException('aborted due to timeout', 'TimeoutError'));
  const options = { clock: systemClock, log: silentLog, signal, sendTest: false };
  const results: CheckResult[] = [];
  for await (const result of checkLive(config, options)) results.push(result);
  expect(results).toMatchObject([{ what: 'source alerts of contoso', failure: { code: 'API_UNREACHABLE' } }]);
  expect(results[0]?.finding).toContain('run it again');
});
