import { expect, test } from 'vitest';
import { scenario } from './replay.ts';
import { shortForm } from './short-form.ts';

test('replay: replays and backfills outlast kills beside live work, and keep to the quota', async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ kills: 5, lost: 0, 'out of order': 0 });
  expect(Number(figures.replayed)).toBeGreaterThan(100);
  expect(Number(figures.backfilled)).toBeGreaterThan(60);
  // Enough that the backfill had to wait for its share, and no more than Microsoft allows.
  expect(Number(figures['most calls a minute'])).toBeGreaterThan(100);
  expect(Number(figures['most calls a minute'])).toBeLessThanOrEqual(139);
});
