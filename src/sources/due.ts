import { createTask, parse, type ScheduledTask } from 'node-cron';
import type { Schedule } from './scheduler.ts';

const dayMs = 86_400_000;
/** A date such as 29 February comes every eighth year at the latest. */
const furthestDays = 8 * 366;

/**
 * Returns when a schedule first falls due after `afterMs`, both ms since 1970; a cron expression in UTC. Infinity
 * where it names no day of the next eight years.
 */
export function nextDue(schedule: Schedule, afterMs: number): number {
  if ('everyMs' in schedule) return afterMs + schedule.everyMs;
  const { task, times } = timesOf(schedule.cron);
  const [first = 0] = times;
  const today = Math.floor(afterMs / dayMs) * dayMs;
  for (let day = 0; day < furthestDays; day++) {
    const midnight = today + day * dayMs;
    if (!task.match(new Date(midnight + first))) continue;
    const time = times.find((candidate) => midnight + candidate > afterMs);
    if (time !== undefined) return midnight + time;
  }
  return Number.POSITIVE_INFINITY;
}

interface CronTimes {
  /** Tells which days the expression names; never started. */
  readonly task: Pick<ScheduledTask, 'match'>;
  /** The times of such a day, ms from midnight, in order. */
  readonly times: readonly number[];
}

const known = new Map<string, CronTimes>();

function timesOf(expression: string): CronTimes {
  const made = known.get(expression) ?? timesOfNew(expression);
  known.set(expression, made);
  return made;
}

function timesOfNew(expression: string): CronTimes {
  const { hour, minute, second } = parse(expression);
  const times = hour.flatMap((h) => minute.flatMap((m) => second.map((s) => ((h * 60 + m) * 60 + s) * 1000)));
  return {
    task: createTask(expression, () => {}, { timezone: 'UTC' }),
    times: times.sort((a, b) => a - b),
  };
}
