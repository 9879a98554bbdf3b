import { expect, test } from 'vitest';
import { scenario } from './secrets.ts';
import { shortForm } from './short-form.ts';

test('no secret is told or kept, in whichever way things fail', { timeout: 240_000 }, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  // Ten secrets in each of 21 modes; those of every kind of credential, and of an access made on the spot.
  expect(figures).toMatchObject({ modes: 29, secrets: 237, found: 0 });
});
