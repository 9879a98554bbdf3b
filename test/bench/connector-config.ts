import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import type { SimulatorPlace } from './simulator-process.ts';

/** The names of its source and of its sink. */
export const sourceName = 'alerts';
export const sinkName = 'siem';

/** How the program is to read the simulator, and where it is to deliver. */
export interface ConnectorSetup {
  /** Type of the source; Graph's alerts without it. */
  readonly type?: string;
  readonly every: string;
  readonly since: string;
  readonly sink: Readonly<Record<string, unknown>>;
}

/** Writes the configuration file of a connector into a folder, as a user could have written it; returns its path. */
export function writeConnectorConfig(
  folder: string,
  simulator: SimulatorPlace,
  { type = 'graph-alerts', every, since, sink }: ConnectorSetup,
): string {
  const path = join(folder, 'defender-siem.yaml');
  const tenant = simulatedTenant(simulator);
  const text = stringify({
    store: { path: './state.db' },
    tenants: [tenant],
    sources: [{ name: sourceName, type, tenant: tenant.name, every, since }],
    sinks: [{ name: sinkName, ...sink }],
    log: { level: 'error' },
  });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
