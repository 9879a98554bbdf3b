import { expect, test } from 'vitest';
import { scenario } from './late.ts';
import { shortForm } from './short-form.ts';

test('late: what arrives late is delivered, and the overlap grows to reach it', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ lost: 0 });
  expect(Number(figures.late)).toBeGreaterThan(10);
  expect(Number(figures['overlap s'])).toBeGreaterThan(15 * 60);
});
