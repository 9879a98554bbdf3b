import { expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { cancelled } from '../../src/jobs/failure.ts';
import { createJobRunner } from '../../src/jobs/runner.ts';
import type { Job } from '../../src/jobs/spec.ts';
import type { StoredJob } from '../../src/store/store.ts';
import { until } from '../dispatch/dispatching.ts';
import { HeldClock } from '../support/held-clock.ts';

const never = new AbortController().signal;

const replayOf = (sink: string) =>
  JSON.stringify({
    version: 1,
    sink,
    asked: `--sink ${sink}`,
    deadLetters: false,
    allRoutes: false,
    after: 0,
    through: 9,
  });

/** A runner over jobs in memory; each job is done when the test says so. Looks into the store whenever time passes. */
function setUp(...specs: readonly string[]) {
  let jobs: StoredJob[] = [];
  const add = (spec: string, cursor?: string) => {
    const id = jobs.length + 1;
    const stored: StoredJob = {
      id,
      kind: 'replay',
      spec,
      cursor,
      done: 0,
      createdAtMs: 0,
      endedAtMs: undefined,
      error: undefined,
    };
    jobs = [...jobs, stored];
  };
  for (const spec of specs) add(spec);
  const end = (id: number, error?: string) => {
    jobs = jobs.map((job) => (job.id === id ? { ...job, endedAtMs: 1, error } : job));
  };
  const begun: number[] = [];
  const tasks = new Map<number, { resolve: (done: boolean) => void; reject: (error: unknown) => void }>();
  const logged: string[] = [];
  const line = (level: string) => (facts: object, message: string) => {
    logged.push(`${level} ${message} ${'job' in facts ? String(facts.job) : ''}`.trimEnd());
  };
  let storeFails = false;
  const looks: (() => void)[] = [];
  const clock = new HeldClock();
  // The runner's only sleep is the one between two looks.
  clock.sleep = async (_ms, signal) => {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    looks.push(resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  };
  const runner = createJobRunner({
    store: {
      async jobs() {
        if (storeFails) throw new ConnectorError('STORE_UNUSABLE', 'the disk is full');
        return jobs.toReversed();
      },
      endJob: async (id, _nowMs, error) => end(id, error),
    },
    async perform({ stored }: Job, signal) {
      begun.push(stored.id);
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      tasks.set(stored.id, { resolve, reject });
      signal.addEventListener('abort', () => resolve(false), { once: true });
      return promise;
    },
    clock,
    log: { debug() {}, info: line('info'), warn: line('warn'), error: line('error') },
  });
  const look = async () => {
    await until(() => looks.length > 0);
    looks.shift()?.();
    await until(() => looks.length > 0);
  };
  return {
    runner,
    add,
    end,
    begun,
    clock,
    logged,
    look,
    errorOf: (id: number) => jobs.find((job) => job.id === id)?.error,
    isOver: (id: number) => jobs.find((job) => job.id === id)?.endedAtMs !== undefined,
    succeed: async (id: number) => tasks.get(id)?.resolve(true),
    fail: async (id: number, error: unknown) => tasks.get(id)?.reject(error),
    breakStore: (broken: boolean) => {
      storeFails = broken;
    },
  };
}

test('does the jobs of one sink one after the other, those of others beside them, also what is added meanwhile', async () => {
  const { runner, begun, add, look, succeed, isOver } = setUp(replayOf('a'), replayOf('a'), replayOf('b'));
  const stop = new AbortController();
  const run = runner.run(stop.signal);
  await until(() => begun.length === 2);
  expect(begun).toEqual([1, 3]);
  add(replayOf('c'));
  await look();
  expect(begun).toEqual([1, 3, 4]);
  await succeed(1);
  await until(() => begun.length === 4);
  expect(begun).toEqual([1, 3, 4, 2]);
  expect(isOver(1)).toBe(true);
  stop.abort();
  await run;
  expect([2, 3, 4].map(isOver)).toEqual([false, false, false]);
});

test('stops what another process cancels, and begins the next of its sink', async () => {
  const { runner, begun, end, look, logged, errorOf } = setUp(replayOf('a'), replayOf('a'));
  const stop = new AbortController();
  const run = runner.run(stop.signal);
  await until(() => begun.length === 1);
  end(1, cancelled);
  await look();
  await until(() => begun.length === 2);
  expect(begun).toEqual([1, 2]);
  expect(errorOf(1)).toBe(cancelled);
  expect(logged).toContain('info job cancelled 1');
  stop.abort();
  await run;
});

test('tries again what fails for now, after a wait, and tells the log once; its sink waits with it', async () => {
  const { runner, begun, look, fail, clock, logged, succeed, isOver } = setUp(replayOf('a'), replayOf('a'));
  const stop = new AbortController();
  const run = runner.run(stop.signal);
  const unreachable = new ConnectorError('API_UNREACHABLE', 'no route to host');
  for (let tries = 1; tries <= 3; tries++) {
    await until(() => begun.length === tries);
    await fail(1, unreachable);
    await look();
    expect(begun).toHaveLength(tries);
    clock.nowMs += 600_000;
    await look();
  }
  await until(() => begun.length === 4);
  await succeed(1);
  await until(() => begun.length === 5);
  expect(begun).toEqual([1, 1, 1, 1, 2]);
  expect(isOver(1)).toBe(true);
  expect(logged.filter((text) => text.startsWith('warn'))).toEqual([
    'warn job fails for now: it stays, and goes on where it was 1',
  ]);
  stop.abort();
  await run;
});

test.each<[string, unknown, string]>([
  ['for a sink that is gone', new ConnectorError('CONFIG_INVALID', 'no sink'), 'CONFIG_INVALID: no sink'],
  ['for a bug', new TypeError('undefined is not a function'), 'BUG: undefined is not a function'],
])('ends a job that fails %s, with the reason, and goes on', async (_name, error, kept) => {
  const { runner, begun, fail, errorOf } = setUp(replayOf('a'), replayOf('a'));
  const stop = new AbortController();
  const run = runner.run(stop.signal);
  await until(() => begun.length === 1);
  await fail(1, error);
  await until(() => begun.length === 2);
  expect(errorOf(1)).toBe(kept);
  stop.abort();
  await run;
});

test('ends a job of a later release, which it cannot read', async () => {
  const { runner, errorOf, isOver } = setUp('{"version":2}', 'no JSON');
  expect(await runner.runOut(() => true, never)).toBeUndefined();
  expect([isOver(1), isOver(2)]).toEqual([true, true]);
  expect(errorOf(1)).toMatch(/^STORE_NEWER: a later release/);
});

test('waits for a store that cannot be used, and says so once', async () => {
  const { runner, begun, breakStore, look, logged } = setUp(replayOf('a'));
  breakStore(true);
  const stop = new AbortController();
  const run = runner.run(stop.signal);
  await look();
  await look();
  expect(logged).toEqual(['error replays and backfills wait for the store']);
  breakStore(false);
  await look();
  await until(() => begun.length === 1);
  stop.abort();
  await run;
});

test('runs out of the jobs it is asked to do; what fails for now is left, and told', async () => {
  const { runner, begun, fail, succeed, isOver } = setUp(replayOf('a'), replayOf('b'), replayOf('a'));
  const out = runner.runOut(({ id }) => id !== 3, never);
  await until(() => begun.length === 2);
  const refused = new ConnectorError('PERMISSION_MISSING', 'no consent');
  await fail(1, refused);
  await succeed(2);
  expect(await out).toBe(refused);
  expect([1, 2, 3].map(isOver)).toEqual([false, true, false]);
  expect(begun).toEqual([1, 2]);
});
