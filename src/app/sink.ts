import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { Preparation } from '../dispatch/batch.ts';
import { createDispatcher, type Dispatcher } from '../dispatch/dispatcher.ts';
import type { DispatchObserver } from '../dispatch/observer.ts';
import type { Routes } from '../dispatch/routes.ts';
import { messageOf } from '../errors.ts';
import type { Formatter } from '../formats/format.ts';
import type { Sink, SinkContext } from '../sinks/sink.ts';
import type { AppContext } from './context.ts';
import { createSinkWatch } from './sink-watch.ts';

/** One configured sink, with its format and the loop that feeds it. */
export interface AppSink {
  readonly config: Config['sinks'][number];
  readonly sink: Sink;
  readonly format: Formatter;
  readonly dispatcher: Dispatcher;
}

/** Returns the names of the tenants whose identity a sink uses. */
export function tenantsOfSink({ parts, options }: AppSink['config']): readonly string[] {
  const keys = parts.type.tenantKeys ?? [];
  return keys.flatMap((key) => (typeof options[key] === 'string' ? [options[key]] : []));
}

/** What sinks are made with. */
export type SinkFoundation = Pick<SinkContext, 'clock' | 'log' | 'monitorTokens'>;

/** Returns a sink and the format it writes; it connects when first used. */
export function createSink(
  config: AppSink['config'],
  { clock, log, monitorTokens }: SinkFoundation,
): Pick<AppSink, 'sink' | 'format'> {
  const { name, parts, options, formatOptions } = config;
  const { name: format, contentType } = parts.format;
  const context = { name, clock, log, hostname: hostname(), format, contentType, monitorTokens };
  return { sink: parts.type.create(options, context), format: parts.format.create(formatOptions) };
}

/** Returns a sink with its dispatcher; it connects when the first event is on its way. */
export function openSink(
  config: AppSink['config'],
  context: AppContext &
    SinkFoundation & {
      readonly routes: Routes;
      readonly normalise: Preparation['normalise'];
    },
): AppSink {
  const { store, clock, log, routes, normalise } = context;
  const { sink, format } = createSink(config, context);
  const dispatcher = createDispatcher({
    sinkName: config.name,
    sink,
    store,
    normalise,
    format,
    routes,
    batch: config.batch,
    retry: config.retry,
    clock,
    log,
    observer: createObserver(config.name, context),
  });
  return { config, sink, format, dispatcher };
}

/** Counts what the dispatcher does, and keeps in the store why a sink fails, for `status` beside the program. */
function createObserver(sink: string, context: AppContext): DispatchObserver {
  const { store, telemetry, log } = context;
  const totals = telemetry.sink(sink);
  const watch = createSinkWatch(sink, context);
  /** False while the store may still hold what an earlier process kept of this sink. */
  let kept = false;
  const keep = (reason: string | undefined) => {
    kept = true;
    store.recordDelivery(sink, reason).catch((error: unknown) => {
      log.debug({ sink, reason: messageOf(error) }, 'the store did not keep the state of a sink');
    });
  };
  return {
    delivered: (events) => {
      totals.delivered += events;
      if (!kept) keep(undefined);
      watch.took();
    },
    replayed: (events) => {
      totals.replayed += events;
      if (!kept) keep(undefined);
      watch.took();
    },
    deadLettered: (events) => {
      totals.deadLettered += events;
      watch.refused();
    },
    retried: (events, possiblyRepeated) => {
      totals.retried += events;
      totals.possiblyRepeated += possiblyRepeated;
    },
    truncated: (events) => {
      totals.truncated += events;
    },
    passedOver: (entries) => {
      totals.passedOver += entries;
    },
    state: (state, reason) => {
      totals.failing = reason;
      keep(reason);
      if (state === 'ok') watch.took();
    },
    stillFailing: (ms, reason) => watch.failing(ms, reason),
    lag: (ms) => {
      totals.lagMs = ms;
    },
  };
}
