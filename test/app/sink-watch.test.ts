import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createSinkWatch } from '../../src/app/sink-watch.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { DeadLetter } from '../../src/store/store.ts';
import { HeldClock } from '../support/held-clock.ts';

function aWatch(letters: readonly DeadLetter[] = []) {
  const told: string[] = [];
  const clock = new HeldClock();
  const kept = { letters };
  const store = { deadLetters: async () => kept.letters };
  const blindSpots = {
    open: (spot: string, { sink }: { sink?: string }, words: string) =>
      void told.push(`${spot} ${sink}: ${words}`),
    close: (spot: string, { sink }: { sink?: string }) => void told.push(`${spot} ${sink} is over`),
  };
  const watch = createSinkWatch('siem', { store, clock, log: silentLog, blindSpots });
  return { watch, told, clock, kept };
}

const letter = { sink: 'siem', reason: 'no', atMs: 0 } as DeadLetter;

test('a sink that fails is a blind spot after five minutes, until it takes events', () => {
  const { watch, told } = aWatch();
  watch.took();
  told.length = 0;
  watch.failing(299_999, 'refused');
  expect(told).toEqual([]);
  watch.failing(300_000, 'refused');
  expect(told).toEqual(['sink-failing siem: sink siem has taken no events for 5m: refused']);
  watch.took();
  expect(told.at(-1)).toBe('sink-failing siem is over');
  watch.took();
  expect(told).toHaveLength(2);
});

test('what an earlier process told is taken back when it no longer holds', async () => {
  const { watch, told } = aWatch();
  watch.took();
  await turn();
  expect(told).toEqual(['sink-failing siem is over', 'dead-letters siem is over']);
});

test('dead letters are a blind spot while there are any', async () => {
  const { watch, told, clock, kept } = aWatch([letter]);
  watch.refused();
  expect(told).toEqual([
    expect.stringMatching(/^dead-letters siem: .*`defender-siem replay --dead-letters --sink siem`/),
  ]);
  clock.nowMs += 60_000;
  watch.took();
  await turn();
  expect(told.filter((line) => line === 'dead-letters siem is over')).toEqual([]);
  kept.letters = [];
  clock.nowMs += 60_000;
  watch.took();
  await turn();
  expect(told.at(-1)).toBe('dead-letters siem is over');
});

test('a look that began before a refusal does not take it back', async () => {
  const { watch, told, clock } = aWatch();
  watch.took();
  clock.nowMs += 1;
  watch.refused();
  await turn();
  expect(told.at(-1)).toMatch(/^dead-letters siem: /);
});
