import { describe, expect, test } from 'vitest';
import { auditDelays, startDelays } from '../../src/app/crowd.ts';

const paces = (count: number, everyMs: number) => new Array(count).fill({ everyMs });

describe('the start of many sources', () => {
  test('is at once for a few', () => {
    expect(startDelays(paces(16, 30_000), { random: () => 0.9 })).toEqual(new Array(16).fill(0));
  });

  test('is spread over their pace, each at a moment of its own part', () => {
    const delays = startDelays(paces(316, 30_000), { random: () => 0.5 });
    const later = delays.slice(16);
    expect(delays.slice(0, 16).every((delay) => delay === 0)).toBe(true);
    expect(later.map((delay, index) => Math.abs(delay - (index + 0.5) * 100) <= 1)).not.toContain(false);
  });

  test('takes no longer than a minute, whatever the pace or for a schedule', () => {
    const random = () => 0.999;
    const slow = startDelays([...paces(100, 3_600_000), { cron: '0 * * * *' }], { random });
    expect(Math.max(...slow)).toBeLessThanOrEqual(60_000);
    expect(Math.max(...slow)).toBeGreaterThan(55_000);
  });
});

test('audits of many are spread over the time between two', () => {
  expect(auditDelays(10, 3_600_000)).toEqual(new Array(10).fill(0));
  const delays = auditDelays(360, 3_600_000);
  expect(delays[359]).toBe(3_590_000);
  expect(delays[18]).toBe(180_000);
});
