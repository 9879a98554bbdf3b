import { expect, test } from 'vitest';
import { nextDue } from '../../src/sources/due.ts';

const at = (text: string) => Date.parse(text);

test('a pace falls due one pace later', () => {
  expect(nextDue({ everyMs: 30_000 }, 1000)).toBe(31_000);
});

test.each([
  ['*/15 * * * * *', '2026-11-03T08:00:15Z', '2026-11-03T08:00:30Z'],
  ['*/2 * * * *', '2026-11-03T08:00:00Z', '2026-11-03T08:02:00Z'],
  ['0 2 * * *', '2026-11-03T01:59:59.999Z', '2026-11-03T02:00:00Z'],
  ['0 2 * * *', '2026-11-03T02:00:00Z', '2026-11-04T02:00:00Z'],
  ['30 6 * * 1', '2026-11-03T08:00:00Z', '2026-11-09T06:30:00Z'],
  ['0 0 1 1 *', '2026-11-03T08:00:00Z', '2027-01-01T00:00:00Z'],
  ['0 12 29 2 *', '2026-11-03T08:00:00Z', '2028-02-29T12:00:00Z'],
])('%s after %s is due at %s', (cron, after, due) => {
  expect(new Date(nextDue({ cron }, at(after))).toISOString()).toBe(new Date(at(due)).toISOString());
});
