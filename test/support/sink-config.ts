import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import type { SinkConfig } from '../../src/config/sink.ts';
import { parts } from '../../src/parts.ts';
import type { Section } from './connector-config.ts';

/** Returns a sink as the program reads it from a file in `folder` that says this of it. */
export function sinkConfig(folder: string, sink: Section): SinkConfig {
  const path = join(folder, 'defender-siem.yaml');
  const auth = { clientId: '11111111-1111-4111-8111-111111111111', clientSecret: 'none' };
  const tenants = [{ name: 'nobody', id: '00000000-0000-4000-8000-000000000000', auth }];
  const sources = [{ name: 'alerts', tenant: 'nobody' }];
  writeFileSync(path, stringify({ store: { path: './state.db' }, tenants, sources, sinks: [sink] }), {
    mode: 0o600,
  });
  const [config] = loadConfig(path, parts, {}).sinks;
  if (config === undefined) throw new Error('no sink');
  return config;
}
