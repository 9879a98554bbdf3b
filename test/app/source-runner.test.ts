import { expect, test } from 'vitest';
import { createSourceRunner } from '../../src/app/source-runner.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { FakeClock } from '../support/fake-clock.ts';

function runnerOver(outcomes: (Error | undefined)[]) {
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
    store: { recordRun: async (_source, _nowMs, error) => void kept.push(error) },
    totals: telemetry.source('alerts'),
    clock: new FakeClock(),
    log: {
      ...silentLog,
      error: (_fields, message) => void logged.push(`error ${message}`),
      info: (_fields, message) => void logged.push(`info ${message}`),
    },
  });
  return { run, kept, logged, totals: telemetry.source('alerts') };
}

test('a failure is told once, and once more when the source is read again', async () => {
  const { run, kept, logged, totals } = runnerOver([
    new Error('down'),
    new Error('down'),
    undefined,
    undefined,
  ]);
  for (let i = 0; i < 4; i++) await run(new AbortController().signal);
  expect(logged).toEqual([
    expect.stringMatching(/^error source cannot be read/),
    expect.stringMatching(/^info source is read again/),
  ]);
  expect(kept).toEqual(['down', 'down', undefined, undefined]);
  expect(totals).toMatchObject({ runs: 4, failures: 2, lastError: undefined });
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
