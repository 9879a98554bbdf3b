import type { Admin } from '../admin/server.ts';
import { namesText } from '../app/alike.ts';
import { graceShares } from '../app/grace.ts';
import type { AppOptions } from '../app.ts';
import { catalogue } from '../catalogue.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog, type Log } from '../runtime/log.ts';
import { loadPackage } from '../runtime/packages.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { packageVersion } from '../version.ts';
import { type Command, configOption, type Io, textOption } from './command.ts';
import { storeWhenFree } from './store-when-free.ts';

/**
 * `defender-siem run`: collects and delivers until SIGTERM or SIGINT. SIGHUP loads the configuration anew; an invalid
 * one is refused, and the old one goes on; one that is valid yet cannot be started gives way to the old one again.
 */
export const run: Command = {
  options: { ...configOption },
  async run(invocation) {
    const { io } = invocation;
    const path = findConfig(textOption(invocation, 'config'));
    let config: Config | undefined = await loadNamedConfig(path, catalogue, io.env);
    const reloads = createReloads(io, path, createLog(config.log.level, io.terminal));
    const telemetry = new Telemetry();
    let lastStarted: Config | undefined;
    while (config !== undefined) {
      const current: Config = config;
      let started = false;
      try {
        config = await runUntilReload(current, { io, reloads, telemetry }, () => {
          started = true;
        });
        lastStarted = current;
      } catch (error) {
        if (started || lastStarted === undefined || !(error instanceof ConnectorError)) throw error;
        reloads.log.error({ reason: messageOf(error) }, refusal);
        config = lastStarted;
        // Should that one not start any more either, its failure ends the program.
        lastStarted = undefined;
      }
    }
    return 0;
  },
};

const refusal = 'the new configuration is refused; the old one goes on';

/** Where the next configuration comes from: the file, each time SIGHUP asks and the file is valid. */
interface Reloads {
  /** Aborts when there is a next configuration: at once, when there was one before this was asked. */
  signal(): AbortSignal;
  /** Returns the latest one, once; undefined when there is none. */
  take(): Config | undefined;
  /** Where to tell that a new one was refused. */
  log: Log;
}

function createReloads(io: Io, path: string, log: Log): Reloads {
  let next: Config | undefined;
  let asked = new AbortController();
  const reloads: Reloads = {
    log,
    signal: () => {
      asked = new AbortController();
      if (next !== undefined) asked.abort();
      return asked.signal;
    },
    take: () => {
      const taken = next;
      next = undefined;
      return taken;
    },
  };
  const load = async (loading: Promise<Config>) => {
    try {
      next = await loading;
      asked.abort();
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      reloads.log.error({ reason: messageOf(error) }, refusal);
    }
  };
  let latest = Promise.resolve();
  io.onReload(() => {
    const loading = loadNamedConfig(path, catalogue, io.env);
    // One after the other: the latest configuration is the last to be taken.
    latest = Promise.allSettled([latest, loading]).then(() => load(loading));
  });
  return reloads;
}

/** What one configuration after the other runs with. */
interface Surroundings {
  readonly io: Io;
  readonly reloads: Reloads;
  /** Counts on from configuration to configuration. */
  readonly telemetry: Telemetry;
}

/**
 * Runs one configuration, and calls back once it has started; resolves with the next one, or undefined when the program
 * is to end.
 */
async function runUntilReload(
  config: Config,
  { io, reloads, telemetry }: Surroundings,
  onStarted: () => void,
): Promise<Config | undefined> {
  const log = createLog(config.log.level, io.terminal);
  reloads.log = log;
  const { endMs, hurried } = graceShares(config.shutdown.grace);
  io.endAfterStop({ ms: endMs, hurriedMs: hurried.endMs });
  // The thread of the store comes up while the rest is loaded.
  const opening = storeWhenFree(config.store.path, { clock: systemClock, log, stop: io.stop });
  const [opened, { createApp }] = await Promise.all([opening, loadApp(config)]);
  await using store = opened;
  if (store === undefined || (await isToStop(io))) return undefined;
  telemetry.configured(
    config.sources.map(({ name }) => name),
    config.sinks.map(({ name }) => name),
  );
  await using app = await createApp(config, { store, telemetry, clock: systemClock, log });
  await using _admin = await startAdminOf(config, { store, telemetry, log });
  log.info(
    {
      version: packageVersion(),
      tenants: config.tenants.length,
      sources: namesText(config.sources.map(({ name }) => name)),
      sinks: namesText(config.sinks.map(({ name }) => name)),
    },
    'started',
  );
  onStarted();
  const inAHurry = () => log.warn({}, 'asked to stop again: what was being sent may be delivered once more');
  io.hurry.addEventListener('abort', inAHurry, { once: true });
  // One that is to stop before it has begun has nothing to deliver that the next start would not.
  if (!(await isToStop(io))) await app.run(AbortSignal.any([io.stop, reloads.signal()]), io.hurry);
  io.hurry.removeEventListener('abort', inAHurry);
  if (io.stop.aborted) {
    log.info({}, 'stopped');
    return undefined;
  }
  log.info({}, 'configuration loaded anew');
  return reloads.take();
}

/** Whether it is to stop, once the signals have been heard that came while it was at work. */
async function isToStop({ stop }: Io): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return stop.aborted;
}

/**
 * Loads the rest of the program, and what its first requests need: while the store comes up there is nothing else to do.
 * In pieces, since no signal is heard while one is loaded.
 */
async function loadApp({ tenants }: Config): Promise<typeof import('../app.ts')> {
  const app = await import('../app.ts');
  const packages = [
    'axios',
    ...(tenants.some(({ auth }) => auth.kind !== 'user') ? ['@azure/msal-node'] : []),
  ];
  for (const name of packages) {
    await new Promise((resolve) => setImmediate(resolve));
    loadPackage(name);
  }
  return app;
}

/** Starts the admin server, where one is configured. */
async function startAdminOf(
  config: Config,
  { store, telemetry, log }: Pick<AppOptions, 'store' | 'telemetry' | 'log'>,
): Promise<Admin | undefined> {
  if (config.admin === undefined) return undefined;
  const { startAdmin } = await import('../admin/server.ts');
  const { assessHealth, readHealthFacts } = await import('../app/health.ts');
  return startAdmin({
    listen: config.admin.listen,
    telemetry,
    health: async () => assessHealth(config, await readHealthFacts(store), systemClock.now()),
    storeBytes: () => store.bytes(),
    clock: systemClock,
    log,
  });
}
