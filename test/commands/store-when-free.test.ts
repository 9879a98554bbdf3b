import { expect, test, vi } from 'vitest';
import { storeWhenFree } from '../../src/commands/store-when-free.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { storePlace } from '../support/store-place.ts';

const never = new AbortController().signal;

test('a store that a command still has is waited for, which is said once', async () => {
  using place = storePlace();
  const held = openSqliteStore(place.path);
  const clock = new FakeClock();
  const warn = vi.fn();
  const opening = storeWhenFree(place.path, { clock, log: { ...silentLog, warn }, stop: never });
  while (clock.sleeps.length < 3) await new Promise(setImmediate);
  await held[Symbol.asyncDispose]();
  await using store = await opening;
  expect(await store?.bytes()).toBeGreaterThan(0);
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0].reason).toMatch(/process \d+ on .* is using it/);
});

test('a store that is not free in 15 s is refused; a stop ends the wait', async () => {
  using place = storePlace();
  await using _held = openSqliteStore(place.path);
  const clock = new FakeClock();
  const options = { clock, log: silentLog, stop: never };
  await expect(storeWhenFree(place.path, options)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(15_000);
  expect(await storeWhenFree(place.path, { ...options, stop: AbortSignal.abort() })).toBeUndefined();
});
