import { expect, test } from 'vitest';
import { runCampaign } from './campaign-run.ts';
import type { Report, Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

function scenario(name: string, run: () => Report): Scenario {
  return { name, promise: `the promise of ${name}`, run: async () => run() };
}

test('a broken promise and a scenario that throws are told and counted, and the next one runs', async () => {
  const printed: string[] = [];
  const broken = await runCampaign(
    [
      scenario('well', () => ({ figures: { events: 3, lost: 0 }, broken: [] })),
      scenario('bad', () => ({ figures: { lost: 2 }, broken: ['a is lost', 'b is lost'] })),
      scenario('bug', () => {
        throw new Error('no such thing');
      }),
      scenario('last', () => ({ figures: { events: 1 }, broken: [] })),
    ],
    { seed: 5, long: false },
    (line) => printed.push(line),
  );
  expect(broken).toBe(3);
  const text = printed
    .join('\n')
    .replaceAll(/\d+\.\d s/g, 'T s')
    .replace(/ts:\d+:\d+/, 'ts');
  expect(text).toMatchInlineSnapshot(`
    "well: events 3, lost 0 (holds, T s, seed 5)
    bad: lost 2 (BROKEN, T s, seed 5)
      the promise: the promise of bad
      broken: a is lost
      broken: b is lost
    bug: no figures (BROKEN, T s, seed 5)
      the promise: the promise of bug
      broken: it ended with an error: no such thing at test/campaign/campaign.test.ts
    last: events 1 (holds, T s, seed 5)"
  `);
});

test('each scenario has a name of its own', () => {
  const names = scenarios.map(({ name }) => name);
  expect(names.filter((name) => !/^[a-z-]+$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});
