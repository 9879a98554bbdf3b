import { expect, test } from 'vitest';
import { scenario } from './api.ts';
import { shortForm } from './short-form.ts';

test('api: what can be read is read, what cannot is set aside and healed', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ lost: 0, repeated: 0, healed: figures['set aside'] });
  expect(Number(figures['set aside'])).toBeGreaterThan(2);
}, 120_000);
