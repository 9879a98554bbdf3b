import { expect, test } from 'vitest';
import { ManyTenants } from '../support/many-tenants.ts';

const mostBytes = 400 * 2 ** 20;
/** What one tenant more may leave in the heap. */
const mostHeapBytes = 150 * 2 ** 20;

test('300 tenants in one process, 20 of them broken: less than 400 MB, and each of the others gets its share', {
  timeout: 120_000,
}, async () => {
  await using many = await ManyTenants.start({
    seed: 11,
    tenants: 300,
    broken: 20,
    alertsEach: 2,
    every: '20m',
    speed: 10,
  });
  expect(many.healthy).toHaveLength(280);

  await many.until(() => many.delivery().missing.length === 0);
  const { rounds, brokenCalls } = many.shares();
  const report = await many.end();

  expect(many.delivery()).toEqual({ missing: [], repeated: [] });
  // When the last of them had all it has, none had come further than through its second round.
  expect(rounds.most).toBeLessThanOrEqual(2);
  expect(brokenCalls).toBeGreaterThan(20);
  expect(report.peakBytes).toBeLessThan(mostBytes);
  expect(report.heapBytes).toBeLessThan(mostHeapBytes);
  // Five tenants of each kind of line, and one line for the others: not one for each attempt.
  expect(report.logLines).toBeLessThan(100);
});
