import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { epochMs, instantOf } from '../../src/fields/instant.ts';
import { limitsOf } from '../../src/http/limits.ts';
import { backfillCursor, readText } from '../../src/jobs/spec.ts';
import { randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { FastClock } from '../support/fast-clock.ts';
import { type Connector, openConnector } from './connector.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** How many times as fast as on the wall time passes: a minute in six seconds. */
const speed = 10;
/** A backfill that stands still for longer than this waits for its share of the minute, ms. */
const waitingMs = 20_000;
/** A backfill that is not done by then is stuck, real ms. */
const longestMs = 120_000;

/** What the quota came to. */
export interface QuotaReport {
  readonly calls: number;
  readonly mostAMinute: number;
  readonly backfilled: number;
  readonly live: number;
  readonly lost: number;
  readonly broken: readonly string[];
}

/** A backfill that could make many more calls than Microsoft allows, beside live reading, in a tenant that counts. */
export async function backfillWithinQuota(
  parent: string,
  { seed, alerts }: { readonly seed: number; readonly alerts: number },
): Promise<QuotaReport> {
  const folder = join(parent, 'quota');
  mkdirSync(folder);
  const random = randomOf(seed, 'backfill quota');
  const clock = new FastClock(speed, Math.floor(Date.now() / 1000) * 1000, () => random.next());
  await using resources = new AsyncDisposableStack();
  const simulator = await startSimulator({
    seed,
    ratePerMinute: 2,
    historyAlerts: alerts,
    historySpanMs: 6 * hourMs,
    visibilityLagMs: 0,
    clock,
  });
  resources.defer(() => simulator.close());
  const connector = resources.use(
    await openConnector(folder, simulator, clock, {
      sources: [
        {
          name: 'alerts',
          type: 'graph-alerts',
          tenant: 'simulated',
          every: '5s',
          since: '1m',
          overlap: '30s',
          pageSize: 2,
        },
      ],
      sinks: [{ name: 'file', type: 'file', path: './alerts.json', format: 'json' }],
      watch: { heartbeat: '0s', blindSpots: false },
      audit: { every: '0s' },
    }),
  );
  const fromMs = clock.now() - 5 * hourMs;
  const spec = {
    version: 1,
    source: 'alerts',
    asked: '',
    from: instantOf(fromMs),
    to: instantOf(clock.now() - minuteMs / 2),
  };
  await connector.store.addJob('backfill', JSON.stringify(spec), clock.now());

  const stop = new AbortController();
  const run = connector.app.run(stop.signal);
  const meter = await watch(connector, simulator, clock);
  stop.abort();
  await run;
  return judge(connector, simulator, meter, fromMs);
}

interface Meter {
  readonly calls: number;
  readonly mostAMinute: number;
  /** How often the backfill waited for its share. */
  readonly waits: number;
  /** How often live reading stood still too for more than half of that time. */
  readonly starved: number;
  readonly done: boolean;
}

/** Counts calls by sliding minutes, and looks whether live reading goes on, until the backfill is done. */
async function watch({ store }: Connector, simulator: Simulator, clock: FastClock): Promise<Meter> {
  const samples: { readonly atMs: number; readonly calls: number }[] = [];
  let mostAMinute = 0;
  let oldest = 0;
  let waits = 0;
  let starved = 0;
  let cursor: string | undefined;
  let movedAtMs = clock.now();
  let watermark: string | undefined;
  let liveMovedAtMs = clock.now();
  const beganMs = Date.now();
  let done = false;
  while (!done && Date.now() - beganMs < longestMs) {
    const atMs = clock.now();
    const calls = callsOf(simulator);
    samples.push({ atMs, calls });
    while ((samples[oldest]?.atMs ?? atMs) <= atMs - minuteMs) oldest++;
    mostAMinute = Math.max(mostAMinute, calls - (samples[oldest]?.calls ?? 0));
    const now = await store.watermark('alerts');
    if (now !== watermark) liveMovedAtMs = atMs;
    watermark = now;
    const [job] = await store.jobs();
    if (job?.cursor !== cursor) {
      if (atMs - movedAtMs > waitingMs) {
        waits++;
        if (atMs - liveMovedAtMs > (atMs - movedAtMs) / 2) starved++;
      }
      cursor = job?.cursor;
      movedAtMs = atMs;
    }
    done = job?.endedAtMs !== undefined;
    await sleep(5);
  }
  return { calls: callsOf(simulator), mostAMinute, waits, starved, done };
}

function callsOf(simulator: Simulator): number {
  const answers = simulator.control.requests()['graph-alerts'] ?? {};
  return Object.values(answers).reduce((sum, count) => sum + count, 0);
}

async function judge(
  { store }: Connector,
  simulator: Simulator,
  { calls, mostAMinute, waits, starved, done }: Meter,
  fromMs: number,
): Promise<QuotaReport> {
  const [job] = await store.jobs();
  const backfilled = readText(backfillCursor, job?.cursor)?.accepted ?? 0;
  const watermark = (await store.watermark('alerts')) ?? instantOf(0);
  const entries = await store.readJournal(0, 1_000_000, Number.POSITIVE_INFINITY);
  const accepted = new Set(entries.map(({ id, version }) => `${id} ${version}`));
  const lost = simulator.control
    .published()
    ['graph-alert'].filter(({ version }) => Date.parse(version) >= fromMs)
    .filter(({ version }) => Date.parse(version) < epochMs(watermark))
    .map(({ id, version }) => `${id} ${version}`)
    .filter((key) => !accepted.has(key));
  const refused = simulator.control.requests()['graph-alerts']?.['429'] ?? 0;
  // Counted when they are answered: those under way at its beginning fall into a minute too.
  const { perMinute, concurrency } = limitsOf('graph');
  const most = perMinute + concurrency;
  const broken = [
    ...(done ? [] : [`the backfill is stuck: ${job?.cursor}`]),
    ...lost.slice(0, 10).map((key) => `not read: ${key}`),
    ...(refused > 0 ? [`the API answered ${refused} calls with 429`] : []),
    ...(mostAMinute > most ? [`${mostAMinute} calls in a minute, of ${most} at most`] : []),
    ...(job?.error === undefined ? [] : [`the backfill failed: ${job.error}`]),
    ...(waits === 0 ? ['the backfill never had to wait: this proves nothing'] : []),
    // On a slow machine live reading may need longer for once.
    ...(starved > waits / 2
      ? [`live reading stood still in ${starved} of ${waits} waits of the backfill`]
      : []),
    ...(accepted.size < entries.length ? [`${entries.length - accepted.size} were accepted twice`] : []),
  ];
  return { calls, mostAMinute, backfilled, live: entries.length - backfilled, lost: lost.length, broken };
}
