import { expect, test } from 'vitest';
import { createRoomGate } from '../../src/app/room.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

function gateOver(sizes: number[]) {
  const clock = new FakeClock();
  const pruned: number[] = [];
  const logged: string[] = [];
  const log = {
    ...silentLog,
    error: (_: unknown, message: string) => logged.push(message),
    info: (_: unknown, message: string) => logged.push(message),
  };
  const store = {
    bytes: async () => (sizes.length > 1 ? (sizes.shift() ?? 0) : (sizes[0] ?? 0)),
    prune: async (beforeMs: number) => pruned.push(beforeMs),
  };
  const gate = createRoomGate(store, { maxBytes: 100, retentionMs: 1000 }, clock, log);
  return { gate, clock, pruned, logged };
}

test('opens at once while the store has room, and looks at its size every ten seconds', async () => {
  const { gate, clock, pruned } = gateOver([50]);
  await gate(new AbortController().signal);
  expect(clock.sleeps).toEqual([]);
  expect(pruned).toEqual([]);
});

test('makes room first by what is delivered and only kept for replay', async () => {
  const { gate, clock, pruned } = gateOver([120, 80]);
  await gate(new AbortController().signal);
  expect(pruned).toEqual([clock.now()]);
  expect(clock.sleeps).toEqual([]);
});

test('holds collection while the store is full, says so once, and goes on by itself', async () => {
  const { gate, clock, logged } = gateOver([120, 120, 120, 120, 90]);
  await gate(new AbortController().signal);
  expect(clock.sleeps).toHaveLength(2);
  expect(logged).toEqual([expect.stringContaining('pauses'), expect.stringContaining('goes on')]);
});

test('lets go when the program stops', async () => {
  const { gate } = gateOver([120]);
  await expect(gate(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});
