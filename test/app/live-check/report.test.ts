import { expect, test } from 'vitest';
import { inOrder } from '../../../src/app/live-check/in-order.ts';
import { Report } from '../../../src/app/live-check/report.ts';
import { ConnectorError } from '../../../src/errors.ts';
import { HeldClock } from '../../support/held-clock.ts';

const never = new AbortController().signal;
const fine = async () => ({ result: 'ok', finding: 'fine' }) as const;

function reportOn(subject: string, clock: HeldClock, signal: AbortSignal) {
  return new Report({ subject, clock, signal, unreachable: 'SINK_UNREACHABLE' });
}

function look(key: string, ...needs: string[]) {
  return { key, what: `the ${key}`, needs, otherwise: 'Mend it' };
}

test('what a failed look was needed for is not tried, and so on, and says which', async () => {
  const report = reportOn('tenant.contoso', new HeldClock(), never);
  await report.look(look('token'), async () => {
    throw new ConnectorError('IDENTITY_REFUSED', 'refused');
  });
  await report.look(look('source', 'token', 'nothing of this name'), fine);
  await report.look(look('last', 'source'), fine);
  await report.look(look('other'), fine);
  expect(report.findings).toEqual([
    {
      id: 'tenant.contoso.token',
      result: 'failed',
      what: 'the token',
      finding: 'refused',
      advice: 'Mend it.',
      code: 'IDENTITY_REFUSED',
    },
    expect.objectContaining({
      id: 'tenant.contoso.source',
      result: 'not-tried',
      finding: 'needs: the token',
    }),
    expect.objectContaining({ id: 'tenant.contoso.last', result: 'not-tried', finding: 'needs: the source' }),
    expect.objectContaining({ id: 'tenant.contoso.other', result: 'ok' }),
  ]);
});

test('a look that hangs costs its own time only', async () => {
  const report = reportOn('sink.siem', new HeldClock((ms) => ms === 7_000), never);
  await report.look({ ...look('opened'), limitMs: 7_000 }, () => new Promise(() => {}));
  await report.look(look('next'), fine);
  expect(report.findings).toMatchObject([
    {
      result: 'failed',
      finding: expect.stringContaining('no answer within 7 s'),
      advice: expect.stringMatching(/^Run it again later/),
      code: 'SINK_UNREACHABLE',
    },
    { result: 'ok' },
  ]);
});

test('whoever stops the check hears of what was not tried', async () => {
  const stop = new AbortController();
  const report = reportOn('sink.siem', new HeldClock(), stop.signal);
  const looking = report.look(look('opened'), () => new Promise(() => {}));
  stop.abort();
  await looking;
  await report.look(look('next'), fine);
  expect(report.findings).toMatchObject([
    { result: 'not-tried', finding: 'the check was stopped' },
    { result: 'not-tried', finding: 'the check was stopped' },
  ]);
});

test('tasks are done so many at a time, and told in their order', async () => {
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const tasks = gates.map(({ promise }, index) => async () => {
    begun.push(index);
    await promise;
    return index;
  });
  const told: number[] = [];
  const reading = (async () => {
    for await (const value of inOrder(tasks, 2)) told.push(value);
  })();
  expect(begun).toEqual([0, 1]);
  gates[1]?.resolve();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  expect(told).toEqual([]);
  for (const { resolve } of gates) resolve();
  await reading;
  expect(told).toEqual([0, 1, 2, 3, 4]);
});

test('who reads no further begins no further task', async () => {
  const begun: number[] = [];
  const hangs = Promise.withResolvers<void>();
  const tasks = [0, 1, 2, 3].map((index) => async () => {
    begun.push(index);
    if (index > 0) await hangs.promise;
    return index;
  });
  for await (const _value of inOrder(tasks, 1)) break;
  hangs.resolve();
  await expect.poll(() => begun).toEqual([0, 1]);
});
