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

/** A clock on which the next sleep ends as soon as nothing else is left to do. */
class SwiftClock extends HeldClock {
  readonly #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { atMs: this.nowMs + ms, wake: resolve };
    const later = this.#sleepers.findIndex(({ atMs }) => atMs > sleeper.atMs);
    this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
      resolve();
    });
    await promise;
  }

  async pass(): Promise<void> {
    await settled();
    const next = this.#sleepers.shift();
    if (next === undefined) return;
    this.nowMs = next.atMs;
    next.wake();
  }
}

test('begin only when there is room; who waits for it keeps its place, and is not slow', async () => {
  const clock = new Patience();
  const room = Promise.withResolvers<void>();
  const turns = createTurns({ places: 2, slowPlaces: 1, patienceMs, ready: () => room.promise, clock });
  const begun: string[] = [];
  const runs = ['a', 'b', 'c'].map((who) => turns.run(who, async () => void begun.push(who), never));
  await settled();
  await clock.runOut();
  expect(begun).toEqual([]);
  room.resolve();
  await Promise.all(runs);
  expect(begun).toEqual(['a', 'b', 'c']);
  const failing = createTurns({
    places: 1,
    slowPlaces: 1,
    patienceMs,
    ready: () => Promise.reject(new Error('no store')),
    clock,
  });
  await expect(failing.run('a', async () => {}, never)).rejects.toThrow('no store');
  await expect(failing.run('a', async () => {}, never)).rejects.toThrow('no store');
});

test('of 300 that want as many turns as they can get, 280 get the same number within one, though 20 of them hang', async () => {
  const clock = new SwiftClock();
  const turns = createTurns({ places: 24, slowPlaces: 8, patienceMs, clock });
  const stop = new AbortController();
  const isHanging = (index: number) => index % 15 === 0;
  const rounds = new Array<number>(300).fill(0);
  const healthy = () => rounds.filter((_, index) => !isHanging(index));
  let widest = 0;
  const runs = rounds.map(async (_, index) => {
    while (!stop.signal.aborted) {
      const work = async () => {
        await clock.sleep(isHanging(index) ? 8_000 : 200, stop.signal);
        rounds[index] = (rounds[index] ?? 0) + 1;
        widest = Math.max(widest, Math.max(...healthy()) - Math.min(...healthy()));
      };
      await turns.run(`source ${index}`, work, stop.signal).catch(() => {});
    }
  });
  while (Math.min(...healthy()) < 8) await clock.pass();
  const hung = rounds.filter((_, index) => isHanging(index));
  stop.abort();
  await Promise.all(runs);
  expect(widest).toBe(1);
  // They are not left out either.
  expect(Math.min(...hung)).toBeGreaterThan(0);
});
