import { describe, expect, test } from 'vitest';
import { createTurns } from '../../src/sources/turns.ts';
import { HeldClock } from '../support/held-clock.ts';

const patienceMs = 5000;
const never = new AbortController().signal;
const settled = () => new Promise(setImmediate);

/** A clock on which patience ends when the test says so. */
class Patience extends HeldClock {
  readonly #waiting = new Set<() => void>();

  override async sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#waiting.delete(resolve);
  }

  async runOut(): Promise<void> {
    this.nowMs += patienceMs;
    for (const resolve of this.#waiting) resolve();
    await settled();
  }
}

function bench(places = 4, slowPlaces = 2) {
  const clock = new Patience();
  return { clock, turns: createTurns({ places, slowPlaces, patienceMs, clock }) };
}

/** Work that ends when the test says so. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

describe('turns', () => {
  test('let no more than so many run at a time, first come, first served', async () => {
    const { turns } = bench(2);
    const order: string[] = [];
    let now = 0;
    let most = 0;
    const run = (who: string) =>
      turns.run(
        who,
        async () => {
          most = Math.max(most, ++now);
          order.push(who);
          await settled();
          now--;
        },
        never,
      );
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(run));
    expect(most).toBe(2);
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('hand on what the work came to', async () => {
    const { turns } = bench(1);
    await expect(turns.run('a', async () => 7, never)).resolves.toBe(7);
    await expect(turns.run('a', () => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
    await expect(turns.run('a', async () => 8, never)).resolves.toBe(8);
  });

  test('do not begin what is stopped while it waits, and give its place to nobody', async () => {
    const { turns } = bench(1);
    const first = held();
    const running = turns.run('a', first.work, never);
    const stop = new AbortController();
    const waiting = turns.run('b', () => Promise.reject(new Error('begun')), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    first.end();
    await running;
    await expect(turns.run('c', async () => 'c', never)).resolves.toBe('c');
    await expect(turns.run('d', async () => 'd', AbortSignal.abort(new Error('over')))).rejects.toThrow(
      'over',
    );
  });

  test('take the place of a run that hangs, which goes on and from then on waits among its like', async () => {
    const { clock, turns } = bench(1, 1);
    const hanging = held();
    const hung = turns.run('slow', hanging.work, never);
    let begun = false;
    const other = turns.run(
      'quick',
      async () => {
        begun = true;
      },
      never,
    );
    await settled();
    expect(begun).toBe(false);
    await clock.runOut();
    await other;
    expect(begun).toBe(true);
    hanging.end();
    await hung;

    // It hangs again: in the slow place, while the quick one is free.
    const again = held();
    const hungAgain = turns.run('slow', again.work, never);
    await expect(turns.run('quick', async () => 'at once', never)).resolves.toBe('at once');
    again.end();
    await hungAgain;
    // It was quick this time, and is one of them again.
    const third = held();
    const last = turns.run('slow', third.work, never);
    let waited = true;
    const behind = turns.run(
      'quick',
      async () => {
        waited = false;
      },
      never,
    );
    await settled();
    expect(waited).toBe(true);
    third.end();
    await Promise.all([last, behind]);
  });
});

test('of 300 that want as many turns as they can get, 280 get the same number within two, though 20 of them hang', async () => {
  const { clock, turns } = bench(24, 8);
  const stop = new AbortController();
  const rounds = new Array<number>(300).fill(0);
  const isHanging = (index: number) => index % 15 === 0;
  let widest = 0;
  const runs = rounds.map(async (_, index) => {
    while (!stop.signal.aborted) {
      const work = async () => {
        if (isHanging(index)) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
        else await settled();
        rounds[index] = (rounds[index] ?? 0) + 1;
        const healthy = rounds.filter((_count, other) => !isHanging(other));
        widest = Math.max(widest, Math.max(...healthy) - Math.min(...healthy));
      };
      await turns.run(`source ${index}`, work, stop.signal).catch(() => {});
    }
  });
  const least = () => Math.min(...rounds.filter((_count, index) => !isHanging(index)));
  for (let looks = 0; least() < 5; looks++) {
    await settled();
    // Now and then the patience with those that hang is over.
    if (looks % 20 === 19) await clock.runOut();
  }
  stop.abort();
  await Promise.all(runs);
  expect(widest).toBeLessThanOrEqual(2);
});
