import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import { standingOf } from './standing.ts';

/** How often the watermarks are looked at, ms. */
const lookEveryMs = 30_000;
/** A source may take this long for its first window before it counts as stalled, ms. */
const toleratedFirstRunMs = 30 * 60_000;

/** What watches over stalls. */
export interface StallWatch {
  /** Looks once. Never rejects. */
  look(): Promise<void>;
  /** Looks again and again until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Returns what tells when a source's watermark stands still for longer than its schedule explains. */
export function createStallWatch(options: {
  readonly sources: Config['sources'];
  readonly store: Pick<Store, 'progress'>;
  readonly blindSpots: BlindSpots;
  readonly clock: Clock;
  readonly log: Log;
}): StallWatch {
  const { sources, store, blindSpots, clock, log } = options;
  const startedAtMs = clock.now();

  async function look(): Promise<void> {
    try {
      const nowMs = clock.now();
      const progress = new Map((await store.progress()).sources.map((known) => [known.source, known]));
      for (const { name, tenant, schedule } of sources) {
        const known = progress.get(name);
        const standing = standingOf(schedule, known, nowMs);
        const subject = { tenant, source: name };
        const neverRead = standing === 'unread' && nowMs - startedAtMs > toleratedFirstRunMs;
        if (standing === 'stalled' || neverRead) {
          const place =
            known?.watermark === undefined
              ? 'nothing of it was read yet'
              : `it was read up to ${known.watermark} and no further`;
          const reason =
            known?.lastError ?? 'no run has ended for longer than its schedule explains; see the log';
          blindSpots.open('stall', subject, `the source stands still: ${place}: ${reason}`);
        } else if (standing !== 'unread') {
          blindSpots.close('stall', subject);
        }
      }
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'the watermarks cannot be read');
    }
  }

  return {
    look,
    async run(signal) {
      while (!signal.aborted) {
        await look();
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}
