import { expect, test } from 'vitest';
import { reasonKind } from '../../src/dispatch/reason-kind.ts';

test.each([
  ['ports', 'tcp://10.0.0.1:50312: refused', 'tcp://10.0.0.1:50313: refused'],
  ['ids of requests', 'busy (request 7f3a-91c2)', 'busy (request 81bb-0c4d)'],
  ['counts', 'no acknowledgement for 12 events', 'no acknowledgement for 500 events'],
  ['times', 'later, 2026-11-03T08:00:00Z', 'later, 2026-11-03T08:00:07Z'],
])('reasons that differ in %s only are of one kind', (_what, one, other) => {
  expect(reasonKind(one)).toBe(reasonKind(other));
});

test('reasons of other words are of other kinds', () => {
  expect(reasonKind('the connection was refused')).not.toBe(reasonKind('the connection timed out'));
});
