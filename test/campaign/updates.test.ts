import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './updates.ts';

test('updates: each state once, with what it changed', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ 'wrong diffs': 0, delivered: figures.states });
  expect(Number(figures['updates told'])).toBeGreaterThan(20);
  expect(Number(figures['raised to route'])).toBeGreaterThan(3);
});
