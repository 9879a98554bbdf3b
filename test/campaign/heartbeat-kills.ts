import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import type { Random } from '../../src/simulator/random.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { ProgramProcess } from '../support/program-process.ts';

/** A process whose heart does not beat by then has died of something else, ms. */
const longestWaitMs = 30_000;

/** What the kills of a program whose heart beats fast came to. */
export interface HeartbeatKills {
  readonly heartbeats: number;
  readonly missing: number;
  readonly broken: readonly string[];
}

/**
 * Kills the real program again and again while it writes heartbeats, some hundred a second, and then lets it end in
 * peace. Each number must have reached the receiver, and each of its deliveries must be the same.
 */
export async function killHeartbeats(
  folder: string,
  simulator: Simulator,
  random: Random,
  kills: number,
): Promise<HeartbeatKills> {
  const place = join(folder, 'kills');
  mkdirSync(place);
  const config = join(place, 'defender-siem.yaml');
  const content = {
    store: { path: './state.db' },
    tenants: [simulatedTenant(simulator)],
    sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'simulated', every: '1h' }],
    sinks: [{ name: 'watch', type: 'file', path: './watch.json', format: 'json' }],
    routes: [{ from: ['connector'], to: ['watch'] }],
    watch: { heartbeat: '5ms' },
    audit: { every: '0s' },
    log: { level: 'error' },
  };
  writeFileSync(config, stringify(content), { mode: 0o600 });
  const broken: string[] = [];
  for (let life = 0; life <= kills; life++) {
    await using program = new ProgramProcess(['run', '--config', config]);
    const wanted = linesOf(place).length + random.between(1, 40);
    const endMs = performance.now() + longestWaitMs;
    while (linesOf(place).length < wanted && performance.now() < endMs) await sleep(2);
    program.kill(life < kills ? 'SIGKILL' : 'SIGTERM');
    const { code, stderr } = await program.ended();
    if (life === kills ? code !== 0 : code !== null)
      broken.push(`it ended with ${code}: ${stderr.slice(-300)}`);
  }
  return judge(linesOf(place), broken);
}

function judge(lines: readonly string[], broken: string[]): HeartbeatKills {
  const texts = new Map<number, string>();
  for (const line of lines) {
    const { type, number } = JSON.parse(line) as { readonly type: string; readonly number: number };
    if (type !== 'heartbeat') continue;
    if ((texts.get(number) ?? line) !== line) broken.push(`heartbeat ${number} comes as two different ones`);
    texts.set(number, line);
  }
  const last = Math.max(0, ...texts.keys());
  const missing = last - texts.size;
  if (missing > 0) broken.push(`of ${last} heartbeats of killed processes, ${missing} are missing`);
  return { heartbeats: texts.size, missing, broken };
}

/** The lines that are whole: a kill may leave half of one, which the next process cuts off. */
function linesOf(place: string): readonly string[] {
  const path = join(place, 'watch.json');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}
