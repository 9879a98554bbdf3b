import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret, secret } from '../../src/fields/secret.ts';

const value = 'hunter2';

test.each([
  ['a template', (held: Secret) => `${held}`],
  ['String', (held: Secret) => String(held)],
  ['JSON', (held: Secret) => JSON.stringify({ held })],
  ['inspect', (held: Secret) => inspect({ held }, { showHidden: true, depth: 9 })],
  ['Object.entries', (held: Secret) => JSON.stringify(Object.entries(held))],
  ['an error', (held: Secret) => String(new Error(`refused ${held}`))],
])('%s does not show the value', (_name, show) => {
  expect(show(new Secret(value))).not.toContain(value);
});

test('read gives the value, each time anew where it comes from a function', () => {
  let count = 0;
  const counting = new Secret(() => String(++count));
  expect([new Secret(value).read(), counting.read(), counting.read()]).toEqual([value, '1', '2']);
});

test('in the configuration is text, or a Secret already', () => {
  const live = new Secret(value);
  expect(secret.parse(value).read()).toBe(value);
  expect(secret.parse(live)).toBe(live);
});

test.each(['', 5, null, {}, []])('%j in the configuration is refused', (wrong) => {
  expect(secret.safeParse(wrong).success).toBe(false);
});
