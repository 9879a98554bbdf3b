import { describe, expect, test } from 'vitest';
import { standingOf } from '../../src/app/standing.ts';
import { instantOf } from '../../src/fields/instant.ts';

const nowMs = Date.parse('2026-11-03T08:00:00Z');
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const progress = (readAgoMs: number, successAgoMs = readAgoMs, movedAgoMs = successAgoMs) => ({
  watermark: instantOf(nowMs - readAgoMs),
  movedAtMs: nowMs - movedAgoMs,
  lastSuccessMs: nowMs - successAgoMs,
});

describe('a source with a pace', () => {
  const pace = { everyMs: 30_000 };
  test.each([
    ['on-time', progress(16 * minuteMs)],
    ['stalled', progress(17 * minuteMs)],
    ['catching-up', progress(30 * hourMs, 30 * hourMs, minuteMs)],
    ['ahead', progress(-2 * minuteMs)],
    ['unread', undefined],
  ])('is %s', (standing, known) => expect(standingOf(pace, known, nowMs)).toBe(standing));
});

describe('a source with a cron expression', () => {
  test.each([
    ['on-time between two of its times', '0 6 * * *', progress(2 * hourMs + 5000, 2 * hourMs), 'on-time'],
    ['on-time just after one of its times', '0 7 * * *', progress(25 * hourMs), 'stalled'],
    ['on-time while a run may be under way', '50 7 * * *', progress(24 * hourMs), 'on-time'],
    ['stalled when its last time has passed without a run', '0 6 * * *', progress(26 * hourMs), 'stalled'],
    ['stalled when it runs every minute', '* * * * *', progress(20 * minuteMs), 'stalled'],
    ['on-time though the API is behind this clock', '0 * * * *', progress(5 * minuteMs, 1000), 'on-time'],
    ['on-time over a week', '0 3 * * 1', progress(29 * hourMs), 'on-time'],
    [
      'catching up while its watermark moves',
      '0 6 * * *',
      progress(50 * hourMs, 74 * hourMs, minuteMs),
      'catching-up',
    ],
  ])('is %s', (_name, cron, known, standing) => expect(standingOf({ cron }, known, nowMs)).toBe(standing));
});
