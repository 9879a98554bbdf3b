import { expect, test } from 'vitest';
import { throttledFor } from '../../src/http/throttle.ts';
import { FakeClock } from '../support/fake-clock.ts';

const alerts = 'https://api.security.microsoft.com/api/alerts';
const hunting = 'https://graph.microsoft.com/v1.0/security/runHuntingQuery';
const quota = (span: string) =>
  JSON.stringify({
    error: { code: '429', message: `API calls quota exceeded! maximum allowed 45 per ${span}` },
  });

test.each([
  ['its Retry-After in seconds', '12', '{}', alerts, '08:07:42.500'],
  ['its Retry-After as a date', 'Tue, 03 Nov 2026 08:08:00 GMT', '{}', alerts, '08:08:00.000'],
  ['at least a second', '0', '{}', alerts, '08:07:31.500'],
  ['the next minute for a quota by the minute', undefined, quota('00:01:00'), alerts, '08:08:00.000'],
  ['the next hour for a quota by the hour', undefined, quota('01:00:00'), alerts, '09:00:00.000'],
  ['its Retry-After before the quota in the body', '3', quota('01:00:00'), alerts, '08:07:33.500'],
  ['the quota of hunting calls', undefined, quota('00:01:00'), hunting, '08:08:00.000'],
  ['the next quarter of an hour for hunting', undefined, '{}', hunting, '08:15:00.000'],
  ['a back-off when nothing says more', 'soon', '<html>', alerts, '08:07:53.000'],
])('a 429 is waited out for %s', (_case, retryAfter, body, url, until) => {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  const clock = new FakeClock(Date.parse('2026-11-03T08:07:30.500Z'));
  const waitMs = throttledFor({ status: 429, headers, body }, url, 1, clock);
  expect(new Date(clock.now() + waitMs).toISOString()).toBe(`2026-11-03T${until}Z`);
});

test('the back-off grows with each 429, from 15 s to at most 5 min', () => {
  const clock = new FakeClock();
  const waits = (chance: number) =>
    [1, 2, 3, 4, 5, 9].map((attempt) => {
      clock.chance = chance;
      return throttledFor({ status: 429, headers: {}, body: '' }, alerts, attempt, clock) / 1000;
    });
  expect(waits(0)).toEqual([15, 15, 15, 15, 15, 15]);
  expect(waits(1)).toEqual([30, 60, 120, 240, 300, 300]);
});

test.each([
  ['a Retry-After as a date', { 'retry-after': 'Tue, 03 Nov 2026 08:00:30 GMT' }, '{}', 30_000],
  ['the end of a quota by the minute', {}, quota('00:01:00'), 60_000],
])('%s is measured by the clock of the API, not by one that is hours off', (_case, headers, body, waitMs) => {
  for (const offMs of [-7_200_000, 7_225_000]) {
    const clock = new FakeClock(Date.parse('2026-11-03T08:00:00Z') + offMs);
    const dated = { ...headers, date: 'Tue, 03 Nov 2026 08:00:00 GMT' };
    expect(throttledFor({ status: 429, headers: dated, body }, alerts, 1, clock)).toBe(waitMs);
  }
});
