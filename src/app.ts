import { createBundledLog } from './app/bundled-log.ts';
import { createConnectorEvents } from './app/connector-events.ts';
import type { AppContext } from './app/context.ts';
import { createCredentialRotation } from './app/credential-rotation.ts';
import { answerMemory, auditDelays, sourceTurns, startDelays } from './app/crowd.ts';
import { endsBefore, type Grace, graceAfter } from './app/grace.ts';
import { keepHouse } from './app/housekeeping.ts';
import { concernsSink, createAppJobs } from './app/jobs.ts';
import { createRoom } from './app/room.ts';
import { type AppSink, openSink } from './app/sink.ts';
import { type AppSource, openSource } from './app/source.ts';
import { createStallWatch } from './app/stall-watch.ts';
import {
  connectTenant,
  createTenantClients,
  monitorTokensOf,
  type TenantConnection,
} from './app/tenant-connection.ts';
import { createTrustedTime } from './app/trusted-time.ts';
import type { Config } from './config/schema.ts';
import type { Preparation } from './dispatch/batch.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import { compileRoutes } from './dispatch/routes.ts';
import { ConnectorError } from './errors.ts';
import { createQuotas } from './http/quotas.ts';
import { retirementOf } from './identity/retirements.ts';
import { normalise } from './normalise/index.ts';
import { connectorSource } from './record.ts';
import type { Clock } from './runtime/clock.ts';
import type { Log } from './runtime/log.ts';
import type { Telemetry } from './runtime/telemetry.ts';
import { createHeartbeat } from './sources/heartbeat.ts';
import { runSchedule } from './sources/scheduler.ts';
import type { Store } from './store/store.ts';

/** How often `once` looks for what has been collected meanwhile, ms. */
const lookEveryMs = 200;

const never = new AbortController().signal;

/** What the program is made of beside its configuration. */
export interface AppOptions {
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an API's answer may take, ms; two minutes without it. */
  readonly answerTimeoutMs?: number | undefined;
}

/** What one round came to. */
export interface RoundResult {
  /** The first failure of a source; undefined when all were read. */
  readonly failure: unknown;
  /** True when every sink has been through the journal. */
  readonly drained: boolean;
}

/** The connector: its tenants, sources and sinks, wired together. */
export interface App extends AsyncDisposable {
  readonly tenants: readonly TenantConnection[];
  readonly sources: readonly AppSource[];
  readonly sinks: readonly AppSink[];
  /** Collects and delivers until `signal` aborts, then delivers on, or until `hurry` aborts, so that all is closed within the grace of the configuration. */
  run(signal: AbortSignal, hurry?: AbortSignal): Promise<void>;
  /**
   * Reads every source once (and audits it, with `audit`), does the jobs there are, and delivers what is in the journal,
   * until all is done or `signal` aborts.
   */
  once(signal: AbortSignal, options?: { readonly audit?: boolean }): Promise<RoundResult>;
  /**
   * Does these jobs and no others, and delivers to the sinks that they concern, until the jobs are over or fail, or
   * `signal` aborts; then delivers on for at most the grace of the configuration. Resolves with the first failure after
   * which one is left open, undefined when there was none.
   */
  doJobs(ids: readonly number[], signal: AbortSignal): Promise<ConnectorError | undefined>;
}

/** Wires the connector together: the one place where tenants, sources, store, formats and sinks meet. */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { store, clock, answerTimeoutMs } = options;
  const log = createBundledLog(options.log, clock);
  const quotas = createQuotas(clock);
  const clients = createTenantClients(answerTimeoutMs, answerMemory(clock));
  const tenants = config.tenants.map((tenant) => connectTenant(tenant, { quotas, clock, log, clients }));
  const tenantsByName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const tenantNamed = (name: string) => {
    const tenant = tenantsByName.get(name);
    if (tenant === undefined) throw new ConnectorError('BUG', `no tenant ${name}`);
    return tenant;
  };

  await store.registerSources([connectorSource, ...config.sources.map(({ name }) => name)], clock.now());
  await store.registerSinks(
    config.sinks.map(({ name }) => name),
    clock.now(),
  );
  const onAccepted = () => {
    for (const { dispatcher } of sinks) dispatcher.wake();
  };
  const rotation = createCredentialRotation({ tenants, clock, log, onChange: () => events.look() });
  const events = await createConnectorEvents({ ...options, log, config, tenants, rotation, onAccepted });
  const { blindSpots } = events;
  const context: AppContext = { ...options, log, blindSpots, retentionMs: config.store.retention };
  const tenantOfSource = new Map(config.sources.map((source) => [source.name, tenantNamed(source.tenant)]));
  const toEvent: Preparation['normalise'] = (entry, goesThere) => {
    const tenant = tenantOfSource.get(entry.source);
    return normalise(
      entry,
      tenant === undefined ? {} : { tenantId: tenant.id, portalOrigin: tenant.endpoints.portal },
      goesThere,
    );
  };
  const routes = compileRoutes(config.routes, (source) => tenantOfSource.get(source)?.name);
  const monitorTokens = (tenant: string) => monitorTokensOf(tenantNamed(tenant));
  const sinks = config.sinks.map((sink) =>
    openSink(sink, { ...context, monitorTokens, routes, normalise: toEvent }),
  );
  const housing = { ...context, trustedTime: createTrustedTime(store, clock) };
  const room = createRoom({ ...housing, maxBytes: config.store.maxBytes });
  const turns = sourceTurns(clock, room.ready);
  const auditDelayMs = auditDelays(config.sources.length, config.audit.every);
  const sources = config.sources.map((source, index) =>
    openSource(source, tenantNamed(source.tenant), {
      ...context,
      store: room.store,
      room: room.gate,
      onAccepted,
      audit: config.audit,
      auditDelayMs: auditDelayMs[index] ?? 0,
      turns,
    }),
  );
  for (const { config: source } of sources) warnOfRetirement(source, log);
  const stalls = createStallWatch({ ...context, sources: config.sources });
  const jobs = createAppJobs({ sources, sinks }, { ...context, routes });
  /** How long closing waits for sinks: as long as the grace lasts that `run` was given. */
  let closed = never;
  const beginGrace = (stop: AbortSignal, hurry = never): Grace => {
    const grace = graceAfter(stop, config.shutdown.grace, hurry);
    closed = grace.closed;
    return grace;
  };
  /**
   * Waits for these works to end, delivers what is left and takes leave of the receivers, as long as the grace lasts.
   * What has not ended by then (the pruning of a large store, say) ends with the store that it works on. Throws the
   * error of a work that failed, and has stopped the others by `failed`.
   */
  const finishWithin = async (
    grace: Grace,
    { works, failed }: { readonly works: readonly Promise<unknown>[]; readonly failed: AbortController },
    ending: readonly AppSink[],
  ): Promise<void> => {
    const { delivered, over } = grace;
    if (!(await endsBefore(over, endTogether(works, failed)))) {
      if (failed.signal.aborted) throw failed.signal.reason;
      return;
    }
    await events.flush();
    const leaving = ending.map(async ({ dispatcher, sink }) => {
      await dispatcher.runUntilEmpty(delivered, over);
      await sink.end?.(over);
    });
    await endsBefore(grace.closed, Promise.all(leaving));
  };

  return {
    tenants,
    sources,
    sinks,

    async run(signal, hurry = never) {
      const failed = new AbortController();
      const stop = AbortSignal.any([signal, failed.signal]);
      const lastRuns = new Map((await store.progress()).sources.map((known) => [known.source, known]));
      const schedules = config.sources.map(({ schedule }) => schedule);
      const firstAfterMs = startDelays(schedules, clock);
      const heartbeat = createHeartbeat(clock);
      const collecting = sources.map((source, index) =>
        runSchedule(
          {
            name: source.config.name,
            schedule: source.config.schedule,
            lastRunMs: lastRuns.get(source.config.name)?.lastSuccessMs,
            firstAfterMs: firstAfterMs[index] ?? 0,
            run: async (stopRun) => void (await source.collect(stopRun)),
            pace: source.pace,
          },
          clock,
          stop,
          heartbeat,
        ),
      );
      const house = [
        keepHouse({ ...housing, room }, stop),
        room.watch(stop),
        stalls.run(stop),
        rotation.run(stop),
      ];
      const auditing = sources.map(({ audits }) => audits.run(stop));
      const grace = beginGrace(stop, hurry);
      const delivering = sinks.map(({ dispatcher }) => dispatcher.run(stop, grace.over));
      const works = [...collecting, ...auditing, ...house, events.run(stop), jobs.run(stop), ...delivering];
      await finishWithin(grace, { works, failed }, sinks);
    },

    async once(signal, { audit = false } = {}) {
      const failed = new AbortController();
      const stop = AbortSignal.any([signal, failed.signal]);
      const collected = new AbortController();
      await events.look();
      const collecting = Promise.all([
        ...sources.map(async ({ collect, audits }) => {
          const failure = await collect(stop);
          return failure !== undefined || !audit ? failure : audits.once(stop);
        }),
        jobs.runOut(() => true, stop),
      ]);
      const delivering = sinks.map(({ dispatcher }) =>
        deliverWhile(dispatcher, collected.signal, clock, stop),
      );
      const collectingAndTelling = collecting.finally(async () => {
        await stalls.look();
        await events.flush();
        collected.abort();
      });
      const watching = room.watch(AbortSignal.any([stop, collected.signal]));
      await endTogether([collectingAndTelling, watching, ...delivering], failed);
      const failures = await collecting;
      const drained = await Promise.all(delivering);
      return {
        failure: failures.find((failure) => failure !== undefined),
        drained: drained.every((empty) => empty),
      };
    },

    async doJobs(ids, signal) {
      const stored = (await store.jobs()).filter(({ id }) => ids.includes(id));
      const concerned = sinks.filter(({ config: { name } }) =>
        stored.some((job) => concernsSink(job, name, routes)),
      );
      const failed = new AbortController();
      const over = new AbortController();
      const stop = AbortSignal.any([signal, failed.signal]);
      const delivered = AbortSignal.any([stop, over.signal]);
      const grace = beginGrace(delivered);
      const doing = jobs.runOut(({ id }) => ids.includes(id), stop);
      const delivering = concerned.map(({ dispatcher }) => dispatcher.run(delivered, grace.over));
      const works = [doing.finally(() => over.abort()), room.watch(delivered), ...delivering];
      await finishWithin(grace, { works, failed }, concerned);
      return doing;
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(
        sinks.map(async ({ sink, dispatcher }) => {
          await endsBefore(closed, Promise.resolve(sink[Symbol.asyncDispose]()));
          await dispatcher.finish();
        }),
      );
      await events.flush();
      for (const tenant of tenants) tenant.close();
      clients.close();
      log.end();
    },
  };
}

/**
 * Delivers while sources are read, since a full store waits for the sinks to make room, and on until nothing is left:
 * then true; false when it was stopped before. `collected` aborts when all has been read.
 */
async function deliverWhile(
  dispatcher: Dispatcher,
  collected: AbortSignal,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const wake = AbortSignal.any([collected, signal]);
  for (;;) {
    const allIsThere = collected.aborted;
    if (!(await dispatcher.runUntilEmpty(signal, signal))) return false;
    if (allIsThere) return true;
    await clock.sleep(lookEveryMs, wake);
  }
}

/** Waits until all have ended. The first that fails, which only a bug does, stops the others; its error is thrown. */
async function endTogether(works: readonly Promise<unknown>[], failed: AbortController): Promise<void> {
  const ended = await Promise.allSettled(
    works.map((work) =>
      work.catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    ),
  );
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

/** Tells the log when a source's API is on its way out, with the date. */
function warnOfRetirement({ name, type }: Config['sources'][number], log: Log): void {
  const retirement = retirementOf(type);
  if (retirement !== undefined) log.warn({ source: name, type }, retirement);
}
