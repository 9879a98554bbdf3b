import { expect, test } from 'vitest';
import { scenario } from './blind-spots.ts';
import { shortForm } from './short-form.ts';

test('blind spots: each is told when it begins and when it ends', async () => {
  const { figures, broken } = await shortForm(scenario, 4);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ provoked: 10, told: 10, closed: 10, 'numbers missing': 0 });
  expect(Number(figures.heartbeats)).toBeGreaterThan(10);
}, 120_000);
