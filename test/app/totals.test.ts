import { expect, test } from 'vitest';
import { totalsOf } from '../../src/app/totals.ts';
import { aCredential, aSink, aSource } from '../admin/a-health.ts';

test('a tenant is not well when one of its sources or its credential is not', () => {
  const totals = totalsOf({
    sources: [
      aSource({ name: 'a@one', tenant: 'one', accepted: 3, gaps: 1, healthy: false, lagMs: 5000 }),
      aSource({ name: 'b@one', tenant: 'one', accepted: 4, healthy: false, lagMs: undefined }),
      aSource({ name: 'a@two', tenant: 'two', accepted: 5, lagMs: 4000 }),
    ],
    sinks: [aSink({ backlog: 7 }), aSink({ name: 'far', backlog: 2, deadLetters: 1, healthy: false })],
    credentials: ['one', 'two', 'three'].map((name) => aCredential({ name, healthy: name !== 'three' })),
  });
  expect(totals).toEqual({
    tenants: { total: 3, notWell: 2 },
    sources: { total: 3, notWell: 2 },
    sinks: { total: 2, notWell: 1 },
    accepted: 12,
    gaps: 1,
    furthestBehind: { source: 'a@one', lagMs: 5000 },
    backlog: 9,
    deadLetters: 1,
  });
});
