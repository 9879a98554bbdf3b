import { type AnswerMemory, createAnswerMemory } from '../http/answer-memory.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Schedule } from '../sources/scheduler.ts';
import { createTurns, type Turns } from '../sources/turns.ts';

/** So many sources begin at once; those of a larger crowd follow one after the other. */
const atOnce = 16;
/** All have begun after so long, ms, or after one of their own paces where that is shorter. */
const longestSpreadMs = 60_000;

/** Runs at a time: each holds a page and, while it gets one, what asks for a token. */
const places = 24;
const slowPlaces = 8;
/** A run of a tenant that is well takes less than a second. */
const patienceMs = 5000;

/**
 * Returns the turns that all sources of a process take. None begins while the store takes nothing (`ready`): each would
 * get a page, and hold it until it does.
 */
export function sourceTurns(clock: Clock, ready: (signal: AbortSignal) => Promise<void>): Turns {
  return createTurns({ places, slowPlaces, patienceMs, ready, clock });
}

/** Answers on their way: so many bytes together, beside the first part of each. */
const answerBytes = 16 * 2 ** 20;
const freeAnswerBytes = 2 ** 18;

/** Returns the memory that the answers of all tenants share. */
export function answerMemory(clock: Clock): AnswerMemory {
  return createAnswerMemory({
    budgetBytes: answerBytes,
    freeBytes: freeAnswerBytes,
    patienceMs,
    clock,
  });
}

/**
 * Returns how long each source waits before its first run, ms: hundreds of tenants that all begin in the same moment
 * would do so again at every pace, and ask for all their tokens at once every hour. Each has its own part of the spread,
 * and its moment in it by chance.
 */
export function startDelays(schedules: readonly Schedule[], clock: Pick<Clock, 'random'>): readonly number[] {
  const later = schedules.length - atOnce;
  return schedules.map((schedule, index) => {
    if (index < atOnce) return 0;
    const spreadMs = Math.min('everyMs' in schedule ? schedule.everyMs : longestSpreadMs, longestSpreadMs);
    return Math.round(((index - atOnce + clock.random()) / later) * spreadMs);
  });
}

/** Returns how much later than the first each source's audits are, ms: one after the other within `everyMs`. */
export function auditDelays(count: number, everyMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) =>
    index < atOnce ? 0 : Math.round((index / count) * everyMs),
  );
}
