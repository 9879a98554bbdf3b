import { expect, test } from 'vitest';
import { Cookies } from '../../../connectors/splunk/cookies.ts';

test.each([
  ['one', 'LB=a; Path=/; HttpOnly', 'LB=a'],
  [
    'several, with commas in their dates',
    'LB=a; Expires=Tue, 03 Nov 2026 08:00:00 GMT, node=b=c',
    'LB=a; node=b=c',
  ],
  ['a later value of the same name', 'LB=a, LB=b', 'LB=b'],
  ['one that is gone', 'LB=a, node=b, LB=; Max-Age=0', 'node=b'],
  ['none that is one', '; Path=/', undefined],
])('%s', (_case, header, sent) => {
  const cookies = new Cookies();
  cookies.take(header);
  expect(cookies.headers().Cookie).toBe(sent);
});

test('are bounded, and cleared', () => {
  const cookies = new Cookies();
  cookies.take(undefined);
  cookies.take(`big=${'x'.repeat(5_000)}`);
  expect(cookies.headers()).toEqual({});
  for (let n = 0; n < 50; n++) cookies.take(`c${n}=1`);
  expect(cookies.headers().Cookie?.split('; ')).toHaveLength(20);
  cookies.clear();
  expect(cookies.headers()).toEqual({});
});
