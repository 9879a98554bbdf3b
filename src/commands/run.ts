import { type Admin, startAdmin } from '../admin/server.ts';
import { assessHealth } from '../app/health.ts';
import { type AppOptions, createApp } from '../app.ts';
import { findConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { parts } from '../parts.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { packageVersion } from '../version.ts';
import { type Command, configOption, type Io, textOption } from './command.ts';

/**
 * `defender-siem run`: collects and delivers until SIGTERM or SIGINT. SIGHUP loads the configuration anew; an invalid
 * one is refused, and the old one goes on; one that is valid yet cannot be started gives way to the old one again.
 */
export const run: Command = {
  options: { ...configOption },
  async run(invocation) {
    const { io } = invocation;
    const path = findConfig(textOption(invocation, 'config'));
    const reloads = createReloads(io, path);
    let config: Config | undefined = loadConfig(path, parts, io.env);
    let lastStarted: Config | undefined;
    while (config !== undefined) {
      const current: Config = config;
      let started = false;
      try {
        config = await runUntilReload(current, io, reloads, () => {
          started = true;
        });
        lastStarted = current;
      } catch (error) {
        if (started || lastStarted === undefined || !(error instanceof ConnectorError)) throw error;
        reloads.log?.error({ reason: messageOf(error) }, refusal);
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
  /** Called with a valid new configuration. */
  listen(callback: (config: Config) => void): void;
  /** Where to tell that a new one was refused. */
  log: ReturnType<typeof createLog> | undefined;
}

function createReloads(io: Io, path: string): Reloads {
  let callback: ((config: Config) => void) | undefined;
  const reloads: Reloads = {
    log: undefined,
    listen: (next) => {
      callback = next;
    },
  };
  io.onReload(() => {
    try {
      callback?.(loadConfig(path, parts, io.env));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      reloads.log?.error({ reason: messageOf(error) }, refusal);
    }
  });
  return reloads;
}

/**
 * Runs one configuration, and calls back once it has started; resolves with the next one, or undefined when the program
 * is to end.
 */
async function runUntilReload(
  config: Config,
  io: Io,
  reloads: Reloads,
  onStarted: () => void,
): Promise<Config | undefined> {
  const log = createLog(config.log.level, io.terminal);
  reloads.log = log;
  const reload = new AbortController();
  let next: Config | undefined;
  reloads.listen((fresh) => {
    next = fresh;
    reload.abort();
  });

  await using store = openSqliteStore(config.store.path);
  const telemetry = new Telemetry();
  await using app = await createApp(config, { store, telemetry, clock: systemClock, log });
  await using _admin = await startAdminOf(config, { store, telemetry, log });
  log.info(
    {
      version: packageVersion(),
      sources: config.sources.map(({ name }) => name),
      sinks: config.sinks.map(({ name }) => name),
    },
    'started',
  );
  onStarted();
  await app.run(AbortSignal.any([io.stop, reload.signal]));
  if (io.stop.aborted) {
    log.info({}, 'stopped');
    return undefined;
  }
  log.info({}, 'configuration loaded anew');
  return next;
}

/** Starts the admin server, where one is configured. */
async function startAdminOf(
  config: Config,
  { store, telemetry, log }: Pick<AppOptions, 'store' | 'telemetry' | 'log'>,
): Promise<Admin | undefined> {
  if (config.admin === undefined) return undefined;
  return startAdmin({
    listen: config.admin.listen,
    telemetry,
    health: async () => {
      const progress = { ...(await store.progress()), jobs: await store.jobs() };
      return assessHealth(config, progress, systemClock.now());
    },
    storeBytes: () => store.bytes(),
    clock: systemClock,
    log,
  });
}
