import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './tenants.ts';

test('tenants: each that is well gets all it has, whatever becomes of the others', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ tenants: 40, broken: 7, lost: 0, repeated: 0 });
  expect(Number(figures.events)).toBe(33 * 2 + 100);
});
