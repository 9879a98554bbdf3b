import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { createHeartbeat, type Heartbeat } from '../../src/sources/heartbeat.ts';
import { type Job, runSchedule } from '../../src/sources/scheduler.ts';

const start = Date.parse('2026-11-03T08:00:00.000Z');

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

function begin(job: Partial<Job> & Pick<Job, 'schedule'>, takesMs = 0, heartbeat?: Heartbeat) {
  const runs: string[] = [];
  const stop = new AbortController();
  let most = 0;
  let now = 0;
  const finished = runSchedule(
    {
      name: 'alerts',
      lastRunMs: undefined,
      run: async () => {
        runs.push(new Date().toISOString().slice(11, 19));
        most = Math.max(most, ++now);
        if (takesMs > 0) await systemClock.sleep(takesMs);
        now--;
      },
      ...job,
    },
    systemClock,
    stop.signal,
    heartbeat,
  );
  return { runs, most: () => most, stop: () => stop.abort(), finished };
}

describe('every', () => {
  test('runs at once, and then at its pace', async () => {
    const job = begin({ schedule: { everyMs: 30_000 } });
    await vi.advanceTimersByTimeAsync(91_000);
    expect(job.runs).toEqual(['08:00:00', '08:00:30', '08:01:00', '08:01:30']);
    job.stop();
    await job.finished;
  });

  test('begins later where it is told to, and keeps its pace from there', async () => {
    const job = begin({ schedule: { everyMs: 30_000 }, firstAfterMs: 12_000 });
    await vi.advanceTimersByTimeAsync(75_000);
    expect(job.runs).toEqual(['08:00:12', '08:00:42', '08:01:12']);
    job.stop();
    await job.finished;
  });

  test('a job with a pace is due when that says, counted from the beginning of the run before', async () => {
    const waits = [15_000, 7000, 3000, 30_000];
    const pace = { waitMs: () => waits.shift() ?? 30_000 };
    const job = begin({ schedule: { everyMs: 30_000 }, pace }, 2000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(job.runs).toEqual(['08:00:00', '08:00:15', '08:00:22', '08:00:25', '08:00:55']);
    job.stop();
    await vi.advanceTimersByTimeAsync(3000);
    await job.finished;
  });

  test('jobs on one heartbeat keep each its own pace, and the last to end ends it', async () => {
    const heartbeat = createHeartbeat(systemClock);
    const [quick, slow] = [5000, 20_000].map((everyMs) => begin({ schedule: { everyMs } }, 0, heartbeat));
    await vi.advanceTimersByTimeAsync(21_000);
    expect(slow?.runs.length).toBe(2);
    expect(quick?.runs.length).toBe(5);
    quick?.stop();
    await quick?.finished;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(slow?.runs.length).toBe(3);
    expect(quick?.runs.length).toBe(5);
    slow?.stop();
    await slow?.finished;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a run that takes longer than the pace does not overlap itself, and is followed at once by one more', async () => {
    const job = begin({ schedule: { everyMs: 10_000 } }, 25_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(job.most()).toBe(1);
    expect(job.runs).toEqual(['08:00:00', '08:00:25', '08:00:50']);
    job.stop();
    await vi.advanceTimersByTimeAsync(30_000);
    await job.finished;
  });

  test('goes on at its pace when the clock is set back', async () => {
    const job = begin({ schedule: { everyMs: 10_000 } });
    await vi.advanceTimersByTimeAsync(5000);
    vi.setSystemTime(start - 3_600_000);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(job.runs.length).toBeGreaterThanOrEqual(3);
    job.stop();
    await job.finished;
  });
});

describe('cron', () => {
  test.each([
    ['ahead over a time of its expression makes it up at once', 3_600_000, [1, 1]],
    ['ahead to before that time runs at it', 1_500_000, [0, 1]],
    ['back waits for its time again', -1_800_000, [0, 0]],
  ])('a clock that is set %s', async (_name, stepMs, expected) => {
    const job = begin({ schedule: { cron: '30 8 * * *' }, lastRunMs: start });
    await vi.advanceTimersByTimeAsync(30_000);
    vi.setSystemTime(start + 30_000 + stepMs);
    await vi.advanceTimersByTimeAsync(1500);
    const seen = job.runs.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect([seen, job.runs.length]).toEqual(expected);
    job.stop();
    await job.finished;
  });

  test('runs at the times of its expression, in UTC', async () => {
    const job = begin({ schedule: { cron: '*/15 * * * * *' }, lastRunMs: start });
    await vi.advanceTimersByTimeAsync(46_000);
    expect(job.runs).toEqual(['08:00:15', '08:00:30', '08:00:45']);
    job.stop();
    await job.finished;
  });

  test.each([
    ['makes up a time that passed while it was down', '2026-11-03T07:58:00Z', ['08:00:00']],
    ['waits when no time has passed since its last run', '2026-11-03T07:59:30Z', []],
    ['runs after a pause of days', '2026-10-20T00:00:00Z', ['08:00:00']],
  ])('%s', async (_name, lastRun, expected) => {
    const job = begin({ schedule: { cron: '59 * * * *' }, lastRunMs: Date.parse(lastRun) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(job.runs).toEqual(expected);
    job.stop();
    await job.finished;
  });
});

test('stops when told to, after the run in hand', async () => {
  const job = begin({ schedule: { everyMs: 1000 } }, 5000);
  await vi.advanceTimersByTimeAsync(100);
  job.stop();
  let ended = false;
  void job.finished.then(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(1000);
  expect(ended).toBe(false);
  await vi.advanceTimersByTimeAsync(5000);
  expect(ended).toBe(true);
  expect(job.runs).toHaveLength(1);
});
