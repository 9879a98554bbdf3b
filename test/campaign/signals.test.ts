import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './signals.ts';

test('a run that is asked to stop ends in time, whatever it does, and loses nothing', {
  timeout: 120_000,
}, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ stops: 15, phases: 13, lost: 0 });
});
