import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeConnectorConfig } from '../connector-config.ts';
import { hasten } from './fast-time.ts';

/** A span of a tenant's life, and how it is read. */
export interface Day {
  readonly folder: string;
  readonly everySeconds: number;
  readonly hours: number;
  /** Time goes so many times as fast as the host's. */
  readonly speed: number;
  /** New alerts a minute; each has later states, too. */
  readonly ratePerMinute: number;
  /** Alerts that are there before the connector is. */
  readonly historyAlerts: number;
}

/** What the simulator counted, without the connector's first minutes where there is no history. */
export interface Counted {
  /** Calls by API. */
  readonly calls: Readonly<Record<string, number>>;
  /** Alert states that the connector accepted. */
  readonly accepted: number;
  /** How many of the moments, of which each pace has four, were met: below 0.8 the machine was too busy for this speed. */
  readonly keptUp: number;
}

/** Until the first window has been read and the pace is found, ms of the host's time. */
const settlingMs = 3000;
const startMs = Date.UTC(2026, 10, 3, 8);
/** How long an answer may take, ms of the host's time. */
const answerTimeoutMs = 60_000;

// A process of its own that lives through one day: `day.ts DAY`, as JSON; prints what was counted.

/** Lets a connector read a simulated tenant for so long. Time must have been hastened before. */
async function live(day: Day): Promise<Counted> {
  const { createApp } = await import('../../../src/app.ts');
  const { catalogue } = await import('../../../src/catalogue.ts');
  const { loadNamedConfig } = await import('../../../src/config/load.ts');
  const { systemClock: clock } = await import('../../../src/runtime/clock.ts');
  const { silentLog: log } = await import('../../../src/runtime/log.ts');
  const { Telemetry } = await import('../../../src/runtime/telemetry.ts');
  const { startSimulator } = await import('../../../src/simulator/simulator.ts');
  const { openSqliteStore } = await import('../../../src/store/sqlite.ts');
  const { ratePerMinute, historyAlerts, everySeconds, hours, speed, folder } = day;
  const tlsDirectory = join(folder, 'tls');
  const simulator = await startSimulator({ seed: 7, ratePerMinute, historyAlerts, clock, tlsDirectory });
  const sink = { type: 'file', path: './out.ndjson', format: 'json' };
  const path = writeConnectorConfig(folder, simulator, { every: `${everySeconds}s`, since: '7d', sink });
  const config = await loadNamedConfig(path, catalogue, {});
  const telemetry = new Telemetry();
  const stop = new AbortController();
  const accepted = () => [...telemetry.sources.values()].reduce((sum, source) => sum + source.accepted, 0);
  try {
    await using store = openSqliteStore(config.store.path);
    const options = { store, telemetry, clock, log, answerTimeoutMs: answerTimeoutMs * speed };
    await using app = await createApp(config, options);
    const running = app.run(stop.signal, stop.signal);
    if (historyAlerts === 0) await sleep(settlingMs);
    const acceptedBefore = accepted();
    if (historyAlerts === 0) simulator.control.resetCounters();
    let moments = 0;
    const counting = setInterval(() => moments++, everySeconds * 250);
    await sleep((hours * 3_600_000) / speed);
    clearInterval(counting);
    const calls = callsOf(simulator.control.requests());
    const keptUp = moments / ((hours * 3600) / (everySeconds / 4));
    const counted = { calls, accepted: accepted() - acceptedBefore, keptUp };
    stop.abort();
    await running;
    return counted;
  } finally {
    stop.abort();
    await simulator.close();
  }
}

function callsOf(requests: Readonly<Record<string, Readonly<Record<string, number>>>>): Counted['calls'] {
  return Object.fromEntries(
    Object.entries(requests).map(([api, byStatus]) => [
      api,
      Object.values(byStatus).reduce((sum, count) => sum + count, 0),
    ]),
  );
}

const day = JSON.parse(process.argv[2] ?? '') as Day;
mkdirSync(day.folder, { recursive: true });
hasten(day.speed, startMs);
console.log(JSON.stringify(await live(day)));
process.exit(0);
