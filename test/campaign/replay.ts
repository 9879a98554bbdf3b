import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backfillWithinQuota } from './backfill-quota.ts';
import { killReplays } from './replay-kills.ts';
import type { Scenario } from './scenario.ts';

/** Replays and backfills beside live work: killed at any moment, and within Microsoft's quota. */
export const scenario: Scenario = {
  name: 'replay',
  promise:
    'a replay and a backfill go on where a kill left them, beside live work: nothing lost, in order, repeats only in ' +
    "flight, and within Microsoft's quota",
  async run({ seed, long, note }) {
    const folder = mkdtempSync(join(tmpdir(), 'campaign-replay-'));
    try {
      const kills = long ? 60 : 5;
      const quota = await backfillWithinQuota(folder, { seed, alerts: long ? 500 : 100 });
      note(`${quota.calls} calls, ${quota.mostAMinute} a minute at most`);
      const { replayed, backfilled, live, lost, repeated, outOfOrder, broken } = await killReplays(folder, {
        seed,
        kills,
        replays: long ? 12 : 2,
        hours: long ? 60 : 24,
      });
      return {
        figures: {
          kills,
          replayed,
          backfilled: backfilled + quota.backfilled,
          live: live + quota.live,
          lost: lost + quota.lost,
          repeated,
          'out of order': outOfOrder,
          'most calls a minute': quota.mostAMinute,
        },
        broken: [...broken, ...quota.broken],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
