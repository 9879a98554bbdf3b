import type { Config } from '../config/schema.ts';
import type { Credential } from '../identity/credential.ts';
import { delegatedScope } from '../provision/needed-permissions.ts';
import { createAudit } from '../sources/audit.ts';
import { createCollector } from '../sources/collector.ts';
import { GapKeeper } from '../sources/gaps.ts';
import { createOverlap } from '../sources/overlap.ts';
import { createPace, type Pace } from '../sources/pace.ts';
import type { OpenSource, SourceType } from '../sources/source-type.ts';
import { createSpanReader, type SpanReader, type SpanReaderOptions } from '../sources/span-reader.ts';
import type { Turns } from '../sources/turns.ts';
import type { AcceptResult } from '../store/store.ts';
import { type Audits, createAudits } from './audits.ts';
import type { AppContext } from './context.ts';
import { createSourceRunner } from './source-runner.ts';
import type { TenantConnection } from './tenant-connection.ts';

/** One configured source, opened. */
export interface AppSource extends OpenSource {
  readonly config: Config['sources'][number];
  readonly type: SourceType;
  readonly tenant: TenantConnection;
  /** Reads the source once; resolves with the failure, undefined on success. */
  readonly collect: (signal: AbortSignal) => Promise<unknown>;
  /** Says when it is to be read next; undefined where the schedule alone does. */
  readonly pace: Pace | undefined;
  readonly audits: Audits;
  /** Returns a reader of past spans, beside the live one; `onAccepted` is called after each page. */
  readonly openReader: (onAccepted: (result: AcceptResult) => void) => SpanReader;
}

/**
 * Returns a source's way to its API, with its type; `options` take the place of the configured ones. `onCall` is called
 * before each call.
 */
export function openSourceApi(
  config: AppSource['config'],
  tenant: TenantConnection,
  options: AppSource['config']['options'] = config.options,
  onCall: () => void = () => {},
): OpenSource & { readonly type: SourceType } {
  const type = config.part;
  const client = tenant.client(type.api);
  const permission = permissionFor(type, tenant.credential.kind);
  const opened = type.open(options, {
    origin: tenant.endpoints.origins[type.api],
    reader: {
      get(url, call) {
        onCall();
        return client.get(url, { ...call, ...(permission === undefined ? {} : { permission }) });
      },
    },
  });
  return { ...opened, type };
}

/** The permission that a source needs, as its holder has it: the application, or a person who signed in. */
function permissionFor({ api, permissions }: SourceType, holder: Credential['kind']): string | undefined {
  const [permission] = permissions;
  if (permission === undefined || api === 'siem' || holder !== 'user') return permission;
  return delegatedScope(api, permission);
}

/** Returns a source with its collector. `onAccepted` is called when the journal has grown. */
export function openSource(
  config: AppSource['config'],
  tenant: TenantConnection,
  context: AppContext & {
    readonly room: (signal: AbortSignal) => Promise<void>;
    readonly onAccepted: () => void;
    readonly audit: Config['audit'];
    readonly auditDelayMs?: number;
    /** The turns that all sources take. */
    readonly turns: Turns;
  },
): AppSource {
  const { store, telemetry, clock, log, blindSpots, retentionMs } = context;
  const named = { source: config.name, tenant: tenant.name };
  let calls = 0;
  const opened = openSourceApi(config, tenant, config.options, () => {
    calls++;
  });
  const pace = paceOf(config, tenant);
  const totals = telemetry.source(config.name);
  const overlap = createOverlap({ source: config.name, bounds: config.overlap, store, clock, log });
  const count = ({ accepted, repeated }: AcceptResult) => {
    totals.read += accepted + repeated;
    totals.accepted += accepted;
    totals.repeated += repeated;
    if (accepted > 0) context.onAccepted();
  };
  const reading: SpanReaderOptions = {
    source: config.name,
    api: opened.api,
    store,
    updates: config.updates,
    onAccepted: count,
    onUnknownShape: (records) => {
      totals.unknownShape += records.length;
    },
    wanted: opened.wanted,
    room: context.room,
    clock,
    gaps: new GapKeeper({ ...named, store, clock, log, blindSpots }),
  };
  const { turns } = context;
  const collector = createCollector({
    ...reading,
    store,
    sinceMs: config.sinceMs,
    overlap,
    settleMs: config.settleMs,
    farForMs: () => (pace?.waitMs() ?? usualWaitMs(config)) / 2,
    rememberMs: retentionMs,
    tenant: tenant.name,
    blindSpots,
    log,
  });
  const collect = async (signal: AbortSignal) => {
    const callsBefore = calls;
    let brought = false;
    try {
      const summary = await collector.collect(signal);
      brought = summary.accepted > 0;
      return summary;
    } finally {
      pace?.ran({ brought, calls: calls - callsBefore });
    }
  };
  const audit = createAudit({
    ...reading,
    store,
    sweep: opened.sweep,
    overlap,
    windowMs: context.audit.window,
    filter: config.options.filter,
  });
  return {
    ...opened,
    config,
    tenant,
    pace,
    openReader: (onAccepted) =>
      createSpanReader({
        ...reading,
        onAccepted: (result) => {
          count(result);
          onAccepted(result);
        },
      }),
    audits: createAudits({
      source: config.name,
      tenant: tenant.name,
      everyMs: context.audit.every,
      delayMs: context.auditDelayMs ?? 0,
      audit: {
        audit: (signal) => turns.run(`audit of ${config.name}`, () => audit.audit(signal), signal),
      },
      store,
      blindSpots,
      clock,
      log,
    }),
    collect: createSourceRunner({
      source: config.name,
      tenant: tenant.name,
      collector: {
        collect: (signal) => turns.run(config.name, () => collect(signal), signal),
      },
      store,
      totals,
      blindSpots,
      clock,
      log,
    }),
  };
}

/** Returns the pace of a source that adapts it: what its API's quota bears, however many share that. */
function paceOf({ pace, schedule, part }: AppSource['config'], tenant: TenantConnection): Pace | undefined {
  if (pace === 'fixed' || 'cron' in schedule) return undefined;
  const share = tenant.joinQuota(part.api);
  return createPace({
    everyMs: schedule.everyMs,
    quota: (callsPerRun) => ({
      busyMs: callsPerRun * share.busyMs(),
      usualMs: callsPerRun * share.lastingMs(),
    }),
  });
}

function usualWaitMs({ schedule }: AppSource['config']): number {
  return 'everyMs' in schedule ? schedule.everyMs : Number.POSITIVE_INFINITY;
}
