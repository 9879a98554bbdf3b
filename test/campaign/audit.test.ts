import { expect, test } from 'vitest';
import { scenario } from './audit.ts';
import { shortForm } from './short-form.ts';

test('audit: what was missed is found, counted and delivered', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ audits: 6, lost: 0 });
  expect(figures.expected).toBe(Number(figures.accepted) + Number(figures.healed));
  expect(Number(figures.healed)).toBeGreaterThan(10);
});
