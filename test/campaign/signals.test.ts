import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './signals.ts';

test('a run that is asked to stop ends in time, whatever it does, and loses nothing', {
  timeout: 120_000,
}, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ stops: 12, phases: 12, lost: 0 });
});
