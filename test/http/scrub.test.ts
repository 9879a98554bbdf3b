import { expect, test } from 'vitest';
import { scrub } from '../../src/http/scrub.ts';

const secret = 'S3~a/b+c "d"';

test.each([
  ['as it is', secret],
  ['in a form', new URLSearchParams({ '': secret }).toString().slice(1)],
  ['in an address', encodeURIComponent(secret)],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
])('a secret %s is replaced wherever it stands', (_, writing) => {
  expect(scrub(`<${writing}|${writing}>`, ['', secret])).toBe('<[secret]|[secret]>');
});

test.each([
  ['Authorization: Bearer abc.DEF_ghi-jkl~mno+pqr/stu==', 'Authorization: Bearer [secret]'],
  ['authorization=Bearer+0123456789abcdefghij&a=b', 'authorization=Bearer+[secret]&a=b'],
  ['token eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln, and more', 'token [secret], and more'],
  ['cut off: eyJhbGciOiJub25lIn0.eyJhIj', 'cut off: [secret]'],
  ['Bearer realm="", error="invalid_token"', 'Bearer realm="", error="invalid_token"'],
  ['basic authentication is off', 'basic authentication is off'],
])('%j is told as %j', (text, told) => expect(scrub(text, [])).toBe(told));

test('of a flood the beginning is told', () => {
  expect(scrub('bearer '.repeat(2 ** 20), [secret]).length).toBeLessThan(100_000);
});
