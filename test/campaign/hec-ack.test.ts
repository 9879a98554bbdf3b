import { expect, test } from 'vitest';
import { scenario } from './hec-ack.ts';
import { shortForm } from './short-form.ts';

test('what is not acknowledged is sent again, and nothing is lost', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ events: 270, lost: 0 });
  expect(Number(figures.faults)).toBeGreaterThan(8);
  expect(Number(figures.unacknowledged)).toBeGreaterThan(0);
}, 120_000);
