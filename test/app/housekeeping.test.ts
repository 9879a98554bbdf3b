import { expect, test } from 'vitest';
import { keepHouse } from '../../src/app/housekeeping.ts';
import { ConnectorError } from '../../src/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Keeps house until the outcomes of pruning are used up. */
async function keep(outcomes: (number | Error)[]) {
  const stop = new AbortController();
  const pruned: number[] = [];
  const logged: string[] = [];
  const tell = (_: unknown, message: string) => void logged.push(message);
  let looks = 0;
  const house = keepHouse(
    {
      store: {
        async prune(beforeMs) {
          pruned.push(beforeMs);
          const outcome = outcomes.shift() ?? 0;
          if (outcomes.length === 0) stop.abort();
          if (outcome instanceof Error) throw outcome;
          return outcome;
        },
      },
      retentionMs: 1000,
      trustedTime: async () => 5000,
      room: {
        look: async () => {
          looks++;
        },
      },
      clock: new FakeClock(),
      log: { ...silentLog, info: tell, error: tell },
    },
    stop.signal,
  );
  const failure = await house.catch((error: unknown) => error);
  return { pruned, logged, looks, failure };
}

test('prunes by the trusted time, and looks at the size after it', async () => {
  expect(await keep([3, 0])).toEqual({ pruned: [4000, 4000], logged: [], looks: 2, failure: undefined });
});

test('says once that pruning fails, and once that it works again', async () => {
  const full = new ConnectorError('STORE_UNUSABLE', 'store state.db: the disk is full');
  const { logged, failure } = await keep([full, full, full, 1, 1]);
  expect(logged).toEqual(['the store cannot be pruned', 'the store can be pruned again']);
  expect(failure).toBeUndefined();
});

test('damage does not pass', async () => {
  const damaged = new ConnectorError('STORE_DAMAGED', 'store state.db is damaged');
  expect((await keep([damaged, 1])).failure).toBe(damaged);
});
