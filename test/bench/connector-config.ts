import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import type { SimulatorPlace } from './simulator-process.ts';

/** How the program is to read the simulator, and where it is to deliver. */
export interface ConnectorSetup {
  readonly every: string;
  readonly since: string;
  readonly sink: Readonly<Record<string, unknown>>;
}

/** Writes the configuration file of a connector into a folder, as a user could have written it; returns its path. */
export function writeConnectorConfig(
  folder: string,
  simulator: SimulatorPlace,
  { every, since, sink }: ConnectorSetup,
): string {
  const path = join(folder, 'defender-siem.yaml');
  const tenant = simulatedTenant(simulator);
  const text = stringify({
    store: { path: './state.db' },
    tenants: [tenant],
    sources: [{ name: 'alerts', type: 'graph-alerts', tenant: tenant.name, every, since }],
    sinks: [{ name: 'siem', ...sink }],
    log: { level: 'error' },
  });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
