import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Budget, limitsOf } from '../../src/http/limits.ts';
import { createQuota, type Priority, type Quota } from '../../src/http/quota.ts';
import { createQuotas } from '../../src/http/quotas.ts';
import type { Clock } from '../../src/runtime/clock.ts';

/** The clock of the fake timers: setting their time moves `now` alone. */
const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => 0.5,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};
const signal = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-03T08:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Calls that take no time; returns when each started, ms since 1970. */
function callMany(quota: Quota, count: number, priority: Priority, starts: number[]): void {
  for (let i = 0; i < count; i++) {
    void quota.run(
      async () => {
        starts.push(Date.now());
      },
      { priority, signal },
    );
  }
}

function mostInAnyWindow(starts: readonly number[], spanMs: number): number {
  return Math.max(
    0,
    ...starts.map((at) => starts.filter((other) => other >= at && other < at + spanMs).length),
  );
}

test.each<[string, number]>([
  ['back', -86_400_000],
  ['ahead', 86_400_000],
])('a clock that is set %s by a day makes no pause longer', async (_name, stepMs) => {
  const quota = createQuota({ perMinute: 5, concurrency: 2 }, clock);
  const starts: number[] = [];
  quota.pauseFor(30_000);
  vi.setSystemTime(Date.now() + stepMs);
  callMany(quota, 5, 'live', starts);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(starts).toHaveLength(5);
});

describe('shares of the budget', () => {
  test('are as far apart as half of it bears, however many there are', () => {
    const quota = createQuota({ perMinute: 90, perHour: 1350, concurrency: 4 }, clock);
    const share = quota.join();
    expect(share.busyMs()).toBeCloseTo((2 * 3_600_000) / 1350);
    quota.join();
    expect(share.busyMs()).toBeCloseTo((4 * 3_600_000) / 1350);
  });

  test('wait, once half of it is used, so long that the rest lasts', async () => {
    const quota = createQuota({ perMinute: 100, perHour: 103, concurrency: 3 }, clock);
    const share = quota.join();
    const starts: number[] = [];
    callMany(quota, 49, 'live', starts);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(share.lastingMs()).toBe(0);
    for (let call = 0; call < 200; call++) {
      callMany(quota, 1, 'live', starts);
      await vi.advanceTimersByTimeAsync(Math.max(2000, share.lastingMs()));
      // Each call is made at once: the gate never closes.
      expect(starts).toHaveLength(50 + call);
    }
  });
});

describe('the budget', () => {
  test('never starts more calls in any sliding minute than allowed, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            afterMs: fc.integer({ min: 0, max: 45_000 }),
            count: fc.integer({ min: 1, max: 20 }),
            priority: fc.constantFrom<Priority>('live', 'backlog'),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        async (bursts) => {
          const quota = createQuota({ perMinute: 10, concurrency: 3 }, clock);
          const starts: number[] = [];
          for (const { afterMs, count, priority } of bursts) {
            await vi.advanceTimersByTimeAsync(afterMs);
            callMany(quota, count, priority, starts);
          }
          const total = bursts.reduce((sum, { count }) => sum + count, 0);
          await vi.advanceTimersByTimeAsync((total / 8 + 2) * 60_000);
          expect(starts).toHaveLength(total);
          expect(mostInAnyWindow(starts, 60_000)).toBeLessThanOrEqual(10);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('never starts more calls in any sliding hour than allowed, even when a pause has held calls back', async () => {
    const quota = createQuota({ perMinute: 20, perHour: 50, concurrency: 3 }, clock);
    const starts: number[] = [];
    callMany(quota, 200, 'live', starts);
    await vi.advanceTimersByTimeAsync(30_000);
    quota.pauseFor(50 * 60_000);
    await vi.advanceTimersByTimeAsync(6 * 3_600_000);
    expect(starts).toHaveLength(200);
    expect(mostInAnyWindow(starts, 3_600_000)).toBeLessThanOrEqual(50);
    expect(mostInAnyWindow(starts, 60_000)).toBeLessThanOrEqual(20);
  });

  test('runs no more calls at once than allowed', async () => {
    const quota = createQuota({ perMinute: 100, concurrency: 3 }, clock);
    let running = 0;
    let most = 0;
    const calls = Array.from({ length: 12 }, () =>
      quota.run(
        async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 100));
          running--;
        },
        { priority: 'live', signal },
      ),
    );
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all(calls);
    expect(most).toBe(3);
  });

  test('hands on what a call returns and what it throws', async () => {
    const quota = createQuota({ perMinute: 10, concurrency: 1 }, clock);
    await expect(quota.run(async () => 7, { priority: 'backlog', signal })).resolves.toBe(7);
    const failing = quota.run(() => Promise.reject(new Error('lost')), { priority: 'live', signal });
    await expect(failing).rejects.toThrow('lost');
  });
});

describe('live and backlog', () => {
  test('live goes before the backlog that waits longer', async () => {
    const quota = createQuota({ perMinute: 1, concurrency: 2 }, clock);
    const order: string[] = [];
    const call = (name: string, priority: Priority) =>
      void quota.run(async () => void order.push(name), { priority, signal });
    call('first', 'live');
    await vi.advanceTimersByTimeAsync(0);
    for (const name of ['b1', 'b2', 'b3']) call(name, 'backlog');
    await vi.advanceTimersByTimeAsync(1000);
    call('live', 'live');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(order).toEqual(['first', 'live', 'b1', 'b2', 'b3']);
  });

  test('a backlog without end leaves a fifth of the minute and of the hour: live starts at once', async () => {
    const quota = createQuota({ perMinute: 20, perHour: 100, concurrency: 4 }, clock);
    const backlog: number[] = [];
    callMany(quota, 1000, 'backlog', backlog);
    for (let minute = 0; minute < 59; minute++) {
      await vi.advanceTimersByTimeAsync(60_000);
      if (minute % 4 !== 0) continue;
      const live: number[] = [];
      callMany(quota, 1, 'live', live);
      await vi.advanceTimersByTimeAsync(0);
      expect(live).toHaveLength(1);
    }
    expect(backlog.length).toBeLessThanOrEqual(80);
    expect(backlog.length).toBeGreaterThan(70);
  });
});

describe('a pause', () => {
  test('holds back all callers until its end, and is never shortened', async () => {
    const quota = createQuota({ perMinute: 100, concurrency: 4 }, clock);
    const startedAt = Date.now();
    quota.pauseFor(30_000);
    quota.pauseFor(10_000);
    const starts: number[] = [];
    callMany(quota, 2, 'live', starts);
    callMany(quota, 1, 'backlog', starts);
    await vi.advanceTimersByTimeAsync(20_000);
    quota.pauseFor(20_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts.map((at) => at - startedAt)).toEqual([40_000, 40_000, 40_000]);
  });

  test('that has passed while nobody called holds back nobody', async () => {
    const quota = createQuota({ perMinute: 100, concurrency: 4 }, clock);
    quota.pauseFor(30_000);
    await vi.advanceTimersByTimeAsync(31_000);
    const starts: number[] = [];
    callMany(quota, 1, 'live', starts);
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(1);
  });

  test('leaves no timer behind when the last call that waited was aborted', async () => {
    const quota = createQuota({ perMinute: 100, concurrency: 4 }, clock);
    quota.pauseFor(3_600_000);
    const stop = new AbortController();
    const call = quota.run(async () => 'made', { priority: 'backlog', signal: stop.signal });
    const refused = expect(call).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(1000);
    stop.abort(new Error('stopping'));
    await refused;
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a call that is aborted before it began is not made', async () => {
    const quota = createQuota({ perMinute: 100, concurrency: 4 }, clock);
    const call = quota.run(() => Promise.reject(new Error('made')), {
      priority: 'live',
      signal: AbortSignal.abort(new Error('stopped')),
    });
    await expect(call).rejects.toThrow('stopped');
  });
});

describe('the registry', () => {
  const owner = { tenantId: 'AAAA0000-0000-0000-0000-000000000000', clientId: 'b' };

  test('gives one budget to all who call the same API as the same application', () => {
    const quotas = createQuotas(clock);
    const same = { tenantId: owner.tenantId.toLowerCase(), clientId: 'B' };
    expect(quotas.quotaFor(owner, 'graph')).toBe(quotas.quotaFor(same, 'graph'));
  });

  test.each([
    ['another API', owner, 'defender' as const],
    ['another application', { ...owner, clientId: 'c' }, 'graph' as const],
    ['another tenant', { ...owner, tenantId: 'd' }, 'graph' as const],
  ])('gives %s its own', (_case, other, budget) => {
    const quotas = createQuotas(clock);
    expect(quotas.quotaFor(other, budget)).not.toBe(quotas.quotaFor(owner, 'graph'));
  });
});

test.each<[Budget, number, number | undefined]>([
  ['graph', 150, undefined],
  ['graph-hunting', 45, undefined],
  ['defender', 100, 1500],
  ['defender-hunting', 45, 1500],
  ['xdr', 50, 1500],
  ['xdr-hunting', 45, 1500],
])('the budget %s stays under the published limit with room to spare', (budget, perMinute, perHour) => {
  const limits = limitsOf(budget);
  expect(limits.perMinute).toBeLessThan(perMinute);
  expect(limits.perMinute).toBeGreaterThan(perMinute * 0.8);
  if (perHour !== undefined) expect(limits.perHour).toBeLessThan(perHour);
});
