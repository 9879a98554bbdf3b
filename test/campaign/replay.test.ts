import { expect, test } from 'vitest';
import { scenario } from './replay.ts';
import { shortForm } from './short-form.ts';

/** A minute of the quota has to pass, and six processes have to start: on a busy machine more than usual, ms. */
const timeout = 120_000;

test('replay: replays and backfills outlast kills beside live work, and keep to the quota', {
  timeout,
}, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ kills: 5, lost: 0, 'out of order': 0 });
  expect(Number(figures.replayed)).toBeGreaterThan(60);
  expect(Number(figures.backfilled)).toBeGreaterThan(60);
  // Enough that the backfill had to wait for its share, and no more than Microsoft allows.
  expect(Number(figures['most calls a minute'])).toBeGreaterThan(100);
  expect(Number(figures['most calls a minute'])).toBeLessThanOrEqual(139);
});
