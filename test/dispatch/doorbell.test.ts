import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createDoorbell } from '../../src/dispatch/doorbell.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HeldClock } from '../support/held-clock.ts';

const never = new AbortController().signal;

test('a ring ends the wait that is under way', async () => {
  const bell = createDoorbell(new HeldClock());
  const waiting = bell.wait(1000, never);
  bell.ring();
  expect(await waiting).toBe(true);
});

test('a ring before the wait ends it at once, and only the one', async () => {
  const clock = new FakeClock();
  const bell = createDoorbell(clock);
  bell.ring();
  bell.ring();
  expect(await bell.wait(1000, never)).toBe(true);
  expect(clock.sleeps).toEqual([]);
  expect(await bell.wait(1000, never)).toBe(false);
  expect(clock.sleeps).toEqual([1000]);
});

test('a stop ends the wait, and waits leave nothing behind on the signal', async () => {
  const stop = new AbortController();
  const bell = createDoorbell(new HeldClock());
  const waiting = bell.wait(1000, stop.signal);
  bell.ring();
  await waiting;
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  const second = bell.wait(1000, stop.signal);
  stop.abort();
  expect(await second).toBe(false);
  expect(await bell.wait(1000, stop.signal)).toBe(false);
});
