import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type App, createApp } from '../../src/app.ts';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parts } from '../../src/parts.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { type Log, silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';

type Section = Readonly<Record<string, unknown>>;

/** A connector in this process, with a real store. */
export interface Connector extends AsyncDisposable {
  readonly app: App;
  readonly store: Store;
}

/** Opens a connector on the store of this folder; `sections` are those of a configuration file. */
export async function openConnector(
  folder: string,
  simulator: Simulator,
  clock: Clock,
  sections: Section,
  log: Log = silentLog,
  answerTimeoutMs?: number,
): Promise<Connector> {
  const path = join(folder, 'defender-siem.yaml');
  const config = {
    store: { path: './state.db' },
    tenants: [simulatedTenant(simulator)],
    shutdown: { grace: '5s' },
    ...sections,
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  const loaded = loadConfig(path, parts, {});
  const store = openSqliteStore(loaded.store.path);
  try {
    const app = await createApp(loaded, { store, telemetry: new Telemetry(), clock, log, answerTimeoutMs });
    return {
      app,
      store,
      async [Symbol.asyncDispose]() {
        await app[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}
