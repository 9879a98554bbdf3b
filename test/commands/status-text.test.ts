import { expect, test } from 'vitest';
import { statusText } from '../../src/commands/status-text.ts';
import { aCredential, aHealth, aSource } from '../admin/a-health.ts';

const tenants = Array.from({ length: 300 }, (_, index) => `c${index}`);
const health = aHealth({
  sources: tenants.map((tenant, index) =>
    aSource({
      name: `alerts@${tenant}`,
      tenant,
      healthy: index >= 30,
      problem: index < 30 ? `tenant ${tenant}, graph API: 503` : '',
    }),
  ),
  credentials: tenants.map((name) => aCredential({ name })),
});

test('of hundreds of tenants it sums up first, and then tells only what is not well', () => {
  expect(
    statusText(health, false),
  ).toBe(`total: 300 tenants (30 not well), 300 sources (30 not well), 1 sink; accepted 3703500, gaps 0, backlog 0, dead letters 0; furthest behind is alerts@c0, by 60s
store: ok, 1 MiB of 1 MiB
sources
${['c0', 'c1', 'c2']
  .map(
    (
      tenant,
    ) => `  alerts@${tenant}: NOT OK, graph-alerts of ${tenant}, read up to 2026-11-03T08:25:10Z (60s ago), accepted 12345, repeated 67
    overlap 15m (99.9 % late by 31s or less), audit of 2026-11-03T08:20:00Z: expected 9000, accepted 8990, healed 9
    problem: tenant ${tenant}, graph API: 503
`,
  )
  .join('')}  in the same way as alerts@c0: ${tenants
    .slice(3, 13)
    .map((tenant) => `alerts@${tenant}`)
    .join(', ')} and 17 more
  270 more are well: --all shows them
sinks
  siem: ok, syslog, backlog 0, dead letters 0
credentials
  300 more are well: --all shows them
not healthy: ${tenants
    .slice(0, 10)
    .map((tenant) => `source alerts@${tenant}`)
    .join(', ')} and 20 more`);
});

test('--all tells of each', () => {
  const lines = statusText(health, true).split('\n');
  expect(lines.filter((line) => /^ {2}alerts@/.test(line))).toHaveLength(300);
  expect(lines.filter((line) => /^ {2}c\d+: ok, client-secret/.test(line))).toHaveLength(300);
});
