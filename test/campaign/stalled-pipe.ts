import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { bundledProgram } from '../support/bundled-program.ts';
import { alertId } from './faulty-siem.ts';
import { holds, rigFolder } from './sink-rig.ts';

/** What the reader of a pipe got that for a long time read nothing. */
export interface StalledPipe {
  readonly events: number;
  readonly lost: number;
  readonly repeated: number;
}

/**
 * Runs the real program with standard output as a sink whose reader does nothing, until another sink has everything;
 * then reads on. Far more is written than a pipe holds.
 */
export async function stallPipe(seed: number, say: (words: string) => void): Promise<StalledPipe> {
  const now = Math.floor((Date.now() - 60_000) / 1000) * 1000;
  const still: Clock = { now: () => now, random: () => 0.5, sleep: async () => {} };
  const world = { ratePerMinute: 0, historyAlerts: 150, historySpanMs: 6 * 3_600_000, visibilityLagMs: 0 };
  const simulator = await startSimulator({ seed, clock: still, ...world });
  const folder = rigFolder();
  const file = join(folder, 'well.ndjson');
  const config = join(folder, 'defender-siem.yaml');
  const source = { name: 'alerts', type: 'graph-alerts', tenant: 'simulated' };
  const settings = {
    store: { path: './state.db' },
    tenants: [simulatedTenant(simulator)],
    sources: [{ ...source, every: '1s', since: '24h', settle: '1s', updates: 'new' }],
    sinks: [
      { name: 'pipe', type: 'stdout' },
      { name: 'well', type: 'file', path: file },
    ],
    routes: [{ from: ['alerts'], to: ['pipe', 'well'] }],
    log: { level: 'error' },
  };
  writeFileSync(config, stringify(settings), { mode: 0o600 });
  const child = spawn(process.execPath, [await bundledProgram(), 'run', '--config', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const published = simulator.control.published()['graph-alert'].map(({ id }) => id);
    if (!(await holds(() => idsIn(file).size === published.length)))
      say('a sink waited for the stalled pipe');
    const got = await readOn(child, published.length);
    const lost = published.filter((id) => !got.includes(id)).length;
    const repeated = got.length - new Set(got).size;
    if (lost + repeated > 0) say(`the stalled pipe lost ${lost} and repeated ${repeated}`);
    return { events: published.length, lost, repeated };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function idsIn(file: string): ReadonlySet<string> {
  if (!existsSync(file)) return new Set();
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return new Set(lines.map(alertId));
}

/** Reads the lines that it writes until there are so many, or none come any more. */
async function readOn({ stdout }: ChildProcess, count: number): Promise<readonly string[]> {
  if (stdout === null) throw new Error('no pipe');
  const got: string[] = [];
  const lines = createInterface({ input: stdout }).on('line', (line) => got.push(alertId(line)));
  await holds(() => got.length >= count, 30_000);
  lines.close();
  return got;
}
