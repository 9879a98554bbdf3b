import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LiveCheckOptions } from '../../../src/app/live-check/context.ts';
import { checkLive } from '../../../src/app/live-check/live-check.ts';
import type { Finding } from '../../../src/app/live-check/report.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { parts } from '../../../src/parts.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { graphSource, type Sections, testFolder, writeConfig } from '../../support/connector-config.ts';
import { HeldClock } from '../../support/held-clock.ts';

/** The clock of the check: it stands still at the host's time, since OpenSSL goes by that; only short waits pass. */
export function checkClock(aheadMs = 0): HeldClock {
  return new HeldClock((ms) => ms <= 2_000, Date.now() + aheadMs);
}

/** A network in which one host drops all packets: waits for it are over at once, on the clock that comes with it. */
export function blackHole(hole: string): Pick<LiveCheckOptions, 'clock' | 'network'> {
  const clock = checkClock();
  let lost = false;
  clock.passes = (ms) => {
    const over = lost;
    lost = false;
    return over || ms <= 2_000;
  };
  return {
    clock,
    network: {
      connect: (host, port) => {
        // The wait for this connection is the next that begins.
        lost = host === hole;
        return lost ? new Socket() : new Socket().connect(port, host);
      },
    },
  };
}

/** What a check has found, by id, in order. */
export type Findings = ReadonlyMap<string, Finding>;

/** Runs the live check of a configuration for a simulator; the sink is a file where none is named. */
export async function findingsOf(
  simulator: Simulator,
  sections: Partial<Sections> = {},
  options: Partial<LiveCheckOptions> = {},
  folder = testFolder(),
): Promise<Findings> {
  const sinks = [{ name: 'disk', type: 'file', path: './events.ndjson' }];
  return await check(loadConfig(writeConfig(folder, simulator, { sinks, ...sections }), parts), options);
}

/** Runs the live check of these sinks alone. */
export async function sinkFindings(
  sinks: Sections['sinks'],
  options: Partial<LiveCheckOptions> = {},
): Promise<Findings> {
  const id = '00000000-0000-4000-8000-000000000000';
  const path = join(testFolder(), 'defender-siem.yaml');
  const tenant = { name: 'simulated', id, auth: { managedIdentity: {} } };
  writeFileSync(path, stringify({ tenants: [tenant], sources: [graphSource], sinks }));
  return await check({ ...loadConfig(path, parts), tenants: [], sources: [] }, options);
}

async function check(config: Config, options: Partial<LiveCheckOptions>): Promise<Findings> {
  const never = new AbortController().signal;
  const usual = { clock: checkClock(), log: silentLog, signal: never, sendTest: false };
  const found: Finding[] = [];
  for await (const { findings } of checkLive(config, { ...usual, ...options })) found.push(...findings);
  return new Map(found.map((finding) => [finding.id, finding]));
}

/** Returns the ids of the findings with one of these results. */
export function idsWith(findings: Findings, ...results: readonly Finding['result'][]): readonly string[] {
  return [...findings.values()].filter(({ result }) => results.includes(result)).map(({ id }) => id);
}
