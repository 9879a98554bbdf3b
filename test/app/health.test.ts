import { expect, test } from 'vitest';
import { assessHealth } from '../../src/app/health.ts';
import type { Config } from '../../src/config/schema.ts';
import { instantOf } from '../../src/fields/instant.ts';
import { Secret } from '../../src/fields/secret.ts';
import type { SinkProgress, SourceProgress } from '../../src/store/store.ts';

const nowMs = Date.parse('2026-11-03T08:00:00Z');
const minuteMs = 60_000;

const config = {
  tenants: [{ name: 'contoso', auth: { kind: 'client-secret', clientId: 'app', secret: new Secret('x') } }],
  sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'contoso', schedule: { everyMs: 30_000 } }],
  sinks: [{ name: 'siem', type: 'syslog' }],
  store: { maxBytes: 1000 },
} as unknown as Config;

const source = (change: Partial<SourceProgress> = {}): SourceProgress => ({
  source: 'alerts',
  watermark: instantOf(nowMs - minuteMs),
  movedAtMs: nowMs - 1000,
  accepted: 3,
  repeated: 1,
  lastSuccessMs: nowMs - 1000,
  lastError: undefined,
  lateness: undefined,
  audit: undefined,
  gaps: 0,
  ...change,
});
const sink = (change: Partial<SinkProgress> = {}): SinkProgress => ({
  sink: 'siem',
  offset: 3,
  backlog: 0,
  oldestAcceptedAtMs: undefined,
  deadLetters: 0,
  lastError: undefined,
  ...change,
});
const assess = (sources: SourceProgress[], sinks: SinkProgress[]) =>
  assessHealth(config, { sources, sinks }, nowMs);

test('all is well while sources are read on time and sinks take what comes', async () => {
  const health = await assess([source()], [sink()]);
  expect(health.healthy).toBe(true);
  expect(health.sources[0]).toMatchObject({ lagMs: minuteMs, accepted: 3, repeated: 1, problem: '' });
});

test.each<[string, Partial<SourceProgress>, string]>([
  ['that failed', { lastError: 'AADSTS7000215' }, 'AADSTS7000215'],
  [
    'that an API refuses, told without its filter',
    {
      lastError:
        'graph API: https://a.example/v1.0/alerts?$filter=x%20ge%202026-11-23T19%3A06Z&$top=500: status 500',
    },
    'graph API: https://a.example/v1.0/alerts: status 500',
  ],
  [
    'that stands still behind its schedule',
    { watermark: instantOf(nowMs - 30 * minuteMs), movedAtMs: nowMs - 11 * minuteMs },
    'behind',
  ],
  [
    'that catches up, but whose last run failed',
    { watermark: instantOf(nowMs - 30 * minuteMs), lastError: 'throttled' },
    'throttled',
  ],
  ['read by a clock that was ahead', { watermark: instantOf(nowMs + 60 * minuteMs) }, 'clock'],
])('a source %s is not well', async (_name, change, problem) => {
  const health = await assess([source(change)], [sink()]);
  expect(health.healthy).toBe(false);
  expect(health.sources[0]?.problem).toContain(problem);
});

test('a source that is far behind and moves on is well: it is catching up', async () => {
  const health = await assess(
    [source({ watermark: instantOf(nowMs - 3000 * minuteMs), lastSuccessMs: undefined })],
    [sink()],
  );
  expect(health.healthy).toBe(true);
  expect(health.sources[0]).toMatchObject({ healthy: true, problem: 'is catching up' });
});

test('a source that was never read is not well', async () => {
  expect((await assess([], [sink()])).sources[0]).toMatchObject({ healthy: false, watermark: undefined });
});

test.each<[string, Partial<SourceProgress>, string]>([
  ['with a span that is set aside', { gaps: 1 }, 'a span could not be read'],
  ['with several', { gaps: 3 }, '3 spans could not be read'],
  [
    'whose audit could not fetch all that was missing',
    {
      audit: {
        from: instantOf(nowMs - 60 * minuteMs),
        to: instantOf(nowMs),
        expected: 10,
        accepted: 6,
        healed: 3,
        atMs: nowMs,
      },
    },
    'found 1 records missing',
  ],
])('a source %s is not well', async (_name, change, problem) => {
  const [found] = (await assess([source(change)], [sink()])).sources;
  expect(found).toMatchObject({ healthy: false, problem: expect.stringContaining(problem) });
});

test('how late records come, and what the last audit found, are told', async () => {
  const lateness = { histogram: '', p999Ms: 20_000, overlapMs: 900_000 };
  const span = { from: instantOf(nowMs - 60 * minuteMs), to: instantOf(nowMs) };
  const audit = { ...span, expected: 10, accepted: 9, healed: 1, atMs: nowMs };
  expect((await assess([source({ lateness, audit })], [sink()])).sources[0]).toMatchObject({
    healthy: true,
    overlapMs: 900_000,
    lateMs: 20_000,
    audit: { ...span, expected: 10, accepted: 9, healed: 1, at: '2026-11-03T08:00:00.000Z' },
  });
});

test.each<[string, Partial<SinkProgress>, string]>([
  ['that fails', { lastError: 'refused' }, 'refused'],
  ['that lets events wait', { oldestAcceptedAtMs: nowMs - 10 * minuteMs, backlog: 5 }, 'late'],
  ['that has refused events for good', { deadLetters: 2 }, '2'],
])('a sink %s is not well', async (_name, change, problem) => {
  const health = await assess([source()], [sink(change)]);
  expect(health.healthy).toBe(false);
  expect(health.sinks[0]?.problem).toContain(problem);
});

test('a sink with a fresh backlog is well', async () => {
  expect((await assess([source()], [sink({ oldestAcceptedAtMs: nowMs - 1000, backlog: 5 })])).healthy).toBe(
    true,
  );
});

test.each([
  [799, true, ''],
  [800, true, 'takes 80 % of store.maxBytes'],
  [1000, false, 'collection pauses'],
])('a store of %i bytes of 1000', async (bytes, healthy, problem) => {
  const health = await assessHealth(config, { sources: [source()], sinks: [sink()], bytes }, nowMs);
  expect(health.healthy).toBe(healthy);
  expect(health.store).toMatchObject({ bytes, maxBytes: 1000, healthy });
  expect(health.store.problem).toContain(problem);
});
