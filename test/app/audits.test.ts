import { expect, test } from 'vitest';
import { createAudits } from '../../src/app/audits.ts';
import { instantOf } from '../../src/fields/instant.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { AuditFindings } from '../../src/sources/audit.ts';
import type { Audit } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Outcome = Partial<AuditFindings> | Error | undefined;

function setUp(outcomes: Outcome[], kept: readonly Partial<Audit>[] = [], everyMs = 6 * hourMs) {
  const clock = new FakeClock();
  const startMs = clock.now();
  const stop = new AbortController();
  const told: string[] = [];
  const atMinutes: number[] = [];
  const tell = (level: string) => (fields: object, message: string) =>
    void told.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const audits = createAudits({
    source: 'alerts',
    tenant: 'contoso',
    everyMs,
    audit: {
      async audit() {
        atMinutes.push((clock.now() - startMs) / minuteMs);
        const outcome = outcomes.shift();
        if (outcomes.length === 0) stop.abort();
        if (outcome instanceof Error) throw outcome;
        if (outcome === undefined) return undefined;
        const span = { from: instantOf(0), to: instantOf(1), atMs: 0 };
        return {
          ...span,
          expected: 5,
          accepted: 5,
          healed: 0,
          gaps: 0,
          tooLate: 0,
          otherFilter: false,
          ...outcome,
        };
      },
    },
    store: { audits: async () => kept as Audit[] },
    blindSpots: {
      open: (spot, subject, message) => void told.push(`open ${spot} ${subject.source}: ${message}`),
      close: (spot, subject) => void told.push(`close ${spot} ${subject.source}`),
    },
    clock,
    log: { ...silentLog, info: tell('info'), warn: tell('warn'), error: tell('error') },
  });
  return { clock, audits, stop, told, atMinutes, startMs };
}

test('the first is done ten minutes after the start, and the others at their pace', async () => {
  const { audits, atMinutes, stop } = setUp([undefined, {}, {}]);
  await audits.run(stop.signal);
  expect(atMinutes).toEqual([10, 370, 730]);
});

test('after a restart the next is due by the last that is kept', async () => {
  const clock = new FakeClock();
  const { audits, atMinutes, stop } = setUp([{}, {}], [{ atMs: clock.now() - 2 * hourMs }]);
  await audits.run(stop.signal);
  expect(atMinutes).toEqual([240, 600]);
});

test('one that failed is tried again sooner, and told once', async () => {
  const down = () => new Error('connection refused');
  const { audits, atMinutes, told, stop } = setUp([down(), down(), {}, {}]);
  await audits.run(stop.signal);
  expect(atMinutes).toEqual([10, 25, 40, 400]);
  expect(told.filter((line) => line.startsWith('warn'))).toHaveLength(1);
});

test('a pace of 0 is none', async () => {
  const { audits, atMinutes, stop } = setUp([{}], [], 0);
  await audits.run(stop.signal);
  expect(atMinutes).toEqual([]);
});

test('a kept audit of the future, from before the clock was set back, does not put off the next for ever', async () => {
  const { audits, atMinutes, stop, startMs } = setUp([{}], [{ atMs: Date.parse('2030-01-01T00:00:00Z') }]);
  expect(startMs).toBeLessThan(Date.parse('2030-01-01T00:00:00Z'));
  await audits.run(stop.signal);
  expect(atMinutes).toEqual([360]);
});

test('what it found is told: missing records are an error and a blind spot, until none is missing', async () => {
  const { audits, told, stop } = setUp([
    { expected: 10, accepted: 7, healed: 3 },
    { expected: 10, accepted: 7, healed: 1, tooLate: 1, gaps: 2 },
    {},
  ]);
  await audits.run(stop.signal);
  expect(told.map((line) => line.replace(/ \{.*/, ''))).toEqual([
    "error completeness audit: 3 of 10 records were missing: all were fetched and are delivered; if it happens again, raise the source's `overlap`, and look in the log for what kept them from being read",
    expect.stringMatching(/^open audit-missing alerts: completeness audit: 3 of 10/),
    "error completeness audit: 3 of 10 records were missing: 2 could not be fetched; the next audit tries again; 1 came later than the source's `overlap` may reach: raise it for them to come sooner",
    expect.stringMatching(/^open audit-missing/),
    'info completeness audit: nothing was missing',
    'close audit-missing alerts',
  ]);
  expect(told[2]).toContain('"gaps":2');
});

test('what a filter did not want before is no alarm, unless it could not be fetched', async () => {
  const otherFilter = true;
  const { audits, told, stop } = setUp([
    { otherFilter, expected: 10, accepted: 7, healed: 3 },
    { otherFilter, expected: 10, accepted: 7, healed: 2 },
  ]);
  await audits.run(stop.signal);
  expect(told.map((line) => line.replace(/:.*/, ''))).toEqual([
    'info completeness audit',
    'close audit-missing alerts',
    'error completeness audit',
    'open audit-missing alerts',
  ]);
});
