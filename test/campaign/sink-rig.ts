import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createApp } from '../../src/app.ts';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parts } from '../../src/parts.ts';
import type { Log, LogFields } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { randomOf } from '../../src/simulator/random.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { FastClock } from '../support/fast-clock.ts';

/** A line that the connector logged. */
export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

/** The connector at work: a simulator over TLS, a real store, real sinks, and a clock on which hours pass in seconds. */
export interface SinkRig extends AsyncDisposable {
  readonly folder: string;
  readonly clock: FastClock;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly logged: readonly LoggedLine[];
  /** Puts alerts with these ids into the world. */
  publish(ids: readonly string[]): void;
  /** The ids of all alerts that exist. */
  published(): readonly string[];
  /** Dead letters of a sink, by id. */
  refused(sink: string): Promise<readonly string[]>;
  /** Ends the connector and starts it again on the same store. */
  restart(): Promise<void>;
}

/** How a rig is set up. */
export interface SinkRigOptions {
  /** What the waits of the connector follow from. */
  readonly seed: string;
  /** How many times as fast as the host's its clock runs. */
  readonly speed: number;
  /** The shortest wait, by the host's clock, ms. */
  readonly leastWaitMs?: number;
  /** Sinks of the configuration; all get the alerts. */
  readonly sinks: readonly Readonly<Record<string, unknown>>[];
  /** A folder that exists, which the rig removes; a fresh one by default. */
  readonly folder?: string;
}

/** Starts a rig whose world is empty. */
export async function startSinkRig(options: SinkRigOptions): Promise<SinkRig> {
  const { seed, speed, leastWaitMs = 0, sinks, folder = rigFolder() } = options;
  const random = randomOf(seed);
  const clock = new FastClock(speed, Date.UTC(2026, 10, 3, 8), () => random.next(), leastWaitMs);
  const simulator = await startSimulator({
    seed: 1,
    ratePerMinute: 0,
    visibilityLagMs: 0,
    clock,
    quotas: false,
  });
  const path = join(folder, 'defender-siem.yaml');
  const source = { name: 'alerts', type: 'graph-alerts', tenant: 'simulated' };
  const config = {
    store: { path: './state.db' },
    tenants: [simulatedTenant(simulator)],
    sources: [{ ...source, every: '5m', since: '24h', settle: '1s' }],
    sinks,
    routes: [{ from: ['alerts'], to: sinks.map(({ name }) => name) }],
    audit: { every: '0s' },
    watch: { heartbeat: '0s' },
    shutdown: { grace: '300ms' },
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  const logged: LoggedLine[] = [];
  const line = (level: LoggedLine['level']) => (fields: LogFields, message: string) => {
    logged.push({ level, fields, message });
  };
  const log: Log = { debug() {}, info: line('info'), warn: line('warn'), error: line('error') };
  const store = openSqliteStore(join(folder, 'state.db'));
  const telemetry = new Telemetry();

  async function start() {
    const app = await createApp(loadConfig(path, parts, {}), { store, telemetry, clock, log });
    const stop = new AbortController();
    return { app, stop, running: app.run(stop.signal) };
  }
  let current = await start();
  async function end(): Promise<void> {
    current.stop.abort();
    await current.running;
    await current.app[Symbol.asyncDispose]();
  }

  return {
    folder,
    clock,
    store,
    telemetry,
    logged,
    publish(ids) {
      for (const id of ids) simulator.control.inject('graph-alert', alert(id, clock.now()));
    },
    published: () => simulator.control.published()['graph-alert'].map(({ id }) => id),
    refused: async (sink) => (await store.deadLetters(sink)).map(({ entry }) => entry.id),
    async restart() {
      await end();
      current = await start();
    },
    async [Symbol.asyncDispose]() {
      await end();
      await store[Symbol.asyncDispose]();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns a fresh folder. */
export function rigFolder(): string {
  return mkdtempSync(join(tmpdir(), 'defender-siem-campaign-'));
}

/** Waits, by the host's clock, until `condition` holds; false when it does not within `ms`. */
export async function holds(condition: () => boolean | Promise<boolean>, ms = 60_000): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (performance.now() < deadline) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

function alert(id: string, nowMs: number): object {
  const now = new Date(nowMs).toISOString();
  return {
    id,
    title: 'Suspicious credential access',
    severity: 'medium',
    status: 'new',
    serviceSource: 'microsoftDefenderForEndpoint',
    createdDateTime: now,
    lastUpdateDateTime: now,
    evidence: [],
  };
}
