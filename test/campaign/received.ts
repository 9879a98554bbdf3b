import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/simulator.ts';

/** The sources of a campaign, the kinds of their records, and the members that identify one. */
export const kinds = {
  graph: {
    kind: 'graph-alert',
    type: 'graph-alerts',
    api: 'graph-alerts',
    id: 'id',
    updated: 'lastUpdateDateTime',
  },
  endpoint: { kind: 'alert', type: 'alerts', api: 'defender-alerts', id: 'id', updated: 'lastUpdateTime' },
  siem: {
    kind: 'detection',
    type: 'detections',
    api: 'siem-detections',
    id: 'FullId',
    updated: 'LastProcessedTimeUtc',
  },
} as const;

/** A source of a campaign. */
export type SourceName = keyof typeof kinds;
export const sourceNames = Object.keys(kinds) as SourceName[];

/** The configuration of three sources, each with a file of JSON lines that receives what it brings. */
export function threeSources(options: Readonly<Record<string, unknown>> = {}) {
  return {
    sources: sourceNames.map((name) => ({
      name,
      type: kinds[name].type,
      tenant: 'simulated',
      every: '1m',
      since: '24h',
      settle: '1s',
      ...options,
    })),
    sinks: sourceNames.map((name) => ({ name, type: 'file', path: `./${name}.json`, format: 'json' })),
    routes: sourceNames.map((name) => ({ from: [name], to: [name] })),
    audit: { every: '0s' },
    watch: { heartbeat: '0s', blindSpots: false },
  };
}

/** How the ids of records begin that have no update time: what they are known by is not what the API filters by. */
export const shapeless = 'shapeless';

/** What a source's receiver got: how often each state came, by `id version`. */
export function received(folder: string, source: SourceName): ReadonlyMap<string, number> {
  const path = join(folder, `${source}.json`);
  const { id, updated } = kinds[source];
  const states = new Map<string, number>();
  if (!existsSync(path)) return states;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const record = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const key = `${String(record[id])} ${String(record[updated])}`;
    states.set(key, (states.get(key) ?? 0) + 1);
  }
  return states;
}

/** The states that an API shows now and that were updated before `beforeMs` (ms since 1970), by `id version`; none that is shapeless. */
export function shown(simulator: Simulator, source: SourceName, beforeMs: number): readonly string[] {
  return simulator.control
    .published()
    [kinds[source].kind].filter(
      ({ id, version }) => !id.startsWith(shapeless) && Date.parse(version) < beforeMs,
    )
    .map(({ id, version }) => `${id} ${version}`);
}
