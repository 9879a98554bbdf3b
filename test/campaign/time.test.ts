import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './time.ts';

test('time: a clock that is set makes nothing come late, twice or not at all', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ lost: 0, repeated: 0 });
  expect(Number(figures.steps)).toBeGreaterThan(10);
}, 120_000);
