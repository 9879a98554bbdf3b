import { epochMs } from '../fields/instant.ts';
import { nextDue } from '../sources/due.ts';
import type { Schedule } from '../sources/scheduler.ts';
import type { SourceProgress } from '../store/store.ts';

/** A source that has not been read for this long beyond its schedule is behind, ms. */
const toleratedLagMs = 15 * 60_000;
/** Runs of a pace that may fail before that time begins. */
const toleratedRuns = 3;
/** A source that is behind and whose watermark has moved within this time is catching up, ms. */
const toleratedStandstillMs = 10 * 60_000;
/** A watermark this far ahead of the clock of this machine says that the clock is wrong, ms. */
const toleratedLeadMs = 60_000;

/** How a source stands to its schedule. */
export type Standing =
  /** It was not read to the end of a window yet. */
  | 'unread'
  /** It was read up to a time that is still to come. */
  | 'ahead'
  | 'on-time'
  /** It is behind, and its watermark moves on. */
  | 'catching-up'
  /** It is behind, and its watermark stands still for longer than the schedule explains. */
  | 'stalled';

/** Returns how a source stands to its schedule at `nowMs`, by what the store holds of it. */
export function standingOf(
  schedule: Schedule,
  progress: Pick<SourceProgress, 'watermark' | 'movedAtMs' | 'lastSuccessMs'> | undefined,
  nowMs: number,
): Standing {
  const { watermark, movedAtMs, lastSuccessMs } = progress ?? {};
  if (watermark === undefined) return 'unread';
  const readToMs = epochMs(watermark);
  if (readToMs > nowMs + toleratedLeadMs) return 'ahead';
  if (nowMs <= toleratedUntilMs(schedule, readToMs, lastSuccessMs)) return 'on-time';
  return movedAtMs !== undefined && nowMs - movedAtMs <= toleratedStandstillMs ? 'catching-up' : 'stalled';
}

/** Of a cron expression, the time that falls due after the last run that ended well tells. */
function toleratedUntilMs(schedule: Schedule, readToMs: number, lastSuccessMs: number | undefined): number {
  if ('everyMs' in schedule) return readToMs + toleratedLagMs + toleratedRuns * schedule.everyMs;
  return nextDue(schedule, Math.max(readToMs, lastSuccessMs ?? 0)) + toleratedLagMs;
}
