import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/http/retry-after.ts';

const nowMs = Date.UTC(2026, 0, 15, 12, 0, 0);

test.each([
  ['seconds', '12', 12_000],
  ['zero seconds', '0', 0],
  ['a fraction of a second is rounded up to whole ms', '0.0005', 1],
  ['blanks around', ' 7 ', 7000],
  ['more than a day is a day', '99999999', 86_400_000],
  ['an HTTP date', 'Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
  ['the obsolete RFC 850 form of a date', 'Thursday, 15-Jan-26 12:00:30 GMT', 30_000],
  ['the asctime form of a date is read as UTC', 'Thu Jan 15 12:00:30 2026', 30_000],
  ['a date that has passed', 'Thu, 15 Jan 2026 11:59:00 GMT', 0],
  ['a date beyond tomorrow is a day', 'Sat, 15 Jan 2028 12:00:00 GMT', 86_400_000],
  ['nothing', undefined, undefined],
  ['empty', '', undefined],
  ['a negative number', '-5', undefined],
  ['text', 'soon', undefined],
  ['a weekday and nonsense', 'Monday or so', undefined],
  ['infinity', 'Infinity', undefined],
])('Retry-After: %s', (_case, header, ms) => expect(parseRetryAfter(header, nowMs)).toBe(ms));
