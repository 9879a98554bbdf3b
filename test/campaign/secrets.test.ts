import { expect, test } from 'vitest';
import { scenario } from './secrets.ts';
import { shortForm } from './short-form.ts';

test('no secret is told or kept, in whichever way things fail', { timeout: 240_000 }, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  // Nine secrets in each mode.
  expect(figures).toMatchObject({ modes: 21, secrets: 189, found: 0 });
});
