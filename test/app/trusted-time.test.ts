import { expect, test } from 'vitest';
import { createTrustedTime } from '../../src/app/trusted-time.ts';
import { instantOf } from '../../src/fields/instant.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Store } from '../../src/store/store.ts';

const nowMs = Date.parse('2026-11-03T08:00:00Z');
const yearMs = 365 * 86_400_000;

function setting() {
  const state = { nowMs, elapsedMs: 0, watermarkMs: undefined as number | undefined };
  const store = {
    progress: async () => ({
      sources: [{ watermark: undefined }, { watermark: state.watermarkMs && instantOf(state.watermarkMs) }],
      sinks: [],
    }),
  } as unknown as Pick<Store, 'progress'>;
  const clock: Clock = {
    now: () => state.nowMs,
    elapsed: () => state.elapsedMs,
    random: () => 0,
    sleep: async () => {},
  };
  return { state, time: createTrustedTime(store, clock) };
}

test('before the first watermark nothing is old', async () => {
  const { time } = setting();
  expect(await time()).toBe(0);
});

test('a clock that jumps ahead is believed no further than the watermark and the time since', async () => {
  const { state, time } = setting();
  state.watermarkMs = nowMs - 5000;
  expect(await time()).toBe(nowMs - 5000);
  state.nowMs += yearMs;
  state.elapsedMs += 60_000;
  expect(await time()).toBe(nowMs + 55_000);
  state.watermarkMs = nowMs + 58_000;
  expect(await time()).toBe(nowMs + 58_000);
});

test('a clock that is set back deletes nothing', async () => {
  const { state, time } = setting();
  state.watermarkMs = nowMs;
  state.nowMs = 0;
  expect(await time()).toBe(0);
});
