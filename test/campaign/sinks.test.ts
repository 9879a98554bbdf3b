import { expect, test } from 'vitest';
import { shortForm } from './short-form.ts';
import { scenario } from './sinks.ts';

test('sinks that are ill in all ways lose nothing, hold up nobody and are told of once', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ faults: 21, lost: 0 });
  expect(Number(figures.events)).toBeGreaterThan(190);
  expect(Number(figures['log lines'])).toBeGreaterThan(16);
}, 120_000);
