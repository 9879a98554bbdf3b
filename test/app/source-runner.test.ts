import { expect, test } from 'vitest';
import { createSourceRunner } from '../../src/app/source-runner.ts';
import { ConnectorError } from '../../src/errors.ts';
import { type Instant, instantOf } from '../../src/fields/instant.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { FakeClock } from '../support/fake-clock.ts';

function runnerOver(outcomes: (Error | undefined)[], watermark?: Instant) {
  const told: string[] = [];
  const kept: (string | undefined)[] = [];
  const logged: string[] = [];
  const telemetry = new Telemetry();
  const run = createSourceRunner({
    source: 'alerts',
    tenant: 'contoso',
    collector: {
      collect: async () => {
        const outcome = outcomes.shift();
        if (outcome !== undefined) throw outcome;
        return { read: 1, accepted: 1, repeated: 0 };
      },
    },
    store: {
      recordRun: async (_source, _nowMs, error) => void kept.push(error),
      watermark: async () => watermark,
    },
    blindSpots: {
      open: (blindSpot, subject) => void told.push(`open ${blindSpot} ${subject.tenant} ${subject.source}`),
      close: (blindSpot) => void told.push(`close ${blindSpot}`),
    },
    totals: telemetry.source('alerts'),
    clock: new FakeClock(),
    log: {
      ...silentLog,
      error: (_fields, message) => void logged.push(`error ${message}`),
      info: (_fields, message) => void logged.push(`info ${message}`),
    },
  });
  return { run, kept, logged, told, totals: telemetry.source('alerts') };
}

test('each kind of failure is told once, whatever its times and ids, and once more when the source is read again', async () => {
  const { run, kept, logged, totals } = runnerOver([
    new Error('down (request id 5f-1)'),
    new Error('status 500 of ?$filter=lastUpdateTime%20lt%202026-11-03T08%3A00%3A00Z'),
    new Error('down (request id 6a-2)'),
    new Error('status 500 of ?$filter=lastUpdateTime%20lt%202026-11-03T09%3A30%3A05Z'),
    undefined,
    undefined,
  ]);
  for (let i = 0; i < 6; i++) await run(new AbortController().signal);
  expect(logged).toEqual([
    expect.stringMatching(/^error source cannot be read/),
    expect.stringMatching(/^error source cannot be read/),
    expect.stringMatching(/^info source is read again/),
  ]);
  expect(kept.slice(3)).toEqual([expect.stringContaining('09%3A30'), undefined, undefined]);
  expect(totals).toMatchObject({ runs: 6, failures: 4, lastError: undefined });
});

test('a run that the stop of the program cut short is no failure', async () => {
  const { run, kept, logged } = runnerOver([new Error('aborted')]);
  await expect(run(AbortSignal.abort())).resolves.toBeUndefined();
  expect({ kept, logged }).toEqual({ kept: [], logged: [] });
});

test('the failure itself is handed on, for the exit code of `once`', async () => {
  const failure = new Error('refused');
  await expect(runnerOver([failure]).run(new AbortController().signal)).resolves.toBe(failure);
});

const refused = () => new ConnectorError('PERMISSION_MISSING', 'grant SecurityAlert.Read.All');

test('a permission that is lost is a blind spot until the source is read again', async () => {
  const { run, told } = runnerOver([refused(), undefined], instantOf(0));
  for (let i = 0; i < 2; i++) await run(new AbortController().signal);
  expect(told.filter((line) => line.includes('permission-lost'))).toEqual([
    'open permission-lost contoso alerts',
    'close permission-lost',
  ]);
});

test('a permission that was never there is none: it was not lost', async () => {
  const { run, told } = runnerOver([refused()]);
  await run(new AbortController().signal);
  expect(told.filter((line) => line.startsWith('open'))).toEqual([]);
});
