import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { page, record, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';
import { acceptAll, answer, deferred, accepted as done, fail, rejected, setUp } from './dispatching.ts';

const never = new AbortController().signal;

test('a dispatcher empties a real store, over prunings and a restart, and leaves dead letters in it', async () => {
  using place = storePlace();
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => `id-${from + i}`);
  const delivered: string[] = [];
  const count = async (batch: readonly string[]) => {
    delivered.push(...batch);
    return acceptAll(batch, never);
  };
  for (let round = 0; round < 3; round++) {
    await using store = openSqliteStore(place.path);
    await store.registerSinks(['siem'], startMs);
    const fresh = ids(round * 2000, 2000);
    await store.accept(page(fresh.map((id) => record(id))));
    const head = answer(done, rejected, ...Array(498).fill(deferred));
    const replies = [fail('connection lost'), head, ...Array(9).fill(count)];
    const batch = { maxEvents: 500, maxBytes: 1e6, lingerMs: 0 };
    const { dispatcher, sent } = setUp(replies, { store, batch });
    expect(await dispatcher.runUntilEmpty(never)).toBe(true);
    expect(sent.map((batch) => batch.length)).toEqual([500, 500, 498, 500, 500, 500]);
    expect(delivered).toEqual(fresh.slice(2));
    delivered.length = 0;
    expect(await store.prune(startMs + 1, startMs)).toBe(2000);
    expect((await store.progress()).sinks).toMatchObject([{ backlog: 0, deadLetters: round + 1 }]);
  }
});
