import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './syslog-tail.ts';

test('syslog-tail: receivers that break lose nothing', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ lost: 0 });
  expect(Number(figures.breaks)).toBeGreaterThan(8);
  expect(Number(figures['possibly repeated'])).toBeGreaterThan(0);
}, 60_000);
