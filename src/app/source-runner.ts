import { reasonKind } from '../dispatch/reason-kind.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { SourceTotals } from '../runtime/telemetry.ts';
import type { createCollector } from '../sources/collector.ts';
import type { Store } from '../store/store.ts';

/** What a source runner is made of. */
export interface SourceRunnerOptions {
  readonly source: string;
  readonly tenant: string;
  readonly collector: ReturnType<typeof createCollector>;
  readonly store: Pick<Store, 'recordRun' | 'watermark'>;
  readonly totals: SourceTotals;
  readonly blindSpots: BlindSpots;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Returns a function that reads a source once, counts and keeps what became of it, and tells the log when the state
 * changes: once when it begins to fail, once when it reads again. Resolves with the failure, undefined when it
 * succeeded or was stopped by `signal`; never rejects.
 */
export function createSourceRunner(options: SourceRunnerOptions): (signal: AbortSignal) => Promise<unknown> {
  const { source, tenant, collector, store, totals, blindSpots, clock, log } = options;
  const subject = { tenant, source };
  /** The kinds of failure that the log has since the source was last read. */
  const told = new Set<string>();

  async function keep(error: string | undefined): Promise<void> {
    try {
      await store.recordRun(source, clock.now(), error);
    } catch (failure) {
      log.error({ source, tenant, reason: messageOf(failure) }, 'the store refuses the result of a run');
    }
  }

  /** A source that never could be read has lost nothing: its setup is not finished. */
  async function hasWorked(): Promise<boolean> {
    return (await store.watermark(source).catch(() => undefined)) !== undefined;
  }

  return async (signal) => {
    totals.runs++;
    try {
      const summary = await collector.collect(signal);
      if (totals.lastError !== undefined) log.info({ source, tenant }, 'source is read again');
      totals.lastError = undefined;
      told.clear();
      totals.lastSuccessMs = clock.now();
      blindSpots.close('permission-lost', subject);
      await keep(undefined);
      log.debug({ source, tenant, ...summary }, 'source read');
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const reason = messageOf(error);
      totals.failures++;
      const kind = reasonKind(reason);
      if (told.has(kind)) log.debug({ source, tenant, reason }, 'source still cannot be read');
      else log.error({ source, tenant, reason }, 'source cannot be read; it is tried again on schedule');
      told.add(kind);
      totals.lastError = reason;
      if (isRefusal(error) && (await hasWorked())) blindSpots.open('permission-lost', subject, reason);
      await keep(reason);
      return error;
    }
  };
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof ConnectorError &&
    (error.code === 'PERMISSION_MISSING' || error.code === 'IDENTITY_REFUSED')
  );
}
