import type { LiveCheckOptions } from '../../../src/app/live-check/context.ts';
import { checkLive } from '../../../src/app/live-check/live-check.ts';
import type { Finding } from '../../../src/app/live-check/report.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parts } from '../../../src/parts.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { type Sections, testFolder, writeConfig } from '../../support/connector-config.ts';
import { HeldClock } from '../../support/held-clock.ts';

/** The clock of the check: it stands still at the host's time, since OpenSSL goes by that; only short waits pass. */
export function checkClock(aheadMs = 0): HeldClock {
  return new HeldClock((ms) => ms <= 2_000, Date.now() + aheadMs);
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
  const path = writeConfig(folder, simulator, { sinks, ...sections });
  const config = loadConfig(path, parts);
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
