import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/command-line.ts';
import type { Io } from '../../src/commands/command.ts';
import { giveJobs, type JobRequest } from '../../src/commands/give-jobs.ts';
import { loadConfig } from '../../src/config/load.ts';
import { recordOf } from '../../src/normalise/index.ts';
import { parts } from '../../src/parts.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { graphSource, stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';

async function run(args: readonly string[], stop = new AbortController().signal) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    readInput: async () => '',
    async *inputChunks() {},
    env: {},
    terminal: false,
    stop,
    hurry: new AbortController().signal,
    endAfterStop: () => {},
    onReload: () => {},
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString();

/** A configuration with a simulator of 60 alerts and a file as its sink. */
async function setUp() {
  const folder = testFolder();
  const file = join(folder, 'out.ndjson');
  const config = writeConfig(folder, await stillSimulator(), {
    sources: [graphSource, { ...graphSource, name: 'others' }],
    sinks: [{ name: 'out', type: 'file', path: file, format: 'json' }],
    rest: { log: { level: 'silent' } },
  });
  const lines = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('"connector'))
      .map((line) => recordOf('graph-alert', line))
      .map(({ id, version }) => `${id} ${version}`);
  const job = (...args: readonly string[]) => run([...args, '--config', config]);
  return { folder, config, lines, job };
}

describe('the commands of replays and backfills', () => {
  test('refuse arguments that cannot be meant, with exit code 2', async () => {
    const { job } = await setUp();
    const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
      [['replay', '--since', '1h'], '--sink NAME: say which sink'],
      [['replay', '--sink', 'out'], '--since T: say from when'],
      [['replay', '--sink', 'uot', '--since', '1h'], "did you mean 'out'?"],
      [['replay', '--sink', 'out', '--source', 'alerst', '--since', '1h'], "did you mean 'alerts'?"],
      [['replay', '--sink', 'out', '--since', 'yesterday'], '--since yesterday: write a time such as'],
      [['replay', '--sink', 'out', '--since', daysAgo(-1)], 'lies in the future'],
      [['replay', '--sink', 'out', '--since', '1h', '--until', '2h'], 'must be later than --since'],
      [['backfill', '--since', '2h', '--until', '1h'], '--source NAME: say which source'],
      [['backfill', '--source', 'alerts', '--since', '2h'], 'say both ends of the span'],
      [['backfill', '--source', 'alerts', '--since', '181d', '--until', '1d'], 'keeps alerts for 180d'],
      [['backfill', '--source', 'alerts', '--since', '1d', '--until', daysAgo(-1)], 'lies in the future'],
      [['backfill', '--source', 'alerts', '--since', '1h', '--until', '1h'], 'must be later than --since'],
    ];
    for (const [args, message] of refusals) {
      const { code, err } = await job(...args);
      expect({ args, code, told: err.includes(message) ? message : err }).toEqual({
        args,
        code: 2,
        told: message,
      });
    }
  });

  test('fill a hole, send it again, and leave the live watermark where it was', async () => {
    const { folder, lines, job } = await setUp();
    const filled = await job('backfill', '--source', 'alerts', '--since', '7h', '--until', '3h');
    expect(filled).toMatchObject({ code: 0, err: '' });
    const counts =
      /^job 1: backfill --source alerts --since 7h --until 3h: done, read (\d+), accepted \1, repeated 0$/;
    expect(filled.out).toMatch(counts);
    const count = Number(counts.exec(filled.out)?.[1]);
    expect(count).toBeGreaterThan(10);
    const delivered = lines();
    expect(delivered).toHaveLength(count);
    {
      await using store = openSqliteStore(join(folder, 'state.db'));
      expect(await store.watermark('alerts')).toBeUndefined();
    }

    const again = await job('replay', '--sink', 'out', '--since', '1h');
    expect(again.out).toBe(`job 2: replay --sink out --since 1h: done, sent ${count}, refused 0`);
    expect(lines()).toEqual([...delivered, ...delivered]);
    const other = await job('replay', '--sink', 'out', '--since', '1h', '--source', 'others');
    expect(other.out).toContain('sent 0, refused 0');
    const repeated = await job('backfill', '--source', 'alerts', '--since', '7h', '--until', '3h', '--json');
    expect(JSON.parse(repeated.out)).toMatchObject([
      { id: 4, state: 'done', done: 0, progress: `read ${count}, accepted 0, repeated ${count}` },
    ]);
  });

  test('keep a job that nobody waits for; the same command goes on with it, and it can be cancelled', async () => {
    const { job, lines } = await setUp();
    await job('backfill', '--source', 'alerts', '--since', '7h', '--until', '3h');
    const count = lines().length;
    const kept = await job('replay', '--sink', 'out', '--since', '1h', '--detach');
    expect(kept).toMatchObject({ code: 0, out: 'job 2; `defender-siem status` shows how far it is' });
    expect((await job('status')).out).toContain(
      '\njobs\n  job 2: replay --sink out --since 1h: waiting, sent 0, refused 0\n',
    );
    expect(lines()).toHaveLength(count);

    const same = await job('replay', '--sink', 'out', '--since', '1h');
    expect(same.err).toContain('job 2 of the same arguments is not over');
    expect(same.out).toContain(`job 2: replay --sink out --since 1h: done, sent ${count}`);
    await job('replay', '--sink', 'out', '--since', '2h', '--detach');
    expect(await job('replay', '--cancel', '3')).toMatchObject({
      code: 0,
      out: expect.stringContaining('job 3 is cancelled'),
    });
    expect((await job('replay', '--cancel', '3')).code).toBe(2);
    const { jobs } = JSON.parse((await job('status', '--json')).out) as { jobs: unknown };
    expect(jobs).toMatchObject([
      { id: 3, kind: 'replay', name: 'out', state: 'cancelled' },
      { id: 2, state: 'done', done: count },
      { id: 1, kind: 'backfill', name: 'alerts', state: 'done' },
    ]);
  });

  test('that are stopped leave their job for later, and say so', async () => {
    const { job, config, lines } = await setUp();
    await job('backfill', '--source', 'alerts', '--since', '7h', '--until', '3h');
    const count = lines().length;
    const stopped = await run(
      ['replay', '--sink', 'out', '--since', '1h', '--config', config],
      AbortSignal.abort(),
    );
    expect(stopped).toMatchObject({
      code: 3,
      err: expect.stringContaining('job 2 stays and goes on where it is'),
    });
    expect(lines()).toHaveLength(count);
    expect((await job('once')).code).toBe(0);
    expect((await job('status')).out).toContain(`job 2: replay --sink out --since 1h: done, sent ${count}`);
  });

  test('follow the process that has the store, and take its place when it has gone', async () => {
    const { folder, job, config, lines } = await setUp();
    await job('backfill', '--source', 'alerts', '--since', '7h', '--until', '3h');
    const count = lines().length;
    const args = ['replay', '--sink', 'out', '--since', '1h', '--config', config];
    const other = openSqliteStore(join(folder, 'state.db'));
    const stopped = await run(args, AbortSignal.abort());
    expect(stopped).toMatchObject({
      code: 3,
      err: expect.stringContaining('`defender-siem replay --cancel 2` ends it'),
    });

    const beside = await run([...args, '--detach']);
    expect(beside).toMatchObject({ code: 0, err: expect.stringContaining('job 2 of the same arguments') });
    const detached = await run([...args.slice(0, 4), '2h', ...args.slice(5), '--detach', '--json']);
    expect(JSON.parse(detached.out)).toEqual([{ id: 3 }]);
    expect((await run(['replay', '--cancel', '3', '--config', config])).code).toBe(0);

    // The other process does nothing for the job, and is gone after a while.
    const asked = { options: { sink: ['out'], since: '1h' }, positionals: [] };
    const told: string[] = [];
    let sleptMs = 0;
    const clock: Clock = {
      ...systemClock,
      async sleep(ms) {
        sleptMs += ms;
        if (sleptMs === 40_000) await other[Symbol.asyncDispose]();
      },
    };
    const loaded = loadConfig(config, parts, {});
    const request: JobRequest = {
      kind: 'replay',
      asked: '--sink out --since 1h',
      prepare: async () => ({ spec: 'not needed: the job is there' }),
    };
    const io: Io = {
      out: (line) => void told.push(line),
      err: () => {},
      readInput: async () => '',
      async *inputChunks() {},
      env: {},
      terminal: false,
      stop: new AbortController().signal,
      hurry: new AbortController().signal,
      endAfterStop: () => {},
      onReload: () => {},
    };
    expect(await giveJobs({ ...asked, io }, loaded, () => [request], clock)).toBe(0);
    expect(told).toEqual([`job 2: replay --sink out --since 1h: done, sent ${count}, refused 0`]);
    expect(lines()).toHaveLength(2 * count);
  });

  test('of a source that cannot be read end with the exit code of the failure, and leave their job', async () => {
    const folder = testFolder();
    const simulator = await stillSimulator();
    const config = writeConfig(folder, simulator, {
      sinks: [{ name: 'out', type: 'stdout', format: 'json' }],
      tenant: { auth: { clientId: simulator.credentials.clientId, clientSecret: 'wrong' } },
      rest: { log: { level: 'silent' } },
    });
    const failed = await run([
      'backfill',
      '--source',
      'alerts',
      '--since',
      '7h',
      '--until',
      '3h',
      '--config',
      config,
    ]);
    expect(failed.code).toBe(4);
    expect(failed.err).toContain('AADSTS7000215');
    expect(failed.err).toContain('`defender-siem backfill --cancel 1` ends it');
  });
});
