import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

/** A part of a configuration file. */
export type Section = Readonly<Record<string, unknown>>;

/** What a configuration for a simulator says beside the tenant. */
export interface Sections {
  readonly sinks: readonly Section[];
  /** Default: Graph alerts of the last day. */
  readonly sources?: readonly Section[];
  /** Changes to the tenant. */
  readonly tenant?: Section;
  /** Further sections of the file. */
  readonly rest?: Section;
}

/** The source of Graph alerts that most of these tests read; its tenant is the simulated one. */
export const graphSource = {
  name: 'alerts',
  type: 'graph-alerts',
  tenant: 'simulated',
  every: '1s',
  since: '24h',
  settle: '1s',
} as const;

/** Returns a fresh folder that is gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'defender-siem-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts a simulator of 60 alerts of the last six hours; closed after the test. Its time stands still ten seconds
 * ago, so that all it shows is settled, nothing changes while it is read, and the clocks agree well enough.
 */
export async function stillSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  // A whole second: the API tells its time by whole seconds, and what is younger than that is read by a later run.
  const now = Math.floor((Date.now() - 10_000) / 1000) * 1000;
  const clock: Clock = { now: () => now, random: () => 0.5, sleep: async () => {} };
  const simulator = await startSimulator({
    seed: 7,
    ratePerMinute: 0,
    historyAlerts: 60,
    historySpanMs: 6 * 3_600_000,
    visibilityLagMs: 0,
    clock,
    ...options,
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Writes `defender-siem.yaml` for a simulator into a folder, with the store `state.db` there; returns its path. */
export function writeConfig(folder: string, simulator: Simulator, sections: Sections): string {
  const { sinks, sources = [graphSource], tenant = {}, rest = {} } = sections;
  const path = join(folder, 'defender-siem.yaml');
  const config = {
    store: { path: './state.db' },
    tenants: [{ ...simulatedTenant(simulator), ...tenant }],
    sources,
    sinks,
    shutdown: { grace: '5s' },
    // What is counted here are Microsoft's records; a test of the connector's own events says so in `rest`.
    watch: { heartbeat: '0s', blindSpots: false },
    ...rest,
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}
